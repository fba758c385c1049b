import { describe, expect, test } from "vitest";
import { diskProblem, neededBytes } from "../../../measure/bench/disk";
import { bestLimit, type Limit, limitOf } from "../../../measure/bench/limit";
import type { Scenario } from "../../../measure/bench/plan";
import { PRESETS, type Settings } from "../../../measure/bench/variant";

const limit = (level: number, read: number, compress: number, send: number): Limit => ({
  ...{ read, compress, send, ...limitOf({ read, compress, send }) },
  ...{ bytes: 1000, compressedBytes: 300, level },
});

test("adds the steps that follow each other, and takes the longest of those that overlap", () => {
  expect(limitOf({ read: 1, compress: 3, send: 2 })).toEqual({ seconds: 6, overlapped: 3 });
});

test("takes the faster level: the fast link's and the slow link's differ", () => {
  expect(bestLimit([limit(1, 1, 3, 2), limit(3, 1, 5, 1.5)])?.level).toBe(1);
  expect(bestLimit([limit(1, 1, 3, 20), limit(3, 1, 5, 15)])?.level).toBe(3);
  expect(bestLimit([])).toBeUndefined();
});

describe("the disk that a bench needs", () => {
  const BOTH = [PRESETS.original, PRESETS.fast];
  const needed = (variants: readonly Settings[], scenarios: readonly Scenario[]) =>
    neededBytes(1e9, 0.3e9, variants, scenarios);

  test("holds the wheels and, in sizes of the image, one builder, what it pushed, the check and the limit", () => {
    // Files and layers of the builder; the image; its blobs and files; the archive.
    expect(needed([PRESETS.original], ["cold"])).toBeCloseTo(0.3e9 + 1e9 + (1.6 + 0.6 + 1.6 + 1) * 1e9, -2);
  });

  test("is that of the largest variant for cold builds, however many there are", () => {
    const linked = { ...PRESETS.fast, link: "on", cache: "registry" } as const;
    expect(needed([...BOTH, linked], ["cold"])).toBe(needed([linked], ["cold"]));
    expect(needed([linked], ["cold"])).toBeGreaterThan(needed(BOTH, ["cold"]));
  });

  test("grows with every variant whose cache is kept, and more where builders are", () => {
    const cold = needed(BOTH, ["cold"]);
    const seeded = needed(BOTH, ["cold", "unchanged"]);
    expect(seeded - cold).toBeCloseTo(2 * 0.6e9);
    expect(needed(BOTH, ["cold", "warm"]) - seeded).toBeCloseTo((1.6 + 2.1) * 1e9);
  });

  test("is more for layers that are not compressed", () => {
    const uncompressed = { ...PRESETS.original, compression: "uncompressed" } as const;
    expect(needed([uncompressed], ["cold"])).toBeGreaterThan(needed([PRESETS.original], ["cold"]));
  });
});

test("says what is missing on the disk, and nothing when there is room", () => {
  expect(diskProblem("/var/bench", 10e9, 10e9)).toBeUndefined();
  expect(diskProblem("/var/bench", 10e9, 9.5e9)).toBe(
    "/var/bench needs 10.00 GB of disk, and 9.50 GB are free. Use a smaller --size, fewer --variants or another --work-dir",
  );
});
