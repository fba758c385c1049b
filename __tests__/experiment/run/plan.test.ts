import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CONFIGURATIONS } from "../../../config/configurations";
import { costOf } from "../../../experiment/run/cost";
import { Estimate } from "../../../experiment/run/estimate";
import { lanesOf, type PlannedBuild, planBuilds, runnerClassOf } from "../../../experiment/run/plan";
import { seededRandom, shuffled } from "../../../experiment/run/random";

const configurations = fc.subarray([...CONFIGURATIONS], { minLength: 1 });
const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const rounds = fc.integer({ min: 1, max: 12 });

describe("the plan", () => {
  test("holds each configuration once in each round", () => {
    fc.assert(
      fc.property(configurations, rounds, seed, (chosen, count, from) => {
        const plan = planBuilds(chosen, count, from);
        expect(plan).toHaveLength(count);
        for (const [index, round] of plan.entries()) {
          expect(round.map(({ configuration }) => configuration).sort()).toEqual([...chosen].sort());
          expect(round.every((build) => build.round === index + 1)).toBe(true);
        }
      }),
    );
  });

  test("is the same for the same set and seed, whatever the order of words, and a longer one begins alike", () => {
    fc.assert(
      fc.property(configurations, rounds, seed, (chosen, count, from) => {
        const plan = planBuilds(chosen, count, from);
        expect(planBuilds([...chosen].reverse(), count, from)).toEqual(plan);
        expect(planBuilds(chosen, count + 3, from).slice(0, count)).toEqual(plan);
      }),
    );
  });

  test("differs between seeds and between rounds", () => {
    const orders = Array.from({ length: 20 }, (_, from) =>
      JSON.stringify(planBuilds(CONFIGURATIONS, 3, from)),
    );
    expect(new Set(orders).size).toBeGreaterThan(15);
    const within = planBuilds(CONFIGURATIONS, 10, 1).map((round) =>
      round.map(({ configuration }) => configuration).join(),
    );
    expect(new Set(within).size).toBeGreaterThan(4);
  });

  test("puts every configuration in every place about equally often", () => {
    const places = new Map<string, number>();
    for (const round of planBuilds(CONFIGURATIONS, 4_000, 42)) {
      for (const [place, { configuration }] of round.entries()) {
        const key = `${place} ${configuration}`;
        places.set(key, (places.get(key) ?? 0) + 1);
      }
    }
    expect(places.size).toBe(16);
    // 4000 rounds, 1000 expected; the standard deviation is 27.
    for (const count of places.values()) expect(Math.abs(count - 1_000)).toBeLessThan(135);
  });

  test("gives one lane, or one for each runner class", () => {
    const round = planBuilds(CONFIGURATIONS, 1, 1)[0] ?? [];
    expect(lanesOf(round, false)).toEqual([round]);
    const lanes = lanesOf(round, true);
    expect(lanes.map((lane) => lane.map(({ configuration }) => runnerClassOf(configuration)))).toEqual([
      ["hosted", "hosted"],
      ["custom", "custom"],
    ]);
    expect(lanesOf([{ round: 1, configuration: "custom-default" }], true)).toHaveLength(1);
  });
});

describe("the generator", () => {
  test("is mulberry32: its first numbers from seed 1", () => {
    const random = seededRandom(1);
    // The well-known JavaScript version gives 0.6270739405881613, 0.002735721180215478, 0.5274470399599522.
    expect([random(), random(), random()].map((number) => number * 2 ** 32)).toEqual([
      2_693_262_067, 11_749_833, 2_265_367_787,
    ]);
  });

  test("shuffles without loss, and leaves its input alone", () => {
    const items = [1, 2, 3, 4, 5];
    expect(shuffled(items, seededRandom(3)).sort()).toEqual([1, 2, 3, 4, 5]);
    expect(items).toEqual([1, 2, 3, 4, 5]);
  });
});

describe("the cost of a plan", () => {
  const plan = planBuilds(["hosted-default", "custom-default"], 3, 1);

  test("is the sum of its builds", () => {
    expect(costOf(plan, { "hosted-default": 0.5, "custom-default": 1 })).toBeCloseTo(4.5);
  });

  test("is unknown when one price is", () => {
    expect(costOf(plan, { "hosted-default": 0.5 })).toBeNull();
    expect(costOf(plan, undefined)).toBeNull();
  });
});

describe("the estimate of what is left", () => {
  const plan = planBuilds(["hosted-default", "custom-default"], 2, 1);
  const done = new Set<PlannedBuild>();
  const current = { round: 2, configuration: "hosted-default", attempt: 1 } as const;

  test("is unknown before the first build", () => {
    expect(new Estimate(plan, false, () => false).remaining(current, 0)).toBeNull();
  });

  test("is the rest of the current build and all later ones, each as long as its configuration takes", () => {
    for (const build of plan[0] ?? []) done.add(build);
    const estimate = new Estimate(plan, false, (build) => done.has(build));
    estimate.add("hosted-default", 100);
    expect(estimate.remaining(current, 30)).toBe(170);
    estimate.add("custom-default", 500);
    expect(estimate.remaining(current, 30)).toBe(570);
    expect(estimate.remaining(current, 300)).toBe(500);
  });

  test("counts the longer lane when two run at once", () => {
    for (const build of plan[0] ?? []) done.add(build);
    const estimate = new Estimate(plan, true, (build) => done.has(build));
    estimate.add("hosted-default", 100);
    estimate.add("custom-default", 500);
    expect(estimate.remaining(current, 30)).toBe(500);
  });
});
