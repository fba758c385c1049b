import { ENCRYPTION_RULES } from "./encryption";
import { IAM_RULES } from "./iam";
import { IMAGE_RULES } from "./images";
import { INGRESS_RULES } from "./ingress";
import { METADATA_RULES } from "./instance-metadata";
import { POD_RULES } from "./pods";
import { READABLE_RULES } from "./readable";
import type { PolicyRule } from "./rule";

/** Everything that the rendered stacks are held to. */
export const POLICY_RULES: readonly PolicyRule[] = [
  ...IAM_RULES,
  ...INGRESS_RULES,
  ...ENCRYPTION_RULES,
  ...METADATA_RULES,
  ...POD_RULES,
  ...IMAGE_RULES,
  ...READABLE_RULES,
];

export { Policy } from "./policy";
export type { Finding, PolicyRule } from "./rule";
