import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { EnvironmentInput } from "../../../../environment/environment";
import { BUILD_NAMESPACE, BUILDERS_LABEL, CONTROLLER_NAMESPACE } from "../../../../environment/names";
import { demo, loadOne } from "../../../helpers/input";
import { asList, asObject, asText, type JsonObject } from "../../../helpers/json";
import { type Reply, type Sendable, until } from "../kubectl";
import { Deployment, HOOK_MS } from "./deployment";
import type { KubernetesObject } from "./objects";
import { builderDeployment, podOf, runnerPod } from "./pods";

let deployment: Deployment;

beforeAll(async () => {
  deployment = await Deployment.open();
}, HOOK_MS);
afterEach(() => deployment.clear(), HOOK_MS);
afterAll(() => deployment?.close(), HOOK_MS);

const deploy = (change: Partial<EnvironmentInput> = {}) => deployment.apply(demo(change));
const runner = (name: string) => runnerPod(deployment.one("RunnerDeployment"), name);
const builder = (change: Partial<EnvironmentInput>, name: string) =>
  podOf(builderDeployment(loadOne(change), name), name);
const create = (object: KubernetesObject) => deployment.admin.create(object);
const refusal = (object: Sendable) => deployment.refusal(object);

const podsOf = (owner: RegExp) => async () => {
  const pods = await deployment.admin.list("v1", "Pod", BUILD_NAMESPACE);
  const found = pods.filter(({ metadata }) => owner.test(asText(asObject(metadata).name)));
  return found.length > 0 ? found : undefined;
};

/** Runners twice for a rollout, and the builders: as the quota is meant. */
const FULL = [
  { name: "all configurations", change: {}, runners: 4, builders: 2 },
  { name: "custom-default", change: { configurations: ["custom-default"] }, runners: 4, builders: 0 },
  { name: "custom-kubernetes", change: { configurations: ["custom-kubernetes"] }, runners: 4, builders: 2 },
  {
    name: "rootless builders, larger runners",
    change: { builders: { rootless: true, cpu: 1.5, memoryGib: 3.5 }, runners: { cpu: 3, memoryGib: 9.5 } },
    runners: 4,
    builders: 2,
  },
] satisfies { name: string; change: Partial<EnvironmentInput>; runners: number; builders: number }[];

describe("the quota and the limits admit all pods of a rollout at once, and not one more:", () => {
  it.each(
    FULL.map(
      (full) => [`${full.name}, ${full.runners} runners and ${full.builders} builders`, full] as const,
    ),
  )("%s", async (_, { change, runners, builders }) => {
    await deploy(change);
    for (let i = 0; i < runners; i++) await create(runner(`runner-${i}`));
    for (let i = 0; i < builders; i++) await create(builder(change, `build-${i}`));
    expect(await refusal(runner("runner-more"))).toMatch(/^Forbidden: .*exceeded quota: builds/);
    expect(await refusal(builder(change, "build-more"))).toMatch(
      builders > 0 ? /^Forbidden: .*exceeded quota: builds/ : /^Forbidden: /,
    );
  });

  it("as a Deployment too: its controller makes the pod that buildx waits for", async () => {
    await deploy();
    await create(builderDeployment(loadOne(), "build"));
    expect(await until("there is a pod", podsOf(/^build0-/))).toHaveLength(1);
  });

  it.each([
    ["privileged", {}],
    ["rootless", { rootless: true }],
  ] as const)(
    "as warm builders, %s: each has its pod and its claim, and no third claim fits",
    async (_, more) => {
      await deploy({ builders: { mode: "warm", ...more } });
      await until(
        "there are two pods",
        async () => ((await podsOf(/^warm-/)()) ?? []).length === 2 || undefined,
      );
      const claims = await deployment.admin.list("v1", "PersistentVolumeClaim", BUILD_NAMESPACE);
      expect(claims.map(({ metadata }) => asObject(metadata).name).sort()).toEqual([
        "state-warm-custom-a0-0",
        "state-warm-hosted-a0-0",
      ]);
      const claim = {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: "third", namespace: BUILD_NAMESPACE },
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
      };
      expect(await refusal(claim)).toMatch(/^Forbidden: .*exceeded quota: builds/);
    },
  );
});

describe("in the build namespace a pod", () => {
  const plain = (resources: JsonObject): KubernetesObject => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "plain", namespace: BUILD_NAMESPACE },
    spec: {
      nodeSelector: { [BUILDERS_LABEL.key]: BUILDERS_LABEL.value },
      containers: [{ name: "plain", image: "plain", resources }],
    },
  });

  it("without limits gets the default ones", async () => {
    await deploy();
    const { spec } = await create(plain({}));
    expect(asObject(asList(asObject(spec).containers)[0]).resources).toEqual({
      limits: { cpu: "250m", memory: "256Mi" },
      requests: { cpu: "100m", memory: "128Mi" },
    });
  });

  it("may have no container larger than the largest", async () => {
    await deploy();
    const amount = (cpu: string, memory: string) => ({ requests: { cpu, memory }, limits: { cpu, memory } });
    expect(await refusal(plain(amount("2001m", "1Gi")))).toMatch(/maximum cpu usage per Container is 2/);
    expect(await refusal(plain(amount("1", "7169Mi")))).toMatch(/maximum memory usage per Container is 7Gi/);
    expect(await refusal(plain(amount("2", "7Gi")))).toBe("none");
  });

  it("without a builder's token: the default account mounts none", async () => {
    await deploy();
    const { spec } = await create(plain({}));
    expect(asObject(asList(asObject(spec).containers)[0]).volumeMounts).toBeUndefined();
  });

  it.each(["LoadBalancer", "NodePort"])("is not published by a service of type %s", async (type) => {
    await deploy();
    const service = (of: string): Sendable => ({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: of.toLowerCase(), namespace: BUILD_NAMESPACE },
      spec: { type: of, selector: { app: "a" }, ports: [{ port: 1234 }] },
    });
    expect(await refusal(service(type))).toMatch(/^Forbidden: .*exceeded quota: builds/);
    expect(await refusal(service("ClusterIP"))).toBe("none");
  });
});

describe("Pod Security", () => {
  /** What the server says to a pod without making it. */
  async function tried(pod: KubernetesObject, namespace: string): Promise<Reply> {
    const metadata = { ...pod.metadata, namespace };
    const path = await deployment.admin.pathOf({ ...pod, metadata });
    // The controller's namespace has no service account `runner`.
    const spec = { ...asObject(pod.spec), serviceAccountName: "default" };
    return deployment.admin.request("POST", `${path}?dryRun=All&fieldValidation=Strict`, {
      ...pod,
      metadata,
      spec,
    });
  }
  const docker = /privileged \(container "docker" must not set securityContext.privileged=true\)/;
  const buildkitd = /privileged \(container "buildkitd" must not set securityContext.privileged=true\)/;
  const unconfined =
    /seccompProfile \(.*container "buildkitd" must not set securityContext.seccompProfile.type to "Unconfined"\)/;
  const PODS: readonly [
    string,
    Partial<EnvironmentInput>,
    "runner" | "builder" | "StatefulSet",
    RegExp | undefined,
  ][] = [
    ["a runner with Docker", {}, "runner", docker],
    ["a runner without Docker", { configurations: ["custom-kubernetes"] }, "runner", undefined],
    ["a job's builder", {}, "builder", buildkitd],
    ["a job's rootless builder", { builders: { rootless: true } }, "builder", unconfined],
    ["a warm builder", { builders: { mode: "warm" } }, "StatefulSet", buildkitd],
    ["a rootless warm builder", { builders: { mode: "warm", rootless: true } }, "StatefulSet", unconfined],
  ];
  const made = (kind: (typeof PODS)[number][2], change: Partial<EnvironmentInput>) => {
    if (kind === "runner") return runner("pod");
    return kind === "builder" ? builder(change, "pod") : podOf(deployment.one("StatefulSet"), "pod");
  };

  it.each(PODS)(
    "lets %s into the build namespace, and warns where it goes beyond the baseline",
    async (_, change, kind, warning) => {
      await deploy(change);
      const { status, warnings } = await tried(made(kind, change), BUILD_NAMESPACE);
      expect(status).toBe(201);
      expect(warnings.join()).toMatch(warning ?? /^$/);
    },
  );

  it.each(PODS)("keeps %s out of the controller's namespace", async (_, change, kind) => {
    await deploy(change);
    if (!deployment.objects.some(({ metadata }) => metadata.name === CONTROLLER_NAMESPACE))
      throw new Error("no controller");
    const { status, body } = await tried(made(kind, change), CONTROLLER_NAMESPACE);
    expect(status).toBe(403);
    expect(asText(body.message)).toContain('violates PodSecurity "restricted:latest"');
  });

  it("lets the controller's pod, as its chart is told to make it, into its own namespace", async () => {
    await deploy();
    const pod: KubernetesObject = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "controller" },
      spec: {
        securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
        containers: [
          {
            name: "manager",
            image: "controller",
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ["ALL"] },
            },
          },
        ],
      },
    };
    expect(await tried(pod, CONTROLLER_NAMESPACE)).toMatchObject({ status: 201, warnings: [] });
  });
});
