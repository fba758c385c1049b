import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Configuration } from "../../../environment/configurations";
import type { Environment } from "../../../environment/environment";
import { loadEnvironments } from "../../../environment/load";
import { BUILD_NAMESPACE } from "../../../environment/names";
import { BUILDKITD_FLAGS } from "../../../pipeline/workflow/driver";
import { demo } from "../../helpers/input";
import { asList, asObject, asText, type JsonObject, parseJson } from "../../helpers/json";
import { driverOptionLines, envOf, jobOf, stepOf } from "../../pipeline/workflow/rendered";
import { type Finished, run } from "../../pipeline/workflow/scripts";
import { BuildKit } from "../buildkit/buildkit";
import { findTools } from "../buildkit/tools";
import { Cluster, HOOK_MS, IDENTITIES, type Identity } from "./cluster";
import type { BuilderMode } from "./cluster-access";
import { readFacts } from "./facts";
import { type Sendable, until } from "./kubectl";
import { addBuilderNode, applyStacks, readyStatefulSet } from "./platform";
import { define, undefine } from "./rendered/definitions";

const CONFIGURATION: Readonly<Record<Identity, Configuration>> = {
  hosted: "hosted-kubernetes",
  runner: "custom-kubernetes",
};
const WARM: Readonly<Record<Identity, string>> = { hosted: "warm-hosted-a", runner: "warm-custom-a" };
const MANIFESTS = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** inside.ts says so when these are left out. */
const left = readFacts(process.env).execFolder === undefined;

let cluster: Cluster;
let buildkit: BuildKit;
let definitions: readonly Sendable[] = [];
let base: string;

beforeAll(async () => {
  if (left) return;
  cluster = await Cluster.open();
  await cluster.reset();
  definitions = await define(cluster.admin, process.env);
  buildkit = await BuildKit.start(BUILDKITD_FLAGS);
  base = await buildkit.pushBase(1);
  putBehindPods();
}, HOOK_MS);
afterAll(async () => {
  await buildkit?.stop();
  if (left) return;
  await cluster?.reset();
  await undefine(cluster.admin, definitions);
  await cluster?.close();
}, HOOK_MS);

/** The daemon's client runs where buildx runs it in a builder's pod, and writes that down. */
const execLog = () => buildkit.scratch.path("exec.log");
function putBehindPods(): void {
  if (cluster.execFolder === undefined) throw new Error("no command can be run in pods");
  const program = join(cluster.execFolder, "buildctl");
  writeFileSync(
    program,
    [
      "#!/bin/sh",
      `echo "$*" >> ${execLog()}`,
      `exec ${findTools().buildctl} --addr unix://${buildkit.scratch.path("buildkitd.sock")} "$@"`,
      "",
    ].join("\n"),
  );
  chmodSync(program, 0o755);
}

function loadDemo(mode: BuilderMode): Environment {
  const [environment] = loadEnvironments([demo({ builders: { mode } })]);
  if (!environment) throw new Error("nothing was loaded");
  return environment;
}

/** A job of the rendered workflow, as far as it has to do with its builder. */
class Job {
  readonly builder: string;
  readonly image: string;
  private readonly env: Readonly<Record<string, string>>;
  private readonly options: readonly string[];

  constructor(environment: Environment, identity: Identity, kubeconfig: string) {
    const configuration = CONFIGURATION[identity];
    const repository = `${buildkit.host}/team/${identity}-${environment.builders.mode}`;
    const job = envOf(environment, configuration, {
      "github.workspace": buildkit.scratch.folder,
      "vars.BUILDX_DEMO_IMAGE_REPOSITORY": repository,
    });
    const rendered = jobOf(environment, configuration);
    const step = asObject(stepOf(rendered, "Create builder").with);
    this.builder = asText(job.BUILDER);
    this.image = `${repository}:1`;
    this.options = [
      ...driverOptionLines(rendered).flatMap((line) => ["--driver-opt", line]),
      ...["--buildkitd-flags", asText(step["buildkitd-flags"])],
    ];
    this.env = {
      ...buildkit.env,
      KUBECONFIG: kubeconfig,
      BUILDX_CONFIG: buildkit.scratch.path(`buildx-${identity}-${environment.builders.mode}`),
    };
  }

  create(name = this.builder): Promise<Finished> {
    return this.buildx("create", "--name", name, "--driver", "kubernetes", ...this.options, "--bootstrap");
  }

  async build(): Promise<Finished> {
    buildkit.scratch.write("context/Dockerfile", `FROM ${base}\nRUN echo built > /built\n`);
    return this.buildx(
      ...["build", "--builder", this.builder, "--no-cache", "--provenance=false", "--push"],
      ...["--tag", this.image, buildkit.scratch.path("context")],
    );
  }

  remove(): Promise<Finished> {
    return this.buildx("rm", this.builder);
  }

  private buildx(...args: string[]): Promise<Finished> {
    return run("docker", ["buildx", ...args], { cwd: buildkit.scratch.folder, env: this.env });
  }
}

const workloads = (kind: string) => cluster.admin.list("apps/v1", kind, BUILD_NAMESPACE);
const nameOf = ({ metadata }: JsonObject) => asText(asObject(metadata).name);
const uidOf = ({ metadata }: JsonObject) => asText(asObject(metadata).uid);
const names = async (kind: string) => (await workloads(kind)).map(nameOf);
const execs = () => (existsSync(execLog()) ? readFileSync(execLog(), "utf8").trim().split("\n") : []);

async function pushedLayers(image: string): Promise<number> {
  const [, host = "", repository = "", tag = ""] = /^([^/]+)\/(.+):(\w+)$/.exec(image) ?? [];
  const response = await fetch(`http://${host}/v2/${repository}/manifests/${tag}`, {
    headers: { accept: MANIFESTS },
  });
  expect(response.status).toBe(200);
  return asList(asObject(parseJson(await response.text())).layers).length;
}

async function expectBuilds(job: Job): Promise<void> {
  const before = execs().length;
  expect(await job.build()).toMatchObject({ code: 0 });
  expect(execs().length).toBeGreaterThan(before);
  expect([...new Set(execs())]).toEqual(["dial-stdio"]);
  // The base's three layers and the step's own.
  expect(await pushedLayers(job.image)).toBe(4);
}

async function startPlatform(mode: BuilderMode): Promise<Environment> {
  const environment = loadDemo(mode);
  await cluster.reset();
  await applyStacks(cluster, demo({ builders: { mode } }));
  await addBuilderNode(cluster, "builders-a");
  return environment;
}

describe.skipIf(left)("a builder of one job", () => {
  let environment: Environment;
  beforeAll(async () => {
    environment = await startPlatform("per-job");
  }, HOOK_MS);

  test.each(IDENTITIES)("builder of a job of %s: made, used and removed", async (identity) => {
    const job = new Job(environment, identity, await cluster.kubeconfigOf(identity));
    expect(await job.create()).toMatchObject({ code: 0 });
    expect(await names("Deployment")).toEqual([`${job.builder}0`]);
    const [pod, ...others] = await cluster.admin.list("v1", "Pod", BUILD_NAMESPACE);
    expect(others).toEqual([]);
    expect(asObject(pod?.spec)).toMatchObject({ nodeName: "builders-a", serviceAccountName: "default" });

    await expectBuilds(job);

    expect(await job.remove()).toMatchObject({ code: 0 });
    expect(await names("Deployment")).toEqual([]);
    await until("the builder's pod is gone", async () => {
      const pods = await cluster.admin.list("v1", "Pod", BUILD_NAMESPACE);
      return pods.length === 0 || undefined;
    });
  });
});

describe.skipIf(left)("a warm builder", () => {
  let environment: Environment;
  beforeAll(async () => {
    environment = await startPlatform("warm");
    await addBuilderNode(cluster, "builders-b");
    for (const name of Object.values(WARM)) await readyStatefulSet(cluster, BUILD_NAMESPACE, `${name}0`);
  }, HOOK_MS);
  afterEach(async () => {
    expect(await names("StatefulSet")).toEqual(["warm-custom-a0", "warm-hosted-a0"]);
    expect(await names("Deployment")).toEqual([]);
  }, HOOK_MS);

  test.each(IDENTITIES)(
    "warm builder of %s: adopted, used, and still there when the job would remove it",
    async (identity) => {
      const job = new Job(environment, identity, await cluster.kubeconfigOf(identity));
      expect(job.builder).toBe(WARM[identity]);
      const before = (await workloads("StatefulSet")).map(uidOf);
      expect(await job.create()).toMatchObject({ code: 0 });

      await expectBuilds(job);

      const removed = await job.remove();
      expect(removed.stderr).toContain(`cannot delete resource "statefulsets"`);
      expect(removed.code).not.toBe(0);
      expect((await workloads("StatefulSet")).map(uidOf)).toEqual(before);
    },
  );

  test.each([
    ["hosted", "runner"],
    ["runner", "hosted"],
  ] as const)("warm builder of %s: not that of the other class", async (identity, other) => {
    const job = new Job(environment, identity, await cluster.kubeconfigOf(identity));
    const { code, stderr } = await job.create(WARM[other]);
    expect(stderr).toContain(`cannot get resource "statefulsets"`);
    expect(code).not.toBe(0);
  });

  test.each(IDENTITIES)("with warm builders, %s: no new one", async (identity) => {
    const job = new Job(environment, identity, await cluster.kubeconfigOf(identity));
    const { code, stderr } = await job.create("my-own");
    expect(stderr).toMatch(/cannot (?:get|create) resource "statefulsets"/);
    expect(code).not.toBe(0);
  });
});
