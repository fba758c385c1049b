import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { parse } from "yaml";
import { loadEnvironments } from "../../../environment/load";
import { experimentWorkflow } from "../../../pipeline/workflow/experiment";
import { actionlintFile, workflowFiles } from "../../../pipeline/workflow/files";
import { sweepWorkflow } from "../../../pipeline/workflow/sweep";
import { toYaml } from "../../../pipeline/workflow/yaml";
import { ProjectCopy, writeExampleEnvironments } from "../../helpers/copy";
import { environments as inputs } from "../../helpers/example-environments";
import { loadOne } from "../../helpers/input";
import { asObject, type Json, parseJson } from "../../helpers/json";
import { jobsOf, valuesOf } from "./rendered";
import { bareEnv, PROJECT, run } from "./scripts";

const WORKFLOWS = join(PROJECT, ".github", "workflows");
const environments = loadEnvironments(inputs);

test("the same environment gives the same bytes", () => {
  expect(workflowFiles(loadOne())).toEqual(workflowFiles(loadOne()));
});

test("YAML reads back as what was rendered", () => {
  const plain = (workflow: object) => parseJson(JSON.stringify(workflow));
  const [experiment, sweep] = workflowFiles(loadOne()).map(({ content }) => parse(content) as Json);
  expect(experiment).toEqual(plain(experimentWorkflow(loadOne())));
  expect(sweep).toEqual(plain(sweepWorkflow(loadOne()) ?? {}));
});

test("a file says how it is made before anything else", () => {
  for (const { content } of workflowFiles(loadOne())) {
    expect(content.split("\n")[0]).toBe(
      "# Made from environment demo by: npx buildx-on-eks workflow demo. Change the environment, not this file.",
    );
  }
});

test("an action that is not pinned cannot be rendered", () => {
  const workflow = (uses: string) => ({ jobs: { a: { steps: [{ uses }] } } });
  expect(() => toYaml(workflow("actions/checkout@v7"), "notice")).toThrow(
    "actions/checkout@v7 is not one of the pinned actions",
  );
  const pinned = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1";
  expect(toYaml(workflow(pinned), "notice")).toContain(`uses: ${pinned} # v7.0.1\n`);
});

const written = readdirSync(WORKFLOWS).filter((name) => /\.ya?ml$/.test(name));

test.each(written)("%s: each action by commit, its release beside it", (name) => {
  const lines = readFileSync(join(WORKFLOWS, name), "utf8")
    .split("\n")
    .filter((line) => /^\s*(- )?uses:/.test(line));
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) {
    expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  }
});

test("an action has one commit in all workflows", () => {
  const commits = new Map<string, Set<string>>();
  for (const name of written) {
    for (const [, action = "", pin = ""] of readFileSync(join(WORKFLOWS, name), "utf8").matchAll(
      /uses: ([^@\s]+)@(.+)$/gm,
    )) {
      commits.set(action, (commits.get(action) ?? new Set()).add(pin));
    }
  }
  expect([...commits].filter(([, pins]) => pins.size > 1)).toEqual([]);
});

test.each(written)("%s: explicit machines, timeouts and permissions, no moving release", (name) => {
  const workflow = asObject(parse(readFileSync(join(WORKFLOWS, name), "utf8")) as Json);
  expect(workflow.permissions).toEqual({});
  expect(workflow.concurrency).toBeDefined();
  for (const [id, job] of Object.entries(jobsOf(workflow))) {
    expect(job["timeout-minutes"], id).toBeGreaterThan(0);
    expect(Object.keys(asObject(job.permissions)), id).not.toEqual([]);
  }
  const machines = valuesOf("runs-on", workflow);
  expect(machines.length).toBeGreaterThan(0);
  expect(JSON.stringify(machines)).not.toContain("latest");
});

test("actionlint knows the labels of all environments with runners, and no others", () => {
  const hosted = loadOne({ name: "other", configurations: ["hosted-default"] });
  const file = actionlintFile([loadOne(), hosted]);
  expect(file.path).toBe(".github/actionlint.yaml");
  expect(parse(file.content)).toEqual({ "self-hosted-runner": { labels: ["custom-runner", "buildx-demo"] } });
});

let copy: ProjectCopy;
/** Each rendered file of the examples, by path. */
const rendered = new Map(
  [...environments.flatMap(workflowFiles), actionlintFile(environments)].map(({ path, content }) => [
    path,
    content,
  ]),
);

beforeAll(() => {
  copy = new ProjectCopy();
});
beforeEach(() => {
  rmSync(inCopy(".github"), { recursive: true, force: true });
  mkdirSync(inCopy(".github/workflows"), { recursive: true });
  cpSync(join(WORKFLOWS, "ci.yml"), inCopy(".github/workflows/ci.yml"));
  for (const [path, content] of rendered) writeFileSync(inCopy(path), content);
  writeExampleEnvironments(copy.folder);
});
afterAll(() => copy.remove());

const workflow = (...args: string[]) =>
  run(process.execPath, ["cli/bin.mjs", "workflow", ...args], {
    cwd: copy.folder,
    env: bareEnv(),
  });

const inCopy = (path: string) => join(copy.folder, path);
const EXPERIMENT = ".github/workflows/experiment-c5n.yml";

test("--check is quiet and ends with 0 where nothing is out of date", async () => {
  expect(await workflow("--check")).toEqual({ code: 0, stdout: "", stderr: "" });
});

const OLD = "Workflows do not match their environments.";
const outOfDate = (name: string) =>
  `  - .github/workflows/${name} is out of date. Run: npx buildx-on-eks workflow`;

test("--check ends with 1 and names each file that is out of date or missing, and writes none", async () => {
  const c5n = inCopy("environments/c5n.ts");
  writeFileSync(c5n, readFileSync(c5n, "utf8").replace('region: "us-west-2"', 'region: "eu-west-1"'));
  rmSync(inCopy(".github/workflows/sweep-c5.yml"));
  const before = readFileSync(inCopy(EXPERIMENT), "utf8");
  const old = ["experiment-c5n.yml", "sweep-c5n.yml", "experiment-c5.yml", "sweep-c5.yml"].map(outOfDate);
  expect(await workflow("--check")).toEqual({
    code: 1,
    stdout: "",
    stderr: `${[OLD, ...old].join("\n")}\n`,
  });
  expect(readFileSync(inCopy(EXPERIMENT), "utf8")).toBe(before);
});

test("--check ends with 1 and names a file that no environment makes any more", async () => {
  const left = ".github/workflows/experiment-gone.yml";
  writeFileSync(inCopy(left), "# Made from environment gone by: npx buildx-on-eks workflow gone.\n");
  expect(await workflow("--check")).toEqual({
    code: 1,
    stdout: "",
    stderr: `${OLD}\n  - ${left} is made by no environment any more. Run: npx buildx-on-eks workflow\n`,
  });
  expect(existsSync(inCopy(left))).toBe(true);
});

test("writes the files of the environments that are named, and removes what none makes", async () => {
  const left = ".github/workflows/sweep-gone.yml";
  writeFileSync(inCopy(left), "# Made from environment gone by: npx buildx-on-eks workflow gone.\n");
  writeFileSync(inCopy(EXPERIMENT), "");
  writeFileSync(inCopy(".github/workflows/experiment-c5.yml"), "");
  const { code, stdout } = await workflow("c5n");
  expect(code).toBe(0);
  expect(stdout.trimEnd().split("\n")).toEqual([
    EXPERIMENT,
    ".github/workflows/sweep-c5n.yml",
    ".github/actionlint.yaml",
    `${left} removed: no environment makes it`,
  ]);
  expect(readFileSync(inCopy(EXPERIMENT), "utf8")).toBe(rendered.get(EXPERIMENT));
  expect(readFileSync(inCopy(".github/workflows/experiment-c5.yml"), "utf8")).toBe("");
  expect(existsSync(inCopy(".github/workflows/ci.yml"))).toBe(true);
  expect(existsSync(inCopy(left))).toBe(false);
});

test("an unknown environment is refused with the nearest one", async () => {
  expect(await workflow("c5nn", "--check")).toEqual({
    code: 2,
    stdout: "",
    stderr: 'Unknown environment. Nothing was written.\n  - "c5nn" is none of c5n, c5. Did you mean "c5n"?\n',
  });
});
