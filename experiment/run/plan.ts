import { CONFIGURATIONS, type Configuration } from "../../config/configurations";
import { seededRandom, shuffled } from "./random";

/** One build that has to succeed once. */
export interface PlannedBuild {
  /** 1-based. */
  readonly round: number;
  readonly configuration: Configuration;
}

/** The order within each round; index 0 is round 1. */
export type Plan = readonly (readonly PlannedBuild[])[];

/** Builds of two classes share no machine. */
export type RunnerClass = "hosted" | "custom";

export function runnerClassOf(configuration: Configuration): RunnerClass {
  return configuration.startsWith("hosted-") ? "hosted" : "custom";
}

/**
 * Each round holds each configuration once, in an order of its own: a slow hour of the registry or of the
 * network then strikes no configuration more than the others. A pure function of the set of configurations,
 * the number of rounds and the seed; more rounds leave the earlier ones as they were.
 */
export function planBuilds(configurations: readonly Configuration[], rounds: number, seed: number): Plan {
  const chosen = CONFIGURATIONS.filter((configuration) => configurations.includes(configuration));
  const random = seededRandom(seed);
  return Array.from({ length: rounds }, (_, index) =>
    shuffled(chosen, random).map((configuration) => ({ round: index + 1, configuration })),
  );
}

/** The builds of one round that may follow each other without a look at the rest: one lane, or one per class. */
export function lanesOf(round: readonly PlannedBuild[], parallel: boolean): PlannedBuild[][] {
  if (!parallel) return [[...round]];
  const lanes: PlannedBuild[][] = (["hosted", "custom"] as const).map((runnerClass) =>
    round.filter(({ configuration }) => runnerClassOf(configuration) === runnerClass),
  );
  return lanes.filter((lane) => lane.length > 0);
}
