import { CONFIGURATIONS, type Configuration } from "../../environment/configurations";
import { seededRandom, shuffled } from "../record/random";
import { VARIANT_LABELS, type VariantLabel } from "../record/variant";

/** One build that has to succeed once. */
export interface PlannedBuild {
  /** 1-based. */
  readonly round: number;
  readonly configuration: Configuration;
  readonly variant: VariantLabel;
}

export function sameBuild(a: PlannedBuild, b: PlannedBuild): boolean {
  return a.round === b.round && a.configuration === b.configuration && a.variant === b.variant;
}

/** The order within each round; index 0 is round 1. */
export type Plan = readonly (readonly PlannedBuild[])[];

/** Builds of two classes share no machine. */
export type RunnerClass = "hosted" | "custom";

export function runnerClassOf(configuration: Configuration): RunnerClass {
  return configuration.startsWith("hosted-") ? "hosted" : "custom";
}

/**
 * Each round holds each pair of configuration and variant once, in an order of its own: a slow hour of the
 * registry or of the network then strikes no pair more than the others. A pure function of the two sets, the
 * number of rounds and the seed; more rounds leave the earlier ones as they were.
 */
export function planBuilds(
  configurations: readonly Configuration[],
  variants: readonly VariantLabel[],
  rounds: number,
  seed: number,
): Plan {
  const pairs = CONFIGURATIONS.filter((configuration) => configurations.includes(configuration)).flatMap(
    (configuration) =>
      VARIANT_LABELS.filter((variant) => variants.includes(variant)).map((variant) => ({
        configuration,
        variant,
      })),
  );
  const random = seededRandom(seed, "plan");
  return Array.from({ length: rounds }, (_, index) =>
    shuffled(pairs, random).map((pair) => ({ round: index + 1, ...pair })),
  );
}

/** The builds of one round that may follow each other without waiting for the rest: one lane, or one per class. */
export function lanesOf(round: readonly PlannedBuild[], parallel: boolean): PlannedBuild[][] {
  if (!parallel) return [[...round]];
  const lanes: PlannedBuild[][] = (["hosted", "custom"] as const).map((runnerClass) =>
    round.filter(({ configuration }) => runnerClassOf(configuration) === runnerClass),
  );
  return lanes.filter((lane) => lane.length > 0);
}

/**
 * US dollars of a plan, each build as slow as the slowest way and successful at once; null when one of its
 * configurations has no price.
 */
export function costOf(
  plan: Plan,
  prices: Readonly<Partial<Record<Configuration, number>>> | undefined,
): number | null {
  let total = 0;
  for (const { configuration } of plan.flat()) {
    const price = prices?.[configuration];
    if (price === undefined) return null;
    total += price;
  }
  return total;
}
