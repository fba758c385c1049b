import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { casesOf, DEFAULT_CASES, numberFrom, type Property, SHARES } from "./runs";

const sources = readdirSync(__dirname)
  .filter((name) => name.endsWith(".test.ts") && name !== "runs.test.ts")
  .map((name) => readFileSync(join(__dirname, name), "utf8"))
  .join("\n");
const properties = Object.keys(SHARES) as Property[];
const casesFor = (total: number) => properties.reduce((sum, name) => sum + casesOf(name, total), 0);

describe("the cases of all properties", () => {
  it.each(properties)("are tried once for: %s", (name) => {
    expect(sources.split(`    "${name}"`).length + sources.split(`\n  "${name}"`).length - 2).toBe(1);
  });

  it("are at least 500 in `npm test`", () => {
    expect(DEFAULT_CASES).toBeGreaterThanOrEqual(500);
    expect(casesFor(DEFAULT_CASES)).toBe(DEFAULT_CASES);
  });

  it("are at least as many as are asked for, and one of each at least", () => {
    for (const total of [1, 10_000, 123_457]) {
      expect(casesFor(total)).toBeGreaterThanOrEqual(Math.max(total, properties.length));
      expect(casesFor(total)).toBeLessThan(total + properties.length);
    }
  });

  it("are at least 10,000 in `npm run test:nightly`", () => {
    const { scripts } = JSON.parse(readFileSync(join(__dirname, "../../package.json"), "utf8")) as {
      scripts: Readonly<Record<string, string>>;
    };
    const script = scripts["test:nightly"] ?? "";
    expect(script).toContain("PROPERTY_SEED=random");
    expect(Number(/PROPERTY_CASES=(\d+)/.exec(script)?.[1])).toBeGreaterThanOrEqual(10_000);
  });
});

describe("a number of cases", () => {
  it("is the default where none is given", () => {
    expect([undefined, "", "7"].map((text) => numberFrom("N", text, 5))).toEqual([5, 5, 7]);
  });

  it.each(["0", "-1", "1.5", "1e4", "ten", "99999999999", " 5"])("is not %j", (text) => {
    expect(() => numberFrom("N", text, 5)).toThrow(
      `N must be a whole number from 1 to 10000000; got "${text}"`,
    );
  });
});
