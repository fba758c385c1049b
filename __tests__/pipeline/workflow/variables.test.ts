import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Configuration } from "../../../environment/configurations";
import { requiredVariables, setVariables } from "../../../pipeline/workflow/variables";
import { ProjectCopy } from "../../helpers/copy";
import { DEMO, loadOne } from "../../helpers/input";
import { asObject, parseJson } from "../../helpers/json";
import { synthesize } from "../../helpers/synth";
import { bareEnv, run, Scratch } from "./scripts";

const OUTPUTS = join(__dirname, "fixtures/outputs.json");
const recorded = readFileSync(OUTPUTS, "utf8");

const COMMANDS = [
  "gh variable set BUILDX_C5N_IMAGE_REPOSITORY --repo your-organization/large-python-container --body '111122223333.dkr.ecr.us-west-2.amazonaws.com/c5n/large-python-container'",
  "gh variable set BUILDX_C5N_HOSTED_ROLE_ARN --repo your-organization/large-python-container --body 'arn:aws:iam::111122223333:role/buildx-c5n-hosted-jobs'",
];

let scratch: Scratch;
let copy: ProjectCopy;
beforeAll(() => {
  scratch = new Scratch();
  copy = new ProjectCopy();
});
afterAll(() => {
  scratch.remove();
  copy.remove();
});

/** `npx buildx-on-eks workflow ARGS`, which writes nothing with --variables. */
const workflow = (...args: string[]) =>
  run(process.execPath, ["cli/bin.mjs", "workflow", ...args], {
    cwd: copy.folder,
    env: bareEnv(),
  });

test("the recorded outputs have the names that the registry stack gives to its own", () => {
  const outputs = synthesize(DEMO).stack("demo-registry").outputs;
  const names = Object.keys(asObject(asObject(parseJson(recorded))["c5n-registry"]));
  expect(Object.keys(outputs)).toEqual(expect.arrayContaining(names));
  expect(names).toEqual(expect.arrayContaining(["repository_urls", "hosted_role_arn"]));
});

test("prints the commands that set both variables", async () => {
  expect(await workflow("c5n", "--variables", OUTPUTS)).toEqual({
    code: 0,
    stdout: `${COMMANDS.join("\n")}\n`,
    stderr: "",
  });
});

test("of several repositories each has a variable, whatever their order", () => {
  const repositories = ["web", "team/worker"];
  const url = (name: string) => `444455556666.dkr.ecr.us-west-2.amazonaws.com/demo/${name}`;
  const outputs = (names: readonly string[]) =>
    JSON.stringify({
      "demo-registry": {
        hosted_role_arn: "arn:aws:iam::444455556666:role/x",
        repository_urls: Object.fromEntries(names.map((name) => [name, url(name)])),
      },
    });
  const environment = loadOne({ images: { repositories } });
  const names = ["BUILDX_DEMO_IMAGE_REPOSITORY_WEB", "BUILDX_DEMO_IMAGE_REPOSITORY_TEAM_WORKER"];
  expect(requiredVariables(environment)).toEqual([...names, "BUILDX_DEMO_HOSTED_ROLE_ARN"]);
  expect(setVariables(environment, outputs(repositories)).slice(0, 2)).toEqual(
    names.map(
      (name, i) => `gh variable set ${name} --repo acme/images --body '${url(repositories[i] ?? "")}'`,
    ),
  );
  const issuer = "https://github.example.com/_services/token";
  const elsewhere = loadOne({ images: { repositories }, github: { ...DEMO.github, issuer } });
  expect(setVariables(elsewhere, outputs(repositories))[0]).toContain(
    "--repo github.example.com/acme/images ",
  );
  expect(() => setVariables(environment, outputs(["web"]))).toThrow("repository_urls.team/worker");
});

test("a file that is not there is refused with what writes it", async () => {
  const path = scratch.path("none.json");
  expect(await workflow("c5n", "--variables", path)).toEqual({
    code: 1,
    stdout: "",
    stderr: `The outputs cannot be read.\n  - there is no file ${path}. Write it: npx cdktf output '*-registry' --outputs-file ${path}\n`,
  });
});

test("one environment that is not in the outputs is enough to print nothing", async () => {
  const { code, stdout, stderr } = await workflow("--variables", OUTPUTS);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toBe(
    "The outputs are not those of a deployed environment.\n  - they must hold c5-registry with repository_urls.large-python-container and hosted_role_arn. Write them: npx cdktf output c5-registry --outputs-file outputs.json\n",
  );
});

const c5n = (...configurations: Configuration[]) =>
  loadOne({
    name: "c5n",
    ...(configurations.length > 0 && { configurations }),
    github: { ...DEMO.github, owner: "your-organization", repository: "large-python-container" },
  });

test("an environment without hosted jobs has no role to set", () => {
  const environment = c5n("custom-kubernetes");
  expect(setVariables(environment, recorded)).toEqual(COMMANDS.slice(0, 1));
  expect(requiredVariables(environment)).toEqual(["BUILDX_C5N_IMAGE_REPOSITORY"]);
  expect(requiredVariables(c5n())).toEqual(["BUILDX_C5N_IMAGE_REPOSITORY", "BUILDX_C5N_HOSTED_ROLE_ARN"]);
});

test.each([
  ["text", "no JSON"],
  ["a list", "[1]"],
  ["other values", '{"c5n-registry": {"repository_urls": 1}}'],
  [
    "what a shell would read as more than a value",
    recorded.replace("buildx-c5n-hosted-jobs", "x'; echo hacked; '"),
  ],
])("%s is not what cdktf writes", (_, json) => {
  expect(() => setVariables(c5n(), json)).toThrow(
    "The outputs cannot be read.\n  - they must be what this writes: npx cdktf output c5n-registry --outputs-file outputs.json",
  );
});

test.each([
  ["no stack", "{}"],
  ["another environment's stack", recorded.replace("c5n-registry", "c5-registry")],
  ["another image's repository", recorded.replace('"large-python-container"', '"other"')],
  ["no role", recorded.replace("hosted_role_arn", "role_arn")],
])("outputs with %s are refused", (_, json) => {
  expect(() => setVariables(c5n(), json)).toThrow(
    "they must hold c5n-registry with repository_urls.large-python-container and hosted_role_arn. Write them: npx cdktf output c5n-registry --outputs-file outputs.json",
  );
});
