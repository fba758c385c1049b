import type { TerraformElement } from "cdktf";
import type { IConstruct } from "constructs";

/** A finding that stays, and why. */
export interface SecurityException {
  /** Ids of the checks that find it: checkov's, such as CKV_AWS_39, or the project's own, such as policy/privileged. */
  readonly checks: readonly [string, ...string[]];
  readonly reason: string;
}

/** Every finding that stays, each with its reason. A resource names the entries that cover it through `except`. */
export const SECURITY_EXCEPTIONS = {
  "aws-managed-image-key": {
    checks: ["CKV_AWS_136"],
    reason:
      'Images are encrypted with a key that AWS manages. One of the environment\'s own costs $1 a month and keeps out nobody who may pull; `images.encryption: "KMS"` makes it.',
  },
  "aws-managed-log-key": {
    checks: ["CKV_AWS_158"],
    reason:
      "CloudWatch encrypts every log group with a key of its own. Another costs $1 a month and keeps out nobody who may read the logs, which hold no secrets.",
  },
  "builder-image-version": {
    checks: ["CKV_K8S_15", "CKV_K8S_43"],
    reason:
      "The tag is one exact release of BuildKit, which is what builds are compared by. The image is public, so pulling it again checks no right, and a builder that starts again would wait for Docker Hub's rate limit.",
  },
  "builder-root-file-system": {
    checks: ["CKV_K8S_22"],
    reason:
      "buildkitd writes its socket and the mounts of running steps to its root file system, which goes with the pod. What lasts is on the volume.",
  },
  "connected-network": {
    checks: ["policy/public-ingress"],
    reason:
      "The private endpoint of the Kubernetes API has no public address: only networks connected to the VPC reach it, whatever addresses they use.",
  },
  "control-plane-log-types": {
    checks: ["CKV_AWS_37"],
    reason:
      "Who asked for what is in the audit, api and authenticator logs. Those of the scheduler and the controller manager name no caller, and cost $0.50 for each GB.",
  },
  "default-key-policy": {
    checks: ["CKV2_AWS_64"],
    reason:
      "The policy that KMS gives a key leaves the decision to the account's IAM policies, and those here name the key. One written out would say the same, or lock the account out of its own key.",
  },
  "docker-sidecar": {
    checks: ["policy/privileged"],
    reason:
      "custom-default builds in the Docker daemon beside its runner, and a Docker daemon is privileged. Other runners have none.",
  },
  "flow-log-streams": {
    checks: ["policy/iam-wildcard-resource"],
    reason: "The streams of one log group, which flow logs make and name themselves.",
  },
  "flow-logs-optional": {
    checks: ["CKV2_AWS_11"],
    reason:
      "`flowLogs: true` makes them. They cost $0.50 for each GB, in an environment that mostly lives for days.",
  },
  "moving-runner-image": {
    checks: ["policy/image-version"],
    reason:
      "GitHub gives jobs only to runners updated within 30 days of a release: a pinned image stops working by itself.",
  },
  "mutable-cache-tags": {
    checks: ["CKV_AWS_51"],
    reason:
      "Only tags that begin with `cache-` can be overwritten: a build cache is pushed again under its own tag. checkov does not know IMMUTABLE_WITH_EXCLUSION.",
  },
  "mutable-image-tags": {
    checks: ["CKV_AWS_51"],
    reason: "The environment asks for it with `images.immutableTags: false`.",
  },
  "nat-address": {
    checks: ["policy/public-address"],
    reason: "A NAT gateway's way out: it lets in nothing but answers.",
  },
  "privileged-builder": {
    checks: ["CKV_K8S_16", "CKV_K8S_28", "policy/privileged"],
    reason:
      "BuildKit mounts file systems and starts containers. `builders.rootless` does without privileges, at the price of slower unpacking.",
  },
  "privileged-builds": {
    checks: ["policy/pod-security"],
    reason:
      "BuildKit and the runners' Docker sidecar break the baseline, and the namespace holds nothing but builds. What breaks it is still audited and warned about.",
  },
  "public-api-endpoint": {
    checks: ["CKV_AWS_38", "CKV_AWS_39", "policy/public-endpoint"],
    reason:
      "hosted-kubernetes reaches the Kubernetes API from GitHub's machines, which have too many addresses to list; `apiEndpoint.publicAccessCidrs` narrows it where they are known. The API still asks for an IAM identity.",
  },
  "rootless-builder": {
    checks: ["policy/pod-baseline"],
    reason:
      "BuildKit without privileges makes user namespaces and mounts inside of them, which the default seccomp profile forbids.",
  },
  "rootless-builder-capabilities": {
    checks: ["CKV_K8S_37"],
    reason:
      "newuidmap, which gives a build's user namespace its users, needs the capabilities to set them. NET_RAW is dropped.",
  },
  "short-log-retention": {
    checks: ["CKV_AWS_338"],
    reason: "An experiment is over in days. `logRetentionDays: 365` keeps its logs for a year.",
  },
} as const satisfies Record<string, SecurityException>;

export type SecurityExceptionName = keyof typeof SECURITY_EXCEPTIONS;

const METADATA = "security-exception";

/** An exception and the resource that names it. */
export interface PlacedException extends SecurityException {
  readonly name: SecurityExceptionName;
  readonly resource: IConstruct;
}

/** Lets findings about a resource stay, each for the reason that its entry gives. */
export function except(resource: TerraformElement, ...names: readonly SecurityExceptionName[]): void {
  for (const name of names) resource.node.addMetadata(METADATA, name);
}

/** Exceptions that one construct names, without those of its children. */
export function exceptionsAt(resource: IConstruct): PlacedException[] {
  return resource.node.metadata
    .filter(({ type }) => type === METADATA)
    .map(({ data }) => {
      const name = data as SecurityExceptionName;
      return { name, resource, ...(SECURITY_EXCEPTIONS[name] as SecurityException) };
    });
}

/** Exceptions of a construct and of everything in it. */
export function exceptionsWithin(root: IConstruct): PlacedException[] {
  return root.node.findAll().flatMap(exceptionsAt);
}
