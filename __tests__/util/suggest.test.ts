import { expect, it } from "vitest";
import { didYouMean } from "../../util/suggest";

const TYPES = ["c5.2xlarge", "c5n.2xlarge"];

it.each([
  ["names the nearest", "c5n.2xlage", TYPES, ' Did you mean "c5n.2xlarge"?'],
  ["ignores case", "C5.2XLARGE", TYPES, ' Did you mean "c5.2xlarge"?'],
  ["is silent when none is near", "m7g.metal-48xl", TYPES, ""],
  ["is silent without candidates", "c5", [], ""],
  ["does not compare huge words", "c".repeat(100_000), TYPES, ""],
])("%s", (_, word, candidates, expected) => {
  expect(didYouMean(word, candidates)).toBe(expected);
});
