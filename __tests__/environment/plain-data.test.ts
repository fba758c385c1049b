import { expect, it } from "vitest";
import { foreignIn } from "../../environment/plain-data";

it("looks once at what stands in many places", () => {
  let shared: object = { when: new Date(0) };
  // Three ways at each of 18 levels: 387 million ways in all.
  for (let level = 0; level < 18; level++) shared = { a: shared, b: shared, c: shared };
  expect(foreignIn(shared, [])).toEqual([
    { path: [...Array(18).fill("a"), "when"], message: expect.stringContaining("must be a plain object") },
  ]);
});

it("names each prop that holds the same wrong value", () => {
  const wrong = new Map();
  expect(foreignIn({ tags: wrong, nodes: wrong }, []).map(({ path }) => path)).toEqual([["tags"], ["nodes"]]);
});

it("ends at a cycle", () => {
  const cycle: Record<string, unknown> = {};
  cycle.again = cycle;
  expect(foreignIn(cycle, [])).toEqual([]);
});
