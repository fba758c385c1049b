import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cpuQuantity, memoryQuantity } from "../../constructs/quantity";

const CPU_UNITS: Readonly<Record<string, number>> = { m: 1, "": 1000, k: 1_000_000 };
const MEMORY_UNITS: Readonly<Record<string, number>> = { Mi: 1, Gi: 1024, Ti: 1024 ** 2, Pi: 1024 ** 3 };
const read = (text: string, units: Readonly<Record<string, number>>) => {
  const [, number, unit] = /^(\d+)(\D*)$/.exec(text) ?? [];
  return Number(number) * (units[unit ?? ""] ?? Number.NaN);
};

describe("cpuQuantity", () => {
  it.each([
    [2000, "2"],
    [500, "500m"],
    [2500, "2500m"],
    [14_000, "14"],
    [1_000_000, "1k"],
    [1_001_000, "1001"],
    [0, "0"],
  ])("writes %d millicores as %s", (milliCpu, expected) => {
    expect(cpuQuantity(milliCpu)).toBe(expected);
  });

  const wholeCpus = fc.nat(5_000).map((cpus) => cpus * 1000);
  it("loses nothing", () => {
    fc.assert(
      fc.property(fc.oneof(fc.nat(5_000_000), wholeCpus), (value) => {
        expect(read(cpuQuantity(value), CPU_UNITS)).toBe(value);
      }),
      { seed: 1 },
    );
  });
});

describe("memoryQuantity", () => {
  it.each([
    [7168, "7Gi"],
    [1024, "1Gi"],
    [512, "512Mi"],
    [1536, "1536Mi"],
    [1_048_576, "1Ti"],
    [1024 ** 3, "1Pi"],
    [1024 ** 4, "1024Pi"],
  ])("writes %d MiB as %s", (mib, expected) => {
    expect(memoryQuantity(mib)).toBe(expected);
  });

  it("loses nothing", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 }), (value) => {
        expect(read(memoryQuantity(value), MEMORY_UNITS)).toBe(value);
      }),
      { seed: 1 },
    );
  });
});
