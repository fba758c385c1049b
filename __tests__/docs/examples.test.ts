import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { withPropsTable } from "../../cli/docs";

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

describe("the examples of the documentation", () => {
  it("describe a valid further environment", () => {
    const program = `${example("docs/adding-an-environment.md").replace(/^ {3}/gm, "")}
      const { loadEnvironments } = require("../environment/load");
      console.log(loadEnvironments([c5n, large]).map(({ name }) => name).join());`;
    expect(run(program, "environments")).toMatchObject({ status: 0, stdout: "c5n,large\n" });
  });
});

describe("the README", () => {
  it("holds the table of props as the schema has it", () => {
    const readme = read("README.md");
    expect(withPropsTable(readme)).toBe(readme);
    expect(withPropsTable(readme.replace("`vpcCidr`", "`vpc`"))).toBe(readme);
  });

  it("names only commands that package.json has", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const pages = [
      "README.md",
      "CONTRIBUTING.md",
      ...readdirSync(join(PROJECT, "docs"))
        .filter((f) => f.endsWith(".md"))
        .map((f) => `docs/${f}`),
    ];
    const used = pages.flatMap((page) => [...read(page).matchAll(/npm run (?:--silent )?([\w:]+)/g)]);
    expect(used.length).toBeGreaterThan(5);
    for (const [, script = ""] of used) expect(Object.keys(scripts)).toContain(script);
  });

  it("links only to files that exist", () => {
    const pages = [
      "README.md",
      "CONTRIBUTING.md",
      ...readdirSync(join(PROJECT, "docs"))
        .filter((f) => f.endsWith(".md"))
        .map((f) => `docs/${f}`),
    ];
    const links = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, to = ""]) => join(dirname(page), to)),
    );
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((link) => !existsSync(join(PROJECT, link)))).toEqual([]);
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
