import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Finished, ProjectCopy } from "../../helpers/copy";
import { asList, asObject, parseJson } from "../../helpers/json";

const BAD = `
import { c5n } from "./c5n";
export const environments = [{ ...c5n, nmae: "x", vpcCidr: "10.0.0.0/8" }, { ...c5n, name: "c5n" }];
`;
const MESSAGE = `3 problems in environments/. Nothing was written.
  - c5n: nmae is not a prop. Did you mean "name"?
  - c5n: vpcCidr must be a network from /16 (the largest VPC) to /20 (the smallest that holds its subnets); got "10.0.0.0/8".
  - c5n: name must be given once; got "c5n" in environments 1 and 2.
`;

let copy: ProjectCopy;
let good: Finished;
let wroteWhenGood: boolean;
const wrote = () => existsSync(join(copy.folder, "cdktf.out"));

beforeAll(() => {
  copy = new ProjectCopy();
});
afterAll(() => copy.remove());

describe.each(["main.ts", "cli/bin.mjs"])("%s with bad environments", (file) => {
  let finished: Finished;
  beforeAll(() => {
    writeFileSync(join(copy.folder, "environments", "index.ts"), BAD);
    finished = copy.run(file, ...(file === "main.ts" ? [] : ["overview"]));
  });

  it("ends with code 1", () => {
    expect(finished.code).toBe(1);
  });

  it("says every problem, and nothing else: no stack trace", () => {
    expect(finished.stderr).toBe(MESSAGE);
  });

  it("prints nothing to standard output", () => {
    expect(finished.stdout).toBe("");
  });

  it("writes nothing", () => {
    expect(wrote()).toBe(false);
  });
});

describe("main.ts with a good environment", () => {
  beforeAll(() => {
    writeFileSync(
      join(copy.folder, "environments", "index.ts"),
      'import { c5n } from "./c5n";\nexport const environments = [c5n];\n',
    );
    good = copy.run("main.ts");
    wroteWhenGood = wrote();
  });

  it("ends with code 0 and prints nothing", () => {
    expect(good).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("writes the stacks", () => {
    expect(wroteWhenGood).toBe(true);
  });
});

describe("a file that is not in the list", () => {
  const WARNING =
    "environments/forgotten.ts exports an environment (forgotten) that environments/index.ts does not list: nothing is made of it. Add forgotten to the list.";
  beforeAll(() => {
    writeFileSync(
      join(copy.folder, "environments", "forgotten.ts"),
      'import { c5n } from "./c5n";\nexport const forgotten = { ...c5n, name: "forgotten" };\n',
    );
  });

  it("is named when the stacks are synthesized", () => {
    expect(copy.run("main.ts")).toEqual({ code: 0, stdout: "", stderr: `${WARNING}\n` });
  });

  it("is named by the overview", () => {
    const { code, stdout } = copy.run("cli/bin.mjs", "overview", "--json");
    expect([code, asObject(parseJson(stdout)).warnings]).toEqual([0, [WARNING]]);
  });
});

describe("an image that the checkout does not have", () => {
  const WARNING =
    'other: build.image is no Dockerfile and no folder with one in this checkout; got "imag". Jobs would find none either.';
  beforeAll(() => {
    writeFileSync(
      join(copy.folder, "environments", "index.ts"),
      'import { c5n } from "./c5n";\nexport const environments = [{ ...c5n, name: "other", build: { image: "imag" } }];\n',
    );
  });

  it("is named when the workflows are rendered", () => {
    const { code, stderr } = copy.run("cli/bin.mjs", "workflow");
    expect([code, stderr]).toEqual([0, `${WARNING}\n`]);
  });

  it("is named by the overview", () => {
    const { code, stdout } = copy.run("cli/bin.mjs", "overview", "--json");
    const warnings = asList(asObject(parseJson(stdout)).warnings);
    expect([code, warnings.includes(WARNING)]).toEqual([0, true]);
  });
});
