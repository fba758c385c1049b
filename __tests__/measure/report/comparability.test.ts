import { describe, expect, it } from "vitest";
import type { SuccessRecord } from "../../../measure/record/record";
import { checkGroup, differencesBetween } from "../../../measure/report/comparability";
import { fabricatedFourByFive, fabricatedSuccess } from "./fabricated-records";

const GIB = 2 ** 30;

function runs(...changes: Partial<SuccessRecord>[]): SuccessRecord[] {
  return changes.map((change, index) => fabricatedSuccess("custom-default", index + 1, change));
}

const base = fabricatedSuccess("custom-default", 1);
const { image, versions } = base;
if (image === undefined || versions === undefined) throw new Error("the fabricated record lacks its facts");

describe("checkGroup", () => {
  it("keeps equal builds and has nothing to note", () => {
    const records = runs({}, {}, {});
    expect(checkGroup(records)).toEqual({ kept: records, excluded: [], notes: [] });
  });

  it.each<[string, Partial<SuccessRecord>, string]>([
    ["CPUs", { limits: { cpus: 4, memoryBytes: 7 * GIB } }, "CPUs given to the build: 4 instead of 2"],
    [
      "memory",
      { limits: { cpus: 2, memoryBytes: 8 * GIB } },
      "memory given to the build: 8.0 GiB instead of 7.0 GiB",
    ],
    [
      "the machine's CPUs",
      { machine: { cpus: 16, memoryBytes: 21 * GIB, instanceType: "c5n.2xlarge" } },
      "machine's CPUs: 16 instead of 8",
    ],
    [
      "the machine's memory",
      { machine: { cpus: 8, memoryBytes: 16 * GIB, instanceType: "c5n.2xlarge" } },
      "machine's memory: 16.0 GiB instead of 21.0 GiB",
    ],
    [
      "the machine's type",
      { machine: { cpus: 8, memoryBytes: 21 * GIB, instanceType: "c5.2xlarge" } },
      "machine's instance type: c5.2xlarge instead of c5n.2xlarge",
    ],
    ["buildx", { versions: { ...versions, buildx: "v9" } }, "buildx version: v9 instead of v0.37.2"],
    ["BuildKit", { versions: { ...versions, buildkit: "v9" } }, "BuildKit version: v9 instead of v0.31.2"],
    [
      "image size",
      { image: { ...image, compressedBytes: 1_000_000_000 } },
      "compressed image size: 1.00 GB instead of 1.90 GB",
    ],
  ])("leaves out a build of other %s, in words", (_, change, reason) => {
    const records = runs({}, {}, change);
    const { kept, excluded } = checkGroup(records);
    expect(kept).toEqual(records.slice(0, 2));
    expect(excluded).toEqual([{ record: records[2], reasons: [reason] }]);
  });

  it("tolerates 2 % of image size and memory, and no more", () => {
    const sized = (factor: number) => ({
      image: { ...image, compressedBytes: Math.round(image.compressedBytes * factor) },
    });
    expect(checkGroup(runs({}, {}, sized(1.019))).excluded).toEqual([]);
    expect(checkGroup(runs({}, {}, sized(0.981))).excluded).toEqual([]);
    expect(checkGroup(runs({}, {}, sized(1.03))).excluded).toHaveLength(1);
    const memory = (gib: number) => ({ limits: { cpus: 2, memoryBytes: gib * GIB } });
    expect(checkGroup(runs({}, {}, memory(7.1))).excluded).toEqual([]);
    expect(checkGroup(runs({}, {}, memory(7.3))).excluded).toHaveLength(1);
  });

  it("goes by the majority and not by the first", () => {
    const odd = { versions: { ...versions, buildkit: "v1" } };
    expect(checkGroup(runs(odd, {}, {})).excluded.map(({ record }) => record.round)).toEqual([1]);
  });

  it("goes by the earliest on a tie, and says so", () => {
    const { kept, notes } = checkGroup(runs({}, { versions: { ...versions, buildkit: "v1" } }));
    expect(kept.map(({ round }) => round)).toEqual([1]);
    expect(notes).toEqual(["BuildKit version: no majority; the runs like the earliest (v0.31.2) are kept"]);
  });

  it("keeps a build that does not say, and notes it", () => {
    const { versions: _, ...silent } = fabricatedSuccess("custom-default", 3);
    const { kept, notes } = checkGroup([...runs({}, {}), silent]);
    expect(kept).toHaveLength(3);
    expect(notes).toEqual([
      "buildx version: 1 run did not say; kept",
      "BuildKit version: 1 run did not say; kept",
    ]);
  });

  it("names all differences of one build", () => {
    const { excluded } = checkGroup(
      runs({}, {}, { limits: { cpus: 4, memoryBytes: 7 * GIB }, versions: { ...versions, buildx: "v9" } }),
    );
    expect(excluded[0]?.reasons).toHaveLength(2);
  });

  it("has no opinion on nothing", () => {
    expect(checkGroup([])).toEqual({ kept: [], excluded: [], notes: [] });
  });
});

describe("differencesBetween", () => {
  const groups = (change: Partial<SuccessRecord>) =>
    new Map([
      ["hosted-default", fabricatedFourByFive(change).filter((r) => r.configuration === "hosted-default")],
      ["custom-default", fabricatedFourByFive().filter((r) => r.configuration === "custom-default")],
    ]);

  it("has nothing to say where builds were given the same, whatever the machines around them", () => {
    expect(differencesBetween(groups({}))).toEqual([]);
  });

  it("says where configurations were not given the same", () => {
    expect(differencesBetween(groups({ limits: { cpus: 4, memoryBytes: 16 * GIB } }))).toEqual([
      "Not equal: CPUs given to the build (hosted-default 4, custom-default 2). The comparison includes that difference.",
      "Not equal: memory given to the build (hosted-default 16.0 GiB, custom-default 7.0 GiB). The comparison includes that difference.",
    ]);
  });
});
