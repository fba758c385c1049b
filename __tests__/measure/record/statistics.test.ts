import { describe, expect, it } from "vitest";
import { randomIndex } from "../../../measure/record/random";
import {
  Bootstrap,
  bootstrapMedians,
  describe as describeValues,
  lessTimeOf,
  median,
  quantile,
  RESAMPLES,
  resamplesFor,
} from "../../../measure/record/statistics";

const group = (values: readonly number[], name = "g") => ({ name, values });

describe("order statistics", () => {
  it("are those computed by hand", () => {
    // Sorted 1 2 3 4 10: quartiles at positions 1 and 3.
    expect(describeValues([3, 1, 10, 2, 4])).toEqual({ n: 5, median: 3, q1: 2, q3: 4, min: 1, max: 10 });
    // Sorted 1 2 3 4: positions 0.75, 1.5 and 2.25.
    expect(describeValues([4, 3, 2, 1])).toEqual({ n: 4, median: 2.5, q1: 1.75, q3: 3.25, min: 1, max: 4 });
  });

  it("give a single run no spread", () => {
    expect(describeValues([7])).toEqual({ n: 1, median: 7, q1: null, q3: null, min: 7, max: 7 });
  });

  it("of nothing are nothing", () => {
    expect(describeValues([])).toBeUndefined();
    expect(() => median([])).toThrow(RangeError);
  });

  it("sort by number and not by text", () => {
    expect(median([9, 10, 100])).toBe(10);
  });

  it("interpolate between neighbours", () => {
    expect(quantile([10, 20], 0.25)).toBe(12.5);
    expect(quantile([10, 20], 1)).toBe(20);
  });
});

describe("a speed-up", () => {
  it("of 9m16s to 7m17s is 1.27 times as fast and 21 % less time, not 28 %", () => {
    const speedUp = new Bootstrap(1).compare(group([556], "a"), group([437], "b"));
    expect(speedUp.timesAsFast).toBeCloseTo(1.2723, 4);
    expect(speedUp.lessTime).toBeCloseTo(0.214, 3);
    expect(speedUp).toMatchObject({ verdict: "one-run", low: null, high: null, n: [1, 1] });
  });

  it("is said in time: half the time is twice as fast, 25 % more time is 0.8 times as fast", () => {
    expect(lessTimeOf(2)).toBe(0.5);
    expect(lessTimeOf(0.8)).toBeCloseTo(-0.25, 12);
    expect(lessTimeOf(1)).toBe(0);
  });

  it("shows no difference where the interval holds 1", () => {
    const speedUp = new Bootstrap(1).compare(group([100, 110, 120, 90], "a"), group([95, 105, 115, 99], "b"));
    expect(speedUp.verdict).toBe("no-difference-shown");
    expect(speedUp.low).toBeLessThanOrEqual(1);
    expect(speedUp.high).toBeGreaterThanOrEqual(1);
  });

  it("of equal constant times shows no difference", () => {
    const speedUp = new Bootstrap(1).compare(group([5, 5, 5], "a"), group([5, 5, 5], "b"));
    expect(speedUp).toMatchObject({ verdict: "no-difference-shown", timesAsFast: 1, low: 1, high: 1 });
  });

  it("is faster or slower where the interval lies on one side of 1", () => {
    const slow = group([200, 201, 202, 203, 204], "slow");
    const fast = group([100, 101, 102, 103, 104], "fast");
    expect(new Bootstrap(1).compare(slow, fast).verdict).toBe("faster");
    expect(new Bootstrap(1).compare(fast, slow).verdict).toBe("slower");
  });

  it("needs two runs on each side for an interval", () => {
    expect(new Bootstrap(1).compare(group([2, 2, 3], "a"), group([1], "b")).verdict).toBe("one-run");
    expect(new Bootstrap(1).compare(group([2], "a"), group([1, 2], "b")).verdict).toBe("one-run");
  });

  it.each([
    [[], [1]],
    [[1], []],
    [
      [0, 1],
      [1, 2],
    ],
    [[1, 2], [0]],
  ])("of %o and %o is not comparable", (a, b) => {
    expect(new Bootstrap(1).compare(group(a, "a"), group(b, "b"))).toMatchObject({
      verdict: "not-comparable",
      timesAsFast: null,
      lessTime: null,
    });
  });

  it("has an interval that depends on the seed and the group alone", () => {
    // Even numbers of uneven times: averages of two make many different medians.
    const a = group([100, 121, 93, 130.5, 95.1, 117], "a");
    const b = group([80, 71.3, 85, 99.9, 75, 88], "b");
    const alone = new Bootstrap(7).compare(a, b);
    const after = new Bootstrap(7);
    after.compare(a, group([1, 2, 3], "c"));
    expect(after.compare(a, b)).toEqual(alone);
    expect(new Bootstrap(8).compare(a, b)).not.toEqual(alone);
  });
});

describe("the bootstrap", () => {
  it("takes medians of draws with replacement", () => {
    // Draws by rank: 0 0 2, then 1 2 2, then 1 0 2.
    const draws = [0, 0, 2, 1, 2, 2, 1, 0, 2];
    const medians = bootstrapMedians([30, 10, 20], 3, () => draws.shift() ?? 0);
    expect([...medians]).toEqual([10, 30, 20]);
  });

  it("averages the two middle draws of an even number", () => {
    // Ranks 0 0 1 3: the middle ones are 0 and 1. Ranks 3 3 3 3: both are 3.
    const draws = [3, 0, 1, 0, 3, 3, 3, 3];
    expect([...bootstrapMedians([1, 2, 4, 8], 2, () => draws.shift() ?? 0)]).toEqual([1.5, 8]);
  });

  it("finds the known distribution for three values", () => {
    // P(median of 3 draws is the smallest) = P(at least two of three) = 7/27, and so for the largest.
    const medians = bootstrapMedians([1, 2, 3], 20_000, randomIndex(1, "x"));
    const share = (value: number) => medians.filter((m) => m === value).length / medians.length;
    expect(share(1)).toBeCloseTo(7 / 27, 1.7);
    expect(share(2)).toBeCloseTo(13 / 27, 1.7);
    expect(share(3)).toBeCloseTo(7 / 27, 1.7);
  });

  it("draws less often from a very large group, but never too seldom", () => {
    expect(resamplesFor(5)).toBe(RESAMPLES);
    expect(resamplesFor(1000)).toBe(RESAMPLES);
    expect(resamplesFor(2000)).toBe(1000);
    expect(resamplesFor(10_000_000)).toBe(500);
  });

  it("covers the true ratio about as often as it says", () => {
    // 200 invented experiments of 15 uniform times each; both groups have the same distribution.
    const random = randomIndex(42, "experiments");
    const sample = () => Array.from({ length: 15 }, () => 100 + random(1000) / 10);
    const held = Array.from({ length: 200 }, (_, i) =>
      new Bootstrap(i).compare(group(sample(), "a"), group(sample(), "b")),
    ).filter(({ verdict }) => verdict === "no-difference-shown").length;
    expect(held / 200).toBeGreaterThan(0.88);
  });
});
