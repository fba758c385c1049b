import { seededRandom, shuffled } from "../record/random";
import type { Variant } from "./variant";

/** What happened before the build that is timed, and what changed since. */
export const SCENARIOS = ["cold", "unchanged", "code-change", "dependency-change", "warm"] as const;

export type Scenario = (typeof SCENARIOS)[number];

export const SCENARIO_WORDS: Readonly<Record<Scenario, string>> = {
  cold: "new builder, nothing cached anywhere",
  unchanged: "new builder, the same sources, the variant's cache in the registry",
  "code-change": "new builder, another file of code, the variant's cache in the registry",
  "dependency-change": "new builder, one package of another version, the variant's cache in the registry",
  warm: "the builder of the last build kept, another file of code, no cache from the registry",
};

/** Whether a build of the variant, its cache exported, must be in the registry first. */
export function needsSeed(scenario: Scenario): boolean {
  return scenario !== "cold";
}

/** One timed build. */
export interface BenchBuild {
  /** 1-based. */
  readonly round: number;
  readonly scenario: Scenario;
  readonly variant: Variant;
}

/**
 * Each round holds each variant in each scenario once, in an order of its own: what disturbs the machine for
 * a while then strikes no variant more than the others. A pure function of its arguments; more rounds leave
 * the earlier ones as they were.
 */
export function planBench(
  variants: readonly Variant[],
  scenarios: readonly Scenario[],
  rounds: number,
  seed: number,
): readonly BenchBuild[] {
  const random = seededRandom(seed);
  const cells = scenarios.flatMap((scenario) => variants.map((variant) => ({ scenario, variant })));
  return Array.from({ length: rounds }, (_, index) =>
    shuffled(cells, random).map((cell) => ({ round: index + 1, ...cell })),
  ).flat();
}
