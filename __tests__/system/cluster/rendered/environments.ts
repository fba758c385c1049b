import type { EnvironmentInput } from "../../../../environment/environment";
import { c5 } from "../../../../environments/c5";
import { c5n } from "../../../../environments/c5n";
import { demo, SUBSETS } from "../../../helpers/input";
import { asObject, parseJson } from "../../../helpers/json";
import { type SynthesizedStack, synthesize } from "../../../helpers/synth";
import { resourcesIn } from "./references";

export interface RenderedEnvironment {
  readonly name: string;
  readonly input: EnvironmentInput;
}

/** What somebody may deploy: both environments, every set of configurations, and every kind of builder. */
export const ENVIRONMENTS: readonly RenderedEnvironment[] = [
  { name: "c5n", input: c5n },
  { name: "c5", input: c5 },
  ...SUBSETS.map((subset) => ({ name: subset.join(", "), input: demo({ configurations: [...subset] }) })),
  { name: "autoscaled runners", input: demo({ runners: { minReplicas: 0 } }) },
  { name: "rootless builders", input: demo({ builders: { rootless: true } }) },
  { name: "warm builders", input: demo({ builders: { mode: "warm" } }) },
  { name: "warm builders, rootless", input: demo({ builders: { mode: "warm", rootless: true } }) },
  {
    name: "two warm builders of each class",
    input: demo({ builders: { mode: "warm", replicas: 2 }, nodes: { max: 8 } }),
  },
];

/** The stacks that hold Kubernetes objects, in the order in which they are deployed. */
export function kubernetesStacks(input: EnvironmentInput): SynthesizedStack[] {
  const { stacks } = synthesize(input);
  return ["platform", "runners"].flatMap((name) => stacks.get(`${input.name}-${name}`) ?? []);
}

/** How many Kubernetes objects a stack's resources are. */
export const objectCount = (stack: SynthesizedStack) =>
  [...resourcesIn(asObject(parseJson(stack.text))).keys()].filter((address) =>
    address.startsWith("kubernetes_"),
  ).length;
