import { describe, expect, it } from "vitest";
import { didYouMean } from "../../util/suggest";

const TYPES = ["c5.2xlarge", "c5n.2xlarge"];

describe("didYouMean", () => {
  it("names the nearest candidate", () => {
    expect(didYouMean("c5n.2xlage", TYPES)).toBe(' Did you mean "c5n.2xlarge"?');
  });

  it("ignores case", () => {
    expect(didYouMean("C5.2XLARGE", TYPES)).toBe(' Did you mean "c5.2xlarge"?');
  });

  it("says nothing about a word that is near to none", () => {
    expect(didYouMean("m7g.metal-48xl", TYPES)).toBe("");
  });

  it("says nothing without candidates", () => {
    expect(didYouMean("c5", [])).toBe("");
  });

  it("does not compare huge words", () => {
    expect(didYouMean("c".repeat(100_000), TYPES)).toBe("");
  });
});
