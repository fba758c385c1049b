import { show } from "../util/invalid-input";

/**
 * Every name that the stacks give to something in AWS, from the environment's name alone. Two environments differ in
 * name, so they never collide in an account and region.
 */
export const PROJECT = "buildx";

/** The namespace of builders and runners, the same in every cluster. */
export const BUILD_NAMESPACE = "buildx";
/** The namespace of actions-runner-controller. */
export const CONTROLLER_NAMESPACE = "actions-runner-system";
/** The service account of runner pods: Pod Identity and the builder rights are bound to it. */
export const RUNNER_SERVICE_ACCOUNT = "runner";
/** The Kubernetes group of the role that hosted jobs assume. */
export const HOSTED_GROUP = "buildx:hosted-jobs";
/** Image tags that builds overwrite: exempt from immutability and from the expiry of old images. */
export const CACHE_TAG_PREFIX = "cache-";

/** The label and taint of the nodes that build. */
export const BUILDERS_LABEL = { key: "buildx-on-eks/node-group", value: "builders" } as const;

/** The longest names that AWS takes, in characters. */
const LIMITS = {
  "an ECR repository": 256,
  "an IAM role": 64,
  "an EKS cluster": 100,
  "an EKS node group": 63,
  "a launch template": 128,
  "a KMS alias": 256,
} as const;

interface Name {
  readonly value: string;
  readonly kind: keyof typeof LIMITS;
}

/** Names of one environment, each with what it names. */
export function namesOf(environment: string) {
  const prefix = `${PROJECT}-${environment}`;
  const name = (suffix: string, kind: Name["kind"]): Name => ({ value: `${prefix}${suffix}`, kind });
  return {
    cluster: name("", "an EKS cluster"),
    clusterRole: name("-cluster", "an IAM role"),
    nodeRole: name("-node", "an IAM role"),
    vpcCniRole: name("-vpc-cni", "an IAM role"),
    ebsCsiRole: name("-ebs-csi", "an IAM role"),
    flowLogRole: name("-flow-logs", "an IAM role"),
    hostedRole: name("-hosted-jobs", "an IAM role"),
    runnerRole: name("-runner", "an IAM role"),
    systemNodes: name("-system", "an EKS node group"),
    builderNodes: name("-builders", "an EKS node group"),
    systemTemplate: name("-system", "a launch template"),
    builderTemplate: name("-builders", "a launch template"),
    secretsKey: { value: `alias/${prefix}-secrets`, kind: "a KMS alias" },
    imagesKey: { value: `alias/${prefix}-images`, kind: "a KMS alias" },
  } as const satisfies Record<string, Name>;
}

/** The name that AWS would refuse for its length by the most characters, in words; undefined where none is too long. */
export function longestName(environment: string, images: readonly string[]): string | undefined {
  const repositories = images.map(
    (image): Name => ({ value: repositoryName(environment, image), kind: "an ECR repository" }),
  );
  const [worst] = [...Object.values<Name>(namesOf(environment)), ...repositories]
    .map((name) => ({ ...name, excess: name.value.length - LIMITS[name.kind] }))
    .sort((a, b) => b.excess - a.excess);
  if (!worst || worst.excess <= 0) return undefined;
  return `${worst.kind} may have ${LIMITS[worst.kind]} characters, and ${show(worst.value)} has ${worst.value.length}`;
}

/** An ECR repository's name: the environment is its namespace. */
export function repositoryName(environment: string, image: string): string {
  return `${environment}/${image}`;
}

/**
 * All labels of an environment's runners. The last one is the environment's own: two environments may serve one
 * repository, and a job must not land on the other's instance type.
 */
export function runnerLabels(environment: string, labels: readonly string[]): string[] {
  return [...labels, `${PROJECT}-${environment}`];
}
