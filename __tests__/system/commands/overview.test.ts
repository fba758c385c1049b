import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Finished, ProjectCopy } from "../../helpers/copy";
import { asList, asObject, parseJson } from "../../helpers/json";

let copy: ProjectCopy;
beforeAll(() => {
  copy = new ProjectCopy();
});
afterAll(() => copy.remove());

const overview = (...words: string[]) => copy.run("cli/bin.mjs", "overview", ...words);

describe("an unknown name", () => {
  it("is refused with the nearest one, and nothing is written", () => {
    expect(overview("c5m", "production", "c5")).toEqual({
      code: 2,
      stdout: "",
      stderr:
        'Unknown environment. Nothing was written.\n  - "c5m" is none of c5n, c5. Did you mean "c5n"?\n  - "production" is none of c5n, c5.\n',
    });
    expect(existsSync(join(copy.folder, "cdktf.out"))).toBe(false);
  });
});

describe("the environments", () => {
  let text: Finished;
  beforeAll(() => {
    text = overview();
  });

  it("are all shown and synthesized, without colours where there is no terminal", () => {
    expect([text.code, text.stderr]).toEqual([0, ""]);
    expect(text.stdout).toContain("c5n: c5n.2xlarge in us-west-2");
    expect(text.stdout).toContain("c5: c5.2xlarge in us-west-2");
    expect(text.stdout).not.toContain("\u001b");
    expect(readdirSync(join(copy.folder, "cdktf.out", "stacks"))).toHaveLength(9);
  });

  it("are JSON with --json, only those that were named, and agree with the text", () => {
    const { code, stdout, stderr } = overview("c5n", "--json");
    expect([code, stderr]).toEqual([0, ""]);
    const [c5n, ...others] = asList(asObject(parseJson(stdout)).environments).map((one) => asObject(one));
    expect([c5n?.name, others]).toEqual(["c5n", []]);
    expect(text.stdout).toContain(Number(asObject(c5n?.monthlyUsd).total).toFixed(2));
    const words = text.stdout.replaceAll(/\s+/g, " ");
    for (const warning of asList(c5n?.warnings)) expect(words).toContain(warning);
  });
});

describe.each([
  [
    "a syntax error",
    "export const a = {\n  b: 1\n  c: 2\n};\n",
    'environments/own.ts:3: Expected "}" but found "c".',
  ],
  ["an unknown variable", "\nexport const a = nothing;\n", "environments/own.ts:2: nothing is not defined."],
  ["an error", '\n\nthrow new Error("no account");\n', "environments/own.ts:3: no account."],
  ["a missing file", 'import "./gone";\n', "environments/own.ts: Cannot find module './gone'."],
  ["no list", "export {};\n", "environments/index.ts must export a list as environments; got nothing."],
])("%s in an environment's file", (_, content, problem) => {
  beforeAll(() => {
    writeFileSync(join(copy.folder, "environments", "own.ts"), content);
    writeFileSync(join(copy.folder, "environments", "index.ts"), 'export * from "./own";\n');
  });

  it.each([["main.ts"], ["cli/bin.mjs", "overview"]])(
    "is one sentence with its place: %s",
    (file, ...words) => {
      expect(copy.run(file, ...words)).toEqual({
        code: 1,
        stdout: "",
        stderr: `environments/ cannot be read. Nothing was written.\n  - ${problem}\n`,
      });
    },
  );
});
