import { PodDisruptionBudgetV1 } from "@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1";
import { Construct } from "constructs";
import { distinct, validate } from "./validation";
import { WARM_LABEL, WarmBuilder, type WarmBuilderProps } from "./warm-builder";

export interface WarmBuildersProps extends Omit<WarmBuilderProps, "name" | "after"> {
  /** Names of the builders, each with a volume of its own. */
  readonly names: readonly string[];
}

/** Several warm builders. A drain and a deploy take one at a time, and each ends its builds first. */
export class WarmBuilders extends Construct {
  constructor(scope: Construct, id: string, { names, ...shared }: WarmBuildersProps) {
    super(scope, id);
    validate(this, distinct(1, "names", names));
    new PodDisruptionBudgetV1(this, "disruption-budget", {
      metadata: { name: "warm-builders", namespace: shared.namespace.namespaceName },
      spec: { maxUnavailable: "1", selector: { matchLabels: { [WARM_LABEL.key]: WARM_LABEL.value } } },
    });
    let after: WarmBuilder | undefined;
    for (const name of names) after = new WarmBuilder(this, name, { name, after, ...shared });
  }
}
