import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseProgress } from "../../../measure/record/progress";

const read = (name: string) =>
  parseProgress(readFileSync(join(__dirname, "../fixtures", `${name}.progress.rawjson`), "utf8"));

/** The numbers of fixtures/README.md, read by hand from the vertices' own times. */
describe("a record of a real build", () => {
  it("from scratch is sorted into its phases", () => {
    const { phases, wallSeconds, problems } = read("cold");
    expect(phases.pull).toBeCloseTo(0.5, 1);
    expect(phases.install).toBeCloseTo(1.46, 1);
    expect(phases.export).toBeCloseTo(0.83, 1);
    expect(phases.push).toBeCloseTo(0.13, 1);
    expect(wallSeconds).toBeCloseTo(2.96, 1);
    expect(problems).toMatchObject({ unfinished: 0, unreadableLines: 0 });
  });

  it("counts what a cache answered as pulled, not as installed", () => {
    const { phases } = read("registry-cache-pulled");
    expect(phases.install).toBeCloseTo(2.51, 1);
    expect(phases.pull).toBeCloseTo(1.58, 1);
  });

  it("misses no end where two equal layers share one id", () => {
    expect(read("equal-layers").problems.unfinished).toBe(0);
  });
});
