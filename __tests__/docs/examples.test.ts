import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { withPropsTable } from "../../cli/docs";
import { SUB_COMMANDS } from "../../cli/program";
import { loadEnvironments } from "../../environment/load";
import { workflowFiles } from "../../pipeline/workflow/files";
import { c5n } from "../helpers/example-environments";

const PROJECT = resolve(__dirname, "../..");
const outdir = mkdtempSync(join(tmpdir(), "docs-"));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

const read = (path: string) => readFileSync(join(PROJECT, path), "utf8");

/** The first TypeScript block of a page. */
function example(page: string): string {
  const block = /```ts\n([\s\S]*?)```/.exec(read(page))?.[1];
  if (block === undefined) throw new Error(`${page} holds no TypeScript example`);
  return block;
}

/** Runs a program as if it were a file in `folder` of the project. */
function run(program: string, folder = ".") {
  const { status, stdout, stderr } = spawnSync(
    join(PROJECT, "node_modules", ".bin", "tsx"),
    ["--eval", program],
    { cwd: join(PROJECT, folder), encoding: "utf8", env: { ...process.env, CDKTF_OUTDIR: outdir } },
  );
  return { status, stdout, stderr };
}

const PAGES = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "constructs/README.md",
  "measure/bench/README.md",
  "pipeline/image/README.md",
  ...readdirSync(join(PROJECT, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

describe("docs/environment.md", () => {
  it("describes a valid further environment", () => {
    const code = example("docs/environment.md").replace('"./c5n"', '"./example-environments"');
    const program = `${code.replace("../environment/", "../../environment/")}
      const { loadEnvironments } = require("../../environment/load");
      console.log(loadEnvironments([c5n, large]).map(({ name }) => name).join());`;
    expect(run(program, "__tests__/helpers")).toMatchObject({ status: 0, stdout: "c5n,large\n" });
  });

  it("takes a changed table of props back", () => {
    const page = read("docs/environment.md");
    expect(withPropsTable(page.replace("| `vpcCidr`", "| `vpc`"))).toBe(withPropsTable(page));
  });
});

describe("docs/own-builds.md", () => {
  it("has the steps of the rendered workflow", () => {
    const steps = (workflow: string | undefined, job: string) =>
      (parse(workflow ?? "") as { jobs: Record<string, { steps: { uses?: string }[] }> }).jobs[job]?.steps ??
      [];
    const [environment] = loadEnvironments([c5n]);
    const [rendered] = environment ? workflowFiles(environment) : [];
    const own = steps(/```yaml\n([\s\S]*?)```/.exec(read("docs/own-builds.md"))?.[1], "image");
    expect(own.filter(({ uses }) => uses)).toHaveLength(3);
    expect(steps(rendered?.content, "custom-kubernetes")).toEqual(
      expect.arrayContaining(own.filter(({ uses }) => uses)),
    );
  });
});

describe("the pages", () => {
  it("name only scripts and sub-commands that there are", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const words = (pattern: RegExp) =>
      PAGES.flatMap((page) => [...read(page).matchAll(pattern)].map(([, word = ""]) => word));
    const used = words(/npm run (?:--silent )?([\w:]+)/g);
    expect(used.length).toBeGreaterThan(5);
    for (const script of used) expect(Object.keys(scripts)).toContain(script);
    const commands = words(/npx buildx-on-eks ([a-z]+)/g);
    expect(commands.length).toBeGreaterThan(5);
    for (const command of commands) expect(Object.keys(SUB_COMMANDS)).toContain(command);
  });

  it("link only to files that exist", () => {
    const links = PAGES.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, to = ""]) => join(dirname(page), to)),
    );
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((link) => !/^environments\//.test(link) && !existsSync(join(PROJECT, link)))).toEqual(
      [],
    );
  });
});

describe("the pictures", () => {
  it.each([
    ["docs/original.svg", ["measure/report/original-2021.json"]],
    ["docs/bench-medium.svg", ["docs/bench-medium.jsonl", "--baseline", "original", "--no-original"]],
  ])("%s is what the report draws from its data", (picture, words) => {
    const file = join(outdir, "picture.svg");
    const cli = join(PROJECT, "cli", "bin.mjs");
    const { status } = spawnSync(
      process.execPath,
      [cli, "report", ...words, "--format", "svg", "--output", file],
      { cwd: PROJECT },
    );
    expect(status).toBe(0);
    expect(read(picture)).toBe(readFileSync(file, "utf8"));
  });
});
