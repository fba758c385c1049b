import { describe, expect, it } from "vitest";
import { c5n } from "../helpers/example-environments";
import { synthesize } from "../helpers/synth";

// c5 differs by its instance type alone: environment/comparison.test.ts.
const { stacks } = synthesize(c5n);
const files = [...stacks.values()].map(({ name, text }) => ({ name, text }));

/** A path of a machine, a date or a time. */
const ABSOLUTE_PATH =
  /"(?:\/(?:home|root|tmp|usr|var|work|Users|private|opt|builds?)\b|[A-Za-z]:\\\\)|node_modules/;
const DATE = /\b20\d\d-[01]\d-[0-3]\d\b|\d\dT\d\d:\d\d/;
/** IAM's policy language has a date as its version. */
const withoutPolicyVersion = (text: string) => text.replaceAll("2012-10-17", "");

describe("the rendered stacks", () => {
  it("are these", () => {
    expect(files.map(({ name }) => name).sort()).toEqual([
      "account",
      ...["cluster", "platform", "registry", "runners"].map((stack) => `c5n-${stack}`),
    ]);
  });

  it.each(files)("are what was reviewed: $name", async ({ name, text }) => {
    await expect(text).toMatchFileSnapshot(`../__snapshots__/${name}.json`);
  });

  it.each(files)("hold no absolute path: $name", ({ text }) => {
    expect(text).not.toMatch(ABSOLUTE_PATH);
    expect(text).not.toContain(process.cwd());
  });

  it.each(files)("hold no date: $name", ({ text }) => {
    expect(withoutPolicyVersion(text)).not.toMatch(DATE);
  });
});
