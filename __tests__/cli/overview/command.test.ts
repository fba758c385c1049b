import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Finished, ProjectCopy } from "../../helpers/copy";
import { asList, asObject, type JsonObject, parseJson } from "../../helpers/json";

let copy: ProjectCopy;
let unknown: Finished;
let wroteWhenUnknown: boolean;
let text: Finished;
let json: Finished;

beforeAll(() => {
  copy = new ProjectCopy();
  unknown = copy.run("cli/bin.mjs", "overview", "c5m", "production", "c5");
  wroteWhenUnknown = existsSync(join(copy.folder, "cdktf.out"));
  text = copy.run("cli/bin.mjs", "overview");
  json = copy.run("cli/bin.mjs", "overview", "c5n", "--json");
}, 90_000);
afterAll(() => copy.remove());

const shown = (): readonly JsonObject[] =>
  asList(asObject(parseJson(json.stdout)).environments).map((environment) => asObject(environment));

describe("the overview command without arguments", () => {
  it("ends with code 0 and says nothing on standard error", () => {
    expect([text.code, text.stderr]).toEqual([0, ""]);
  });

  it("shows every environment", () => {
    expect(text.stdout).toContain("c5n: c5n.2xlarge in us-west-2");
    expect(text.stdout).toContain("c5: c5.2xlarge in us-west-2");
  });

  it("writes no colour codes where it does not write to a terminal", () => {
    expect(text.stdout).not.toContain("\u001b");
  });

  it("synthesizes every stack", () => {
    expect(readdirSync(join(copy.folder, "cdktf.out", "stacks"))).toHaveLength(9);
  });
});

describe("the overview command with --json", () => {
  it("ends with code 0 and prints JSON and nothing else", () => {
    expect([json.code, json.stderr]).toEqual([0, ""]);
    expect(parseJson(json.stdout)).toHaveProperty("environments");
  });

  it("shows the environment that was asked for", () => {
    expect(shown().map(({ name }) => name)).toEqual(["c5n"]);
  });

  it("agrees with the text", () => {
    const [c5n] = shown();
    const total = asObject(c5n?.monthlyUsd).total;
    expect(text.stdout).toContain(Number(total).toFixed(2));
    for (const warning of asList(c5n?.warnings)) expect(text.stdout).toContain(warning);
  });
});

describe("the overview command with an unknown name", () => {
  it("ends with code 2", () => {
    expect(unknown.code).toBe(2);
  });

  it("says which, and what was meant, and nothing else", () => {
    expect(unknown.stderr).toBe(
      'Unknown environment. Nothing was written.\n  - "c5m" is none of c5n, c5. Did you mean "c5n"?\n  - "production" is none of c5n, c5.\n',
    );
    expect(unknown.stdout).toBe("");
  });

  it("writes nothing", () => {
    expect(wroteWhenUnknown).toBe(false);
  });
});
