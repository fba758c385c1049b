import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Configuration } from "../../../environment/configurations";
import type { Environment } from "../../../environment/environment";
import { loadEnvironments } from "../../../environment/load";
import { BUILD_NAMESPACE } from "../../../environment/names";
import { BUILDKITD_FLAGS } from "../../../pipeline/workflow/driver";
import { demo } from "../../helpers/input";
import { asList, asObject, asText, parseJson } from "../../helpers/json";
import { driverOptionLines, envOf, jobOf, stepOf } from "../../pipeline/workflow/rendered";
import { type Finished, run } from "../../pipeline/workflow/scripts";
import { BuildKit } from "../buildkit/buildkit";
import { builtTool } from "../programs";
import { type KubernetesObject, until } from "./api";
import { type BuilderMode, Cluster, HOOK_MS, IDENTITIES, type Identity } from "./cluster";
import { WARM } from "./cluster-access";

const CONFIGURATION: Readonly<Record<Identity, Configuration>> = {
  hosted: "hosted-kubernetes",
  runner: "custom-kubernetes",
};
let cluster: Cluster;
let buildkit: BuildKit;
let base: string;
let environment: Environment;

beforeAll(async () => {
  cluster = await Cluster.open();
  buildkit = await BuildKit.start(BUILDKITD_FLAGS);
  base = await buildkit.pushBase(1);
  // buildx runs the daemon's client in a builder's pod: here it leads to this daemon and is logged.
  const program = join(cluster.execFolder, "buildctl");
  const client = `${builtTool("buildctl")} --addr unix://${buildkit.scratch.path("buildkitd.sock")}`;
  writeFileSync(program, `#!/bin/sh\necho "$*" >> ${execLog()}\nexec ${client} "$@"\n`);
  chmodSync(program, 0o755);
}, HOOK_MS);
afterAll(async () => {
  await buildkit?.stop();
  cluster?.close();
}, HOOK_MS);

const execLog = () => buildkit.scratch.path("exec.log");

/** A job of the rendered workflow, as far as it has to do with its builder. */
class Job {
  readonly builder: string;
  readonly image: string;
  private readonly env: Readonly<Record<string, string>>;
  private readonly options: readonly string[];

  constructor(environment: Environment, identity: Identity, kubeconfig: string) {
    const configuration = CONFIGURATION[identity];
    const repository = `${buildkit.host}/team/${identity}-${environment.builders.mode}`;
    const job = envOf(environment, configuration, { "vars.BUILDX_DEMO_IMAGE_REPOSITORY": repository });
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

const list = (kind: string) => cluster.admin.list("apps/v1", kind, BUILD_NAMESPACE);
const names = async (kind: string) => (await list(kind)).map(({ metadata }) => metadata.name);
const pods = () => cluster.admin.list("v1", "Pod", BUILD_NAMESPACE);
const execs = () => (existsSync(execLog()) ? readFileSync(execLog(), "utf8").trim().split("\n") : []);

async function pushedLayers(image: string): Promise<number> {
  const [, host = "", repository = "", tag = ""] = /^([^/]+)\/(.+):(\w+)$/.exec(image) ?? [];
  const response = await fetch(`http://${host}/v2/${repository}/manifests/${tag}`, {
    headers: { accept: "application/vnd.oci.image.manifest.v1+json" },
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

async function start(mode: BuilderMode): Promise<void> {
  const input = demo({ builders: { mode } });
  [environment] = loadEnvironments([input]) as [Environment];
  await cluster.empty();
  await cluster.apply(input);
  for (const name of ["builders-a", "builders-b"]) await cluster.addBuilderNode(name);
}

describe("a builder of one job", () => {
  beforeAll(() => start("per-job"), HOOK_MS);

  it.each(IDENTITIES)("of %s is created, builds and pushes, and is removed", async (identity) => {
    const job = new Job(environment, identity, await cluster.kubeconfigOf(identity));
    expect(await job.create()).toMatchObject({ code: 0 });
    expect(await names("Deployment")).toEqual([`${job.builder}0`]);
    const [pod, ...others] = await pods();
    expect(others).toEqual([]);
    expect(pod).toMatchObject({
      metadata: {
        // By this label the sweep finds it.
        labels: { app: `${job.builder}0` },
        annotations: {
          "karpenter.sh/do-not-disrupt": "true",
          "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
        },
      },
      spec: {
        nodeName: expect.stringMatching(/^builders-/),
        containers: [
          {
            image: "moby/buildkit:v0.31.2",
            args: [BUILDKITD_FLAGS],
            resources: { requests: { cpu: "2", memory: "7Gi" }, limits: { cpu: "2", memory: "7Gi" } },
          },
        ],
      },
    });

    await expectBuilds(job);

    expect(await job.remove()).toMatchObject({ code: 0 });
    expect(await names("Deployment")).toEqual([]);
    await until("the builder's pod is gone", async () => (await pods()).length === 0 || undefined);
  });
});

describe("a warm builder", () => {
  beforeAll(async () => {
    await start("warm");
    for (const name of Object.values(WARM)) await cluster.readyStatefulSet(name);
  }, HOOK_MS);

  it.each(IDENTITIES)(
    "of %s is adopted, builds and pushes, and stays when the job removes it",
    async (identity) => {
      const job = new Job(environment, identity, await cluster.kubeconfigOf(identity));
      expect(`${job.builder}0`).toBe(WARM[identity]);
      const before = await list("StatefulSet");
      expect(await job.create()).toMatchObject({ code: 0 });

      await expectBuilds(job);

      const removed = await job.remove();
      expect(removed.stderr).toContain(`cannot delete resource "statefulsets"`);
      expect(removed.code).not.toBe(0);
      const uids = (sets: readonly KubernetesObject[]) => sets.map(({ metadata }) => metadata.uid);
      expect(uids(await list("StatefulSet"))).toEqual(uids(before));
    },
  );

  it.each([
    ["hosted", "that of the other class", "warm-custom-a"],
    ["runner", "that of the other class", "warm-hosted-a"],
    ["hosted", "a new one", "my-own"],
    ["runner", "a new one", "my-own"],
  ] as const)("is the only one for %s: not %s, %s", async (identity, _, name) => {
    const job = new Job(environment, identity, await cluster.kubeconfigOf(identity));
    const { code, stderr } = await job.create(name);
    expect(stderr).toMatch(/cannot (?:get|create) resource "statefulsets"/);
    expect(code).not.toBe(0);
    expect(await names("Deployment")).toEqual([]);
  });
});
