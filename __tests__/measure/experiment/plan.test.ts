import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CONFIGURATIONS } from "../../../environment/configurations";
import { Estimate } from "../../../measure/experiment/estimate";
import {
  costOf,
  lanesOf,
  type PlannedBuild,
  planBuilds,
  runnerClassOf,
} from "../../../measure/experiment/plan";
import { VARIANT_LABELS } from "../../../measure/record/variant";

const configurations = fc.subarray([...CONFIGURATIONS], { minLength: 1 });
const variants = fc.subarray([...VARIANT_LABELS], { minLength: 1 });
const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const rounds = fc.integer({ min: 1, max: 12 });

const BOTH = ["original", "fast"] as const;
const HOSTED = { configuration: "hosted-default", variant: "fast" } as const;
const CUSTOM = { configuration: "custom-default", variant: "fast" } as const;

const pairOf = ({ configuration, variant }: PlannedBuild) => `${configuration} ${variant}`;

describe("the plan", () => {
  test("holds each pair of configuration and variant once in each round", () => {
    fc.assert(
      fc.property(configurations, variants, rounds, seed, (chosen, ways, count, from) => {
        const plan = planBuilds(chosen, ways, count, from);
        expect(plan).toHaveLength(count);
        const pairs = chosen.flatMap((configuration) => ways.map((variant) => `${configuration} ${variant}`));
        for (const [index, round] of plan.entries()) {
          expect(round.map(pairOf).sort()).toEqual(pairs.sort());
          expect(round.every((build) => build.round === index + 1)).toBe(true);
        }
      }),
    );
  });

  test("is the same for the same set and seed, whatever the order of words, and a longer one begins alike", () => {
    fc.assert(
      fc.property(configurations, variants, rounds, seed, (chosen, ways, count, from) => {
        const plan = planBuilds(chosen, ways, count, from);
        expect(planBuilds([...chosen].reverse(), [...ways].reverse(), count, from)).toEqual(plan);
        expect(planBuilds(chosen, ways, count + 3, from).slice(0, count)).toEqual(plan);
      }),
    );
  });

  test("differs between seeds and between rounds", () => {
    const plans = [1, 2, 3].map((from) =>
      planBuilds(CONFIGURATIONS, BOTH, 3, from).map((round) => round.map(pairOf).join()),
    );
    expect(new Set(plans.flat()).size).toBeGreaterThan(6);
  });

  test("gives one lane, or one for each runner class", () => {
    const round = planBuilds(CONFIGURATIONS, ["fast"], 1, 1)[0] ?? [];
    expect(lanesOf(round, false)).toEqual([round]);
    const lanes = lanesOf(round, true);
    expect(lanes.map((lane) => lane.map(({ configuration }) => runnerClassOf(configuration)))).toEqual([
      ["hosted", "hosted"],
      ["custom", "custom"],
    ]);
    expect(lanesOf([{ round: 1, configuration: "custom-default", variant: "fast" }], true)).toHaveLength(1);
  });
});

describe("the cost of a plan", () => {
  const plan = planBuilds(["hosted-default", "custom-default"], BOTH, 3, 1);

  test("is the sum of its builds", () => {
    expect(costOf(plan, { "hosted-default": 0.5, "custom-default": 1 })).toBeCloseTo(9);
  });

  test("is unknown when one price is", () => {
    expect(costOf(plan, { "hosted-default": 0.5 })).toBeNull();
    expect(costOf(plan, undefined)).toBeNull();
  });
});

describe("the estimate of what is left", () => {
  const plan = planBuilds(["hosted-default", "custom-default"], ["fast"], 2, 1);
  const done = new Set<PlannedBuild>();
  const current = { round: 2, ...HOSTED, attempt: 1 } as const;

  test("is unknown before the first build", () => {
    expect(new Estimate(plan, false, () => false).remaining(current, 0)).toBeNull();
  });

  test("is the rest of the current build and all later ones, each as long as its configuration takes", () => {
    for (const build of plan[0] ?? []) done.add(build);
    const estimate = new Estimate(plan, false, (build) => done.has(build));
    estimate.add(HOSTED, 100);
    expect(estimate.remaining(current, 30)).toBe(170);
    estimate.add(CUSTOM, 500);
    expect(estimate.remaining(current, 30)).toBe(570);
    expect(estimate.remaining(current, 300)).toBe(500);
  });

  test("counts the longer lane when two run at once", () => {
    for (const build of plan[0] ?? []) done.add(build);
    const estimate = new Estimate(plan, true, (build) => done.has(build));
    estimate.add(HOSTED, 100);
    estimate.add(CUSTOM, 500);
    expect(estimate.remaining(current, 30)).toBe(500);
  });

  test("takes a build's own pair first, then its variant, then all", () => {
    const estimate = new Estimate(
      planBuilds(["hosted-default", "custom-default"], BOTH, 1, 1),
      false,
      () => false,
    );
    const first = { round: 1, ...HOSTED, attempt: 1 } as const;
    estimate.add({ ...HOSTED, variant: "original" }, 300);
    // All four as long as the only one that is known.
    expect(estimate.remaining(first, 0)).toBe(1_200);
    estimate.add(HOSTED, 100);
    // custom-default is known in neither variant: 300 and 100, as hosted-default.
    expect(estimate.remaining(first, 0)).toBe(800);
    estimate.add({ ...CUSTOM, variant: "original" }, 200);
    expect(estimate.remaining(first, 40)).toBe(660);
  });
});
