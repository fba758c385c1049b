import { BUILDER_INSTANCE_TYPES, PRICE_REGION, PRICES, PRICES_CHECKED } from "../../environment/aws-facts";
import { CONFIGURATIONS, type Configuration, needsOf } from "../../environment/configurations";
import { nodeShare } from "../../environment/cost";
import type { SuccessRecord } from "../record/record";

/** US dollars. 1 GB is 10^9 bytes. */
export interface Prices {
  /** Hosted Linux runner; each job's minutes are rounded up. */
  readonly hostedRunnerPerMinute: number;
  readonly natPerGb: number;
  readonly interfaceEndpointPerGb: number;
  readonly ecrPerGbMonth: number;
}

/** A node that builds. */
export interface NodeType {
  readonly vcpu: number;
  readonly memoryGib: number;
  readonly usdPerHour: number;
}

/** Everything about money that the records do not hold. */
export interface CostBasis {
  readonly prices: Prices;
  /** Where and when the prices held, in words. */
  readonly source: string;
  readonly nodeType: (instanceType: string) => NodeType | undefined;
  /** What an environment costs a month while nothing is built; undefined when not known. */
  readonly fixedPerMonth: (environment: string) => number | undefined;
  /** Standard hosted runners are free for public repositories. */
  readonly hostedIsFree: boolean;
}

/** How long an image is kept: the month that ECR bills by. */
export const KEPT_DAYS = 30;
const DAYS_PER_MONTH = 365 / 12;

/** What the cost figures take for granted, for the reader. */
export const COST_ASSUMPTIONS: readonly string[] = [
  "Hosted runner: the job's minutes, each job rounded up.",
  "Node: the job's time (the build's where the job's is unknown) times the larger of the CPU and the memory share that the build is given of the node; the whole node where the limits are unknown. Nodes that stand idle are in the fixed cost too, so that break-even errs on the high side.",
  "Network: a build on the cluster downloads about its compressed image size through the NAT gateway and pushes it through the interface endpoint. A hosted build reaches both over the internet without a charge.",
  `Storage: the compressed image is kept in ECR for ${KEPT_DAYS} days and shares no layer.`,
];

/** US dollars of one build; a part is null when the records lack it. */
export interface Cost {
  readonly hosted: number | null;
  readonly node: number | null;
  readonly network: number | null;
  readonly storage: number | null;
  /** Null as soon as one part is. */
  readonly total: number | null;
}

/** Where a build spends money; a label of a local measurement spends none that is known here. */
export function costOf(record: SuccessRecord, basis: CostBasis): Cost | undefined {
  const { configuration } = record;
  if (configuration === undefined) return undefined;
  const { hostedRunner, cluster } = placesOf(configuration);
  const bytes = record.image?.compressedBytes;
  const gb = bytes === undefined ? null : bytes / 1e9;
  const parts = {
    hosted: hostedRunner ? hostedCost(record, basis) : 0,
    node: cluster ? nodeCost(record, basis) : 0,
    network: cluster
      ? gb === null
        ? null
        : gb * (basis.prices.natPerGb + basis.prices.interfaceEndpointPerGb)
      : 0,
    storage: gb === null ? null : gb * basis.prices.ecrPerGbMonth * (KEPT_DAYS / DAYS_PER_MONTH),
  };
  return { ...parts, total: sum([parts.hosted, parts.node, parts.network, parts.storage]) };
}

function placesOf(configuration: Configuration): { hostedRunner: boolean; cluster: boolean } {
  const needs = needsOf([configuration]);
  return { hostedRunner: needs.hostedRole, cluster: needs.cluster };
}

function hostedCost({ seconds }: SuccessRecord, basis: CostBasis): number | null {
  if (basis.hostedIsFree) return 0;
  return seconds.job === undefined ? null : Math.ceil(seconds.job / 60) * basis.prices.hostedRunnerPerMinute;
}

function nodeCost(record: SuccessRecord, basis: CostBasis): number | null {
  const node = basis.nodeType(record.instanceType);
  if (node === undefined) return null;
  const share = record.limits === undefined ? 1 : nodeShare(record.limits, node);
  return ((record.seconds.job ?? record.seconds.build) / 3600) * node.usdPerHour * share;
}

/** Mean of each part over the builds that have it. */
export function meanCost(records: readonly SuccessRecord[], basis: CostBasis): Cost | null {
  const costs = records.flatMap((record) => costOf(record, basis) ?? []);
  if (costs.length === 0) return null;
  const mean = (part: (cost: Cost) => number | null) => {
    const known = costs.flatMap((cost) => part(cost) ?? []);
    return known.length === 0 ? null : known.reduce((a, b) => a + b, 0) / known.length;
  };
  const parts = {
    hosted: mean((cost) => cost.hosted),
    node: mean((cost) => cost.node),
    network: mean((cost) => cost.network),
    storage: mean((cost) => cost.storage),
  };
  return { ...parts, total: sum([parts.hosted, parts.node, parts.network, parts.storage]) };
}

function sum(parts: readonly (number | null)[]): number | null {
  return parts.reduce<number | null>(
    (total, part) => (total === null || part === null ? null : total + part),
    0,
  );
}

export type BreakEven =
  | { readonly kind: "builds-a-day"; readonly builds: number; readonly savedPerBuild: number }
  /** Each build costs as much or more than on the baseline: no number of builds pays for the cluster. */
  | { readonly kind: "never"; readonly extraPerBuild: number }
  | { readonly kind: "unknown"; readonly why: string };

/**
 * From how many builds a day on the saving per build pays the fixed cost of the environment. Money only:
 * nobody's waiting is in it.
 *
 * @param fixedPerMonth US dollars; undefined when not known
 */
export function breakEven(
  baseline: Cost | null,
  group: Cost | null,
  fixedPerMonth: number | undefined,
): BreakEven {
  if (baseline === null || baseline.total === null) {
    return { kind: "unknown", why: "the baseline's cost is not known" };
  }
  if (group === null || group.total === null) return { kind: "unknown", why: "its own cost is not known" };
  const saved = baseline.total - group.total;
  if (saved <= 0) return { kind: "never", extraPerBuild: group.total - baseline.total };
  if (fixedPerMonth === undefined) return { kind: "unknown", why: "the fixed cost is not known" };
  return {
    kind: "builds-a-day",
    builds: Math.ceil(fixedPerMonth / DAYS_PER_MONTH / saved),
    savedPerBuild: saved,
  };
}

export function isConfiguration(subject: string): subject is Configuration {
  return CONFIGURATIONS.some((configuration) => configuration === subject);
}

/** The project's price list for the report. */
export function costBasis(options: Pick<CostBasis, "hostedIsFree" | "fixedPerMonth">): CostBasis {
  return {
    ...options,
    prices: PRICES,
    source: `prices of ${PRICE_REGION}, checked ${PRICES_CHECKED}${options.hostedIsFree ? ", hosted runners free (public repository)" : ""}`,
    nodeType: (name) => BUILDER_INSTANCE_TYPES.find((type) => type.name === name),
  };
}
