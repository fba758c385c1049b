import { expect, test } from "vitest";
import { diskProblem, neededBytes } from "../../bench/disk";
import { bestLimit, type Limit, limitOf } from "../../bench/limit";

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

test("asks for more disk with more variants, seeds and kept builders", () => {
  const cold = neededBytes(1e9, 0.3e9, 2, ["cold"]);
  const seeded = neededBytes(1e9, 0.3e9, 2, ["cold", "unchanged"]);
  const warm = neededBytes(1e9, 0.3e9, 2, ["cold", "warm"]);
  expect(seeded - cold).toBe(3e9);
  expect(warm - seeded).toBe(8e9);
  expect(neededBytes(1e9, 0.3e9, 3, ["cold"])).toBe(cold);
});

test("says what is missing on the disk, and nothing when there is room", () => {
  expect(diskProblem("/var/bench", 10e9, 10e9)).toBeUndefined();
  expect(diskProblem("/var/bench", 10e9, 9.5e9)).toBe(
    "/var/bench needs 10.00 GB of disk, and 9.50 GB are free. Use a smaller --size, fewer --variants or another --work-dir",
  );
});
