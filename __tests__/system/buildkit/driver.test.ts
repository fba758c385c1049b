import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EnvironmentInput } from "../../../environment/environment";
import { BUILDKITD_FLAGS } from "../../../pipeline/workflow/driver";
import { loadOne } from "../../helpers/input";
import { asList, asObject, asText, type JsonObject } from "../../helpers/json";
import { FakeKubernetes, type Kind, makeIdentity } from "../../pipeline/workflow/fake-kubernetes";
import { driverOptionLines, jobOf, stepOf } from "../../pipeline/workflow/rendered";
import { Scratch } from "../../pipeline/workflow/scripts";
import { BuildKit } from "./buildkit";
import { findTools } from "./tools";
import { readWorkload } from "./workload";

describe("what buildx makes of the workflow's driver options", () => {
  const BUILDER = "build-4711-2-custom-kubernetes";
  let scratch: Scratch;
  let kubernetes: FakeKubernetes;
  let child: ChildProcess | undefined;

  beforeEach(async () => {
    scratch = new Scratch();
    const identity = makeIdentity(scratch.folder);
    kubernetes = await new FakeKubernetes(identity).start();
    scratch.write(
      "kubeconfig",
      JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [
          {
            name: "fake",
            cluster: {
              server: kubernetes.url,
              "certificate-authority-data": Buffer.from(identity.certificate).toString("base64"),
            },
          },
        ],
        users: [{ name: "job", user: { token: kubernetes.token } }],
        contexts: [{ name: "fake", context: { cluster: "fake", user: "job" } }],
        "current-context": "fake",
      }),
    );
    mkdirSync(scratch.path("docker", "cli-plugins"), { recursive: true });
    symlinkSync(findTools().buildx, scratch.path("docker", "cli-plugins", "docker-buildx"));
  });
  afterEach(async () => {
    // It waits ten minutes for pods that never come.
    child?.kill("SIGKILL");
    await kubernetes.stop();
    scratch.remove();
  });

  /** Creates a builder as setup-buildx-action does, and returns what buildx asked the cluster for. */
  async function created(kind: Kind, change: Partial<EnvironmentInput> = {}): Promise<JsonObject> {
    const job = jobOf(loadOne(change), "custom-kubernetes");
    const options = driverOptionLines(job).flatMap((line) => ["--driver-opt", line]);
    const flags = asText(asObject(stepOf(job, "Create builder").with)["buildkitd-flags"]);
    let said = "";
    child = spawn(
      "docker",
      [
        ...["buildx", "create", "--name", BUILDER, "--driver", "kubernetes", ...options],
        ...["--buildkitd-flags", flags, "--bootstrap"],
      ],
      {
        env: {
          ...scratch.env,
          DOCKER_CONFIG: scratch.path("docker"),
          BUILDX_CONFIG: scratch.path("buildx"),
          KUBECONFIG: scratch.path("kubeconfig"),
        },
        stdio: ["ignore", "ignore", "pipe"],
      },
    );
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const path = `/apis/apps/v1/namespaces/buildx/${kind}`;
    const end = Date.now() + 30_000;
    while (Date.now() < end && child.exitCode === null) {
      const post = kubernetes.asked.find((asked) => asked.method === "POST" && asked.path === path);
      if (post) return readWorkload(post.body);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`buildx asked for no ${kind}: ${said}\n${kubernetes.lines.join("\n")}`);
  }

  const podOf = (workload: JsonObject) => asObject(asObject(workload.spec).template);

  test("a pod of the right size on a builder node, which nobody moves", async () => {
    const workload = await created("deployments");
    expect(asObject(workload.metadata).name).toBe(`${BUILDER}0`);
    expect(asObject(workload.spec).replicas).toBe(1);
    const { metadata, spec } = podOf(workload);
    expect(asObject(metadata)).toMatchObject({
      // By this label the sweep finds it.
      labels: { app: `${BUILDER}0` },
      annotations: {
        "karpenter.sh/do-not-disrupt": "true",
        "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
      },
    });
    expect(asObject(spec)).toMatchObject({
      nodeSelector: { "buildx-on-eks/node-group": "builders" },
      tolerations: [
        { key: "buildx-on-eks/node-group", operator: "Equal", value: "builders", effect: "NoSchedule" },
      ],
    });
    const [container, ...others] = asList(asObject(spec).containers);
    expect(others).toEqual([]);
    expect(asObject(container)).toMatchObject({
      image: "moby/buildkit:v0.31.2",
      resources: { requests: { cpu: "2", memory: "7Gi" }, limits: { cpu: "2", memory: "7Gi" } },
    });
  });

  test("a daemon that grants neither the host's network nor privileges", async () => {
    const [container] = asList(asObject(podOf(await created("deployments")).spec).containers);
    expect(asObject(container).args).toEqual([BUILDKITD_FLAGS]);
    expect(BUILDKITD_FLAGS).not.toMatch(/network\.host|security\.insecure/);
  });

  test("a StatefulSet with a claim where builders have a volume: a warm one is looked for as such", async () => {
    const workload = await created("statefulsets", { builders: { mode: "warm", volumeGib: 150 } });
    expect(kubernetes.lines[0]).toBe(`GET /apis/apps/v1/namespaces/buildx/statefulsets/${BUILDER}0`);
    const [claim] = asList(asObject(workload.spec).volumeClaimTemplates);
    expect(asObject(asObject(claim).spec)).toMatchObject({
      resources: { requests: { storage: "150Gi" } },
    });
    expect(asObject(podOf(workload).metadata)).toMatchObject({ labels: { app: `${BUILDER}0` } });
  });

  test("asks for nothing that a job has no right to", async () => {
    await created("deployments");
    const allowed = [
      /^GET \/apis\/apps\/v1\/namespaces\/buildx\/deployments\/build-/,
      /^POST \/apis\/apps\/v1\/namespaces\/buildx\/deployments$/,
      /^GET \/api\/v1\/namespaces\/buildx\/pods$/,
    ];
    expect(kubernetes.lines.filter((line) => !allowed.some((pattern) => pattern.test(line)))).toEqual([]);
  });
});

describe("what a build may ask the daemon for", () => {
  /** Builds a step with the host's network on a daemon with these flags. */
  async function askForHostNetwork(flags: string) {
    const buildkit = await BuildKit.start(flags);
    try {
      const base = await buildkit.pushBase(1);
      buildkit.scratch.write("host/Dockerfile", `FROM ${base}\nRUN --network=host true\n`);
      return await buildkit.docker(
        ...["buildx", "build", "--builder", buildkit.builder, "--allow", "network.host", "--no-cache"],
        ...["--output", "type=cacheonly", buildkit.scratch.path("host")],
      );
    } finally {
      await buildkit.stop();
    }
  }

  test("the workflow's flags refuse the host's network", async () => {
    const { code, stderr } = await askForHostNetwork(BUILDKITD_FLAGS);
    expect(code).toBe(1);
    expect(stderr).toContain("network.host is not allowed");
  });

  test("other flags would have granted it", async () => {
    const { code, stderr } = await askForHostNetwork("--allow-insecure-entitlement=network.host");
    expect({ code, stderr }).toMatchObject({ code: 0 });
  });
});
