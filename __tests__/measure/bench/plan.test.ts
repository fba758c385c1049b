import fc from "fast-check";
import { expect, test } from "vitest";
import { planBench, SCENARIOS } from "../../../measure/bench/plan";
import { parseVariants } from "../../../measure/bench/variant";

const { variants } = parseVariants("original,fast,fast+link=off");
const key = ({ round, scenario, variant }: ReturnType<typeof planBench>[number]) =>
  `${round} ${scenario} ${variant.label}`;

test("builds every variant once in every scenario and round", () => {
  const plan = planBench(variants, SCENARIOS, 3, 7).map(key);
  expect(plan).toHaveLength(3 * SCENARIOS.length * variants.length);
  expect(new Set(plan).size).toBe(plan.length);
});

test("keeps rounds one after the other, and shuffles within each", () => {
  const plan = planBench(variants, SCENARIOS, 2, 7);
  expect(plan.map(({ round }) => round)).toEqual([...plan.map(({ round }) => round)].sort());
  const orderOf = (round: number) =>
    plan
      .filter((build) => build.round === round)
      .map(({ scenario, variant }) => `${scenario} ${variant.label}`);
  expect(orderOf(1)).not.toEqual(orderOf(2));
});

test("is the same for the same seed, and starts the same with more rounds", () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 5 }), (seed, rounds) => {
      const plan = planBench(variants, SCENARIOS, rounds, seed).map(key);
      expect(
        planBench(variants, SCENARIOS, rounds + 1, seed)
          .map(key)
          .slice(0, plan.length),
      ).toEqual(plan);
    }),
  );
});

test("orders by its seed", () => {
  const orders = new Set(
    [1, 2, 3, 4, 5].map((seed) => planBench(variants, SCENARIOS, 1, seed).map(key).join()),
  );
  expect(orders.size).toBe(5);
});
