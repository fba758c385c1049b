import { BUILDER_INSTANCE_TYPES, type InstanceType } from "./aws-facts";
import type { Environment } from "./environment";

/** The instance types an environment may name: the two of the experiment and its own. */
export function knownInstanceTypes(
  environment: Pick<Environment, "otherInstanceTypes">,
): readonly InstanceType[] {
  return [...BUILDER_INSTANCE_TYPES, ...environment.otherInstanceTypes];
}

/** @throws Error when the name is none of the known ones; a validated environment's never is */
export function instanceTypeOf(
  environment: Pick<Environment, "instanceType" | "otherInstanceTypes">,
): InstanceType {
  const found = knownInstanceTypes(environment).find((type) => type.name === environment.instanceType);
  if (!found) throw new Error(`unknown instance type ${environment.instanceType}`);
  return found;
}
