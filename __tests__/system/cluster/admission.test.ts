import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EnvironmentInput } from "../../../environment/environment";
import { BUILD_NAMESPACE, BUILDERS_LABEL, CONTROLLER_NAMESPACE } from "../../../environment/names";
import { demo, loadOne } from "../../helpers/input";
import { asList, asObject, type JsonObject } from "../../helpers/json";
import { collectionPath, type KubernetesObject, named, until } from "./api";
import { Cluster, HOOK_MS } from "./cluster";
import { builderDeployment, podOf, runnerPod } from "./pods";

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.open();
}, HOOK_MS);
afterAll(() => cluster?.close());

/** Applies an environment to the empty cluster. */
async function deploy(change: Partial<EnvironmentInput> = {}): Promise<void> {
  await cluster.empty();
  await cluster.apply(demo(change));
}
const runner = (name: string) => runnerPod(cluster.one("RunnerDeployment"), name);
const builder = (change: Partial<EnvironmentInput>, name: string) =>
  podOf(builderDeployment(loadOne(change), name), name);
const create = (object: KubernetesObject) => cluster.admin.create(object);
const pods = () => cluster.admin.list("v1", "Pod", BUILD_NAMESPACE);

describe("quota and limits admit all pods of a rollout at once, and not one more:", () => {
  it.each<[string, Partial<EnvironmentInput>, number]>([
    ["all configurations", {}, 2],
    ["custom-default", { configurations: ["custom-default"] }, 0],
    [
      "rootless builders, larger runners",
      { builders: { rootless: true, cpu: 1.5, memoryGib: 3.5 }, runners: { cpu: 3, memoryGib: 9.5 } },
      2,
    ],
  ])("%s", async (_, change, builders) => {
    await deploy(change);
    // Two runners, twice for a rollout.
    for (let i = 0; i < 4; i++) await create(runner(`runner-${i}`));
    for (let i = 0; i < builders; i++) await create(builder(change, `build-${i}`));
    await expect(create(runner("runner-more"))).rejects.toThrow("exceeded quota: builds");
    await expect(create(builder(change, "build-more"))).rejects.toThrow(/Forbidden/);
  });

  it("as a Deployment too: its controller makes the pod that buildx waits for", async () => {
    await deploy();
    await create(builderDeployment(loadOne(), "build"));
    await until("there is a pod", async () => (await pods()).length === 1 || undefined);
  });

  it("two warm builders with a claim each, and no third claim", async () => {
    await deploy({ builders: { mode: "warm" } });
    await until("there are two pods", async () => (await pods()).length === 2 || undefined);
    const claims = await cluster.admin.list("v1", "PersistentVolumeClaim", BUILD_NAMESPACE);
    expect(claims.map(({ metadata }) => metadata.name).sort()).toEqual([
      "state-warm-custom-a0-0",
      "state-warm-hosted-a0-0",
    ]);
    const third = {
      ...named("v1", "PersistentVolumeClaim", "third", BUILD_NAMESPACE),
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    };
    await expect(create(third)).rejects.toThrow("exceeded quota: builds");
  });
});

it("a pod of the build namespace gets default limits and no token, and has a largest container", async () => {
  const plain = (name: string, resources: JsonObject): KubernetesObject => ({
    ...named("v1", "Pod", name, BUILD_NAMESPACE),
    spec: {
      nodeSelector: { [BUILDERS_LABEL.key]: BUILDERS_LABEL.value },
      containers: [{ name: "plain", image: "plain", resources }],
    },
  });
  const amount = (cpu: string, memory: string) => ({ requests: { cpu, memory }, limits: { cpu, memory } });
  await deploy();
  const { spec } = await create(plain("defaults", {}));
  const container = asObject(asList(asObject(spec).containers)[0]);
  expect(container.resources).toEqual({
    limits: { cpu: "250m", memory: "256Mi" },
    requests: { cpu: "100m", memory: "128Mi" },
  });
  expect(container.volumeMounts).toBeUndefined();
  await expect(create(plain("cpu", amount("2001m", "1Gi")))).rejects.toThrow(
    "maximum cpu usage per Container is 2",
  );
  await expect(create(plain("memory", amount("1", "7169Mi")))).rejects.toThrow(
    "maximum memory usage per Container",
  );
  await create(plain("largest", amount("2", "7Gi")));
});

it("no service publishes a pod of the build namespace", async () => {
  const service = (type: string): KubernetesObject => ({
    ...named("v1", "Service", type.toLowerCase(), BUILD_NAMESPACE),
    spec: { type, selector: { app: "a" }, ports: [{ port: 1234 }] },
  });
  await deploy();
  for (const type of ["LoadBalancer", "NodePort"])
    await expect(create(service(type))).rejects.toThrow("exceeded quota: builds");
  await create(service("ClusterIP"));
});

describe("Pod Security", () => {
  const docker = 'container "docker" must not set securityContext.privileged=true';
  const buildkitd = 'container "buildkitd" must not set securityContext.privileged=true';
  const unconfined = 'container "buildkitd" must not set securityContext.seccompProfile.type to "Unconfined"';
  const warm = () => podOf(cluster.one("StatefulSet"), "pod");

  /** Asks without making the pod. */
  function tried(pod: KubernetesObject, namespace: string) {
    const moved = { ...pod, metadata: { ...pod.metadata, namespace } };
    // The controller's namespace has no service account `runner`.
    const spec = { ...asObject(pod.spec), serviceAccountName: "default" };
    return cluster.admin.request("POST", `${collectionPath(moved)}?dryRun=All&fieldValidation=Strict`, {
      ...moved,
      spec,
    });
  }

  it.each<[string, Partial<EnvironmentInput>, () => KubernetesObject, string]>([
    ["a runner with Docker", {}, () => runner("pod"), docker],
    ["a runner without Docker", { configurations: ["custom-kubernetes"] }, () => runner("pod"), ""],
    ["a job's builder", {}, () => builder({}, "pod"), buildkitd],
    [
      "a job's rootless builder",
      { builders: { rootless: true } },
      () => builder({ builders: { rootless: true } }, "pod"),
      unconfined,
    ],
    ["a warm builder", { builders: { mode: "warm" } }, warm, buildkitd],
    ["a rootless warm builder", { builders: { mode: "warm", rootless: true } }, warm, unconfined],
  ])("lets %s into the build namespace, with a warning, and not into the controller's", async (...row) => {
    const [, change, make, warning] = row;
    await cluster.apply(demo(change));
    const { status, warnings } = await tried(make(), BUILD_NAMESPACE);
    expect(status).toBe(201);
    if (warning === "") expect(warnings).toEqual([]);
    else expect(warnings.join()).toContain(warning);
    const { status: refused, body } = await tried(make(), CONTROLLER_NAMESPACE);
    expect(refused).toBe(403);
    expect(body.message).toContain('violates PodSecurity "restricted:latest"');
  });

  it("lets the controller's pod, as its chart is told to make it, into its own namespace", async () => {
    await cluster.apply(demo());
    const securityContext = {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    };
    const pod: KubernetesObject = {
      ...named("v1", "Pod", "controller"),
      spec: {
        securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
        containers: [{ name: "manager", image: "controller", securityContext }],
      },
    };
    expect(await tried(pod, CONTROLLER_NAMESPACE)).toMatchObject({ status: 201, warnings: [] });
  });
});
