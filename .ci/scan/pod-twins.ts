import type { Values } from "../../constructs/policy/values";
import { valuesOf } from "./hcl";

/** checkov's checks of pods look into Deployments and Pods, and pass over StatefulSets: one of each name is a twin. */
const TWINS: Readonly<Record<string, string>> = {
  kubernetes_stateful_set: "kubernetes_deployment",
  kubernetes_stateful_set_v1: "kubernetes_deployment_v1",
};

/** The stack with a Deployment beside each StatefulSet: it has the same pods. */
export function withPodTwins(stack: Values): Values {
  const resources = valuesOf(stack.resource);
  const twins = Object.entries(TWINS).flatMap(([type, twin]) =>
    resources[type] === undefined
      ? []
      : [[twin, { ...valuesOf(resources[type]), ...valuesOf(resources[twin]) }]],
  );
  return { ...stack, resource: { ...resources, ...Object.fromEntries(twins) } };
}

/** Address of what a finding is about: of the StatefulSet, where its twin was looked at. */
export function twinned(address: string, known: ReadonlyMap<string, unknown>): string {
  if (known.has(address)) return address;
  const [type = "", id] = address.split(".");
  const original = Object.entries(TWINS).find(([, twin]) => twin === type)?.[0];
  return original === undefined ? address : `${original}.${id}`;
}
