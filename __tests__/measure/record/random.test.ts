import { describe, expect, it } from "vitest";
import { randomIndex, seededRandom, shuffled } from "../../../measure/record/random";

const firstThree = (seed: number, stream?: string) => {
  const random = seededRandom(seed, stream);
  return [random(), random(), random()].map((number) => number * 2 ** 32);
};

describe("the generator", () => {
  // Computed apart from this program, in plain integers, from PractRand's sfc32 and the FNV-1a of the stream.
  it.each([
    [1, "plan", [1_070_181_475, 1_413_197_855, 2_810_269_753]],
    [1, undefined, [3_937_399_870, 179_988_375, 1_623_231_743]],
    [2 ** 32 + 1, "plan", [932_956_854, 210_293_613, 2_836_727_956]],
  ])("is sfc32: its first numbers from seed %d and stream %s", (seed, stream, numbers) => {
    expect(firstThree(seed, stream)).toEqual(numbers);
  });

  it("repeats itself for one seed and stream, and differs for others", () => {
    expect(firstThree(1, "a")).toEqual(firstThree(1, "a"));
    expect(firstThree(1, "a")).not.toEqual(firstThree(2, "a"));
    expect(firstThree(1, "a")).not.toEqual(firstThree(1, "b"));
  });

  it("is uniform below its bound", () => {
    const random = randomIndex(3, "uniform");
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) {
      const index = random(10);
      counts[index] = (counts[index] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400);
  });

  it("shuffles without loss, and leaves its input alone", () => {
    const items = [1, 2, 3, 4, 5];
    expect(shuffled(items, seededRandom(3)).sort()).toEqual([1, 2, 3, 4, 5]);
    expect(items).toEqual([1, 2, 3, 4, 5]);
  });
});
