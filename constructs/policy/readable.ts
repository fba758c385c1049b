import { unreadablePolicies } from "./iam";
import { isUnreadable, kubernetesObjectsOf } from "./kubernetes-objects";
import type { PolicyRule } from "./rule";

const readable: PolicyRule = {
  id: "policy/readable",
  demands:
    "What the other rules look at is known before it is applied: IAM policies, Kubernetes manifests, chart values; no Terraform module is used.",
  check: (resource) => [
    ...unreadablePolicies(resource).map(({ path, why }) => ({
      what: `${path} cannot be read here: ${why}`,
      fix: "Write the policy with policyDocument()",
    })),
    ...kubernetesObjectsOf(resource)
      .filter(isUnreadable)
      .map(({ unreadable }) => ({
        what: `${unreadable} cannot be read here`,
        fix: "Give it as an object or as YAML, not as an expression",
      })),
    ...(resource.type === "module"
      ? [{ what: `uses the module ${resource.body.source}`, fix: "Write its resources as constructs" }]
      : []),
  ],
};

export const READABLE_RULES: readonly PolicyRule[] = [readable];
