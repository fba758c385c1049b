import { seededRandom, shuffled } from "../record/random";
import type { Scenario } from "./scenario";
import type { Variant } from "./variant";

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
