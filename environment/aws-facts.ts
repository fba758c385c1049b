import facts from "./aws-facts.json";

/** An EC2 instance type as the capacity and cost rules see it. */
export interface InstanceType {
  readonly name: string;
  readonly vcpu: number;
  readonly memoryGib: number;
  /** Pods a node may hold with the VPC CNI: ENIs x (addresses per ENI - 1) + 2. */
  readonly maxPods: number;
  /** On demand, Linux, in US dollars. */
  readonly usdPerHour: number;
}

export type Prices = typeof facts.prices;

/** Prices in US dollars, as of {@link PRICES_CHECKED} in {@link PRICE_REGION}. */
export const PRICES: Prices = facts.prices;
export const PRICES_CHECKED = facts.checked;
export const PRICE_REGION = facts.priceRegion;

/** Runs CoreDNS, the EBS CSI controller and actions-runner-controller, never a build. */
export const SYSTEM_INSTANCE_TYPE: InstanceType = { name: "t3.medium", ...facts.instanceTypes["t3.medium"] };

/** The instance types that the experiment compares. */
export const BUILDER_INSTANCE_TYPES: readonly InstanceType[] = (["c5.2xlarge", "c5n.2xlarge"] as const).map(
  (name) => ({ name, ...facts.instanceTypes[name] }),
);

/** Kubernetes minor versions in standard support ($0.10 an hour; extended support costs $0.60). */
export const KUBERNETES_VERSIONS: readonly string[] = facts.kubernetesVersions;

/** Zone letters of a region in which an EKS control plane can have subnets. */
export const REGION_ZONES: ReadonlyMap<string, readonly string[]> = new Map(Object.entries(facts.regions));
