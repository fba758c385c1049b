import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  BUILD_NAMESPACE,
  BUILDERS_LABEL,
  CONTROLLER_NAMESPACE,
  HOSTED_GROUP,
  RUNNER_SERVICE_ACCOUNT,
} from "../../../environment/names";
import { demo } from "../../helpers/input";
import { asList, asObject, asText, type JsonObject } from "../../helpers/json";
import { synthesize } from "../../helpers/synth";
import { attempt, exists, reviewImpersonation, verdict } from "./attempt";
import { Cluster, HOOK_MS, IDENTITIES, type Identity } from "./cluster";
import { type BuilderMode, CLUSTER_ACCESS, TARGET } from "./cluster-access";
import { type Kubectl, type Sendable, until } from "./kubectl";
import { addBuilderNode, applyStacks, readyStatefulSet } from "./platform";
import { define, undefine } from "./rendered/definitions";

let cluster: Cluster;
let definitions: readonly Sendable[] = [];

beforeAll(async () => {
  cluster = await Cluster.open();
  await cluster.reset();
  definitions = await define(cluster.admin, process.env);
}, HOOK_MS);
afterAll(async () => {
  await cluster?.reset();
  for (const target of TARGETS_ELSEWHERE) await cluster?.admin.delete(target);
  await undefine(cluster.admin, definitions);
  await cluster?.close();
}, HOOK_MS);

const CONTAINERS = [
  {
    name: "main",
    image: "main:1",
    resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { cpu: "100m", memory: "64Mi" } },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
  },
];
const PLACE = {
  nodeSelector: { [BUILDERS_LABEL.key]: BUILDERS_LABEL.value },
  tolerations: [{ operator: "Exists" }],
};
const pod = (namespace: string): Sendable => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: TARGET, namespace },
  spec: {
    containers: CONTAINERS,
    ...PLACE,
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
  },
});
const TARGETS_ELSEWHERE = ["default", "kube-system"].map(pod);
const inBuilds = { name: TARGET, namespace: BUILD_NAMESPACE };
/** What the table reaches for. */
const TARGETS: readonly Sendable[] = [
  ...TARGETS_ELSEWHERE,
  pod(CONTROLLER_NAMESPACE),
  pod(BUILD_NAMESPACE),
  { apiVersion: "v1", kind: "Secret", metadata: inBuilds, stringData: { key: "value" } },
  { apiVersion: "v1", kind: "ConfigMap", metadata: inBuilds },
  { apiVersion: "actions.summerwind.dev/v1alpha1", kind: "Runner", metadata: inBuilds },
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: inBuilds,
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: TARGET } },
      template: { metadata: { labels: { app: TARGET } }, spec: { containers: CONTAINERS, ...PLACE } },
    },
  },
];

/** Namespaces get their service account a moment after they are made, and no pod before. */
async function create(object: Sendable): Promise<void> {
  await until(`${object.kind} ${object.metadata.name} is made`, async () => {
    const namespace = object.metadata.namespace as string;
    const account = await cluster.admin.get("v1", "ServiceAccount", namespace, "default");
    return account && (await cluster.admin.apply(object));
  });
}

async function platform(mode: BuilderMode): Promise<Readonly<Record<Identity, Kubectl>>> {
  await applyStacks(cluster, demo({ builders: { mode } }));
  for (const name of [TARGET, "other"]) await addBuilderNode(cluster, name);
  for (const target of TARGETS) await create(target);
  for (const target of TARGETS.filter(({ kind }) => kind === "Pod")) {
    await until(`the pod of ${target.metadata.namespace} has a node`, async () => {
      const namespace = asText(target.metadata.namespace);
      const there = await cluster.admin.get("v1", "Pod", namespace, TARGET);
      return asObject(there?.spec ?? {}).nodeName;
    });
  }
  await until("the admission policy is in force", async () => {
    const { spec, ...rest } = pod(BUILD_NAMESPACE);
    const { status } = await cluster.admin.request(
      "POST",
      `/api/v1/namespaces/${BUILD_NAMESPACE}/pods?dryRun=All`,
      { ...rest, metadata: { name: "anywhere" }, spec: { ...asObject(spec), nodeSelector: {} } },
    );
    return status === 422 || undefined;
  });
  if (mode === "warm") {
    for (const name of ["warm-hosted-a0", "warm-custom-a0"]) {
      await readyStatefulSet(cluster, BUILD_NAMESPACE, name);
    }
  }
  return { hosted: await cluster.as("hosted"), runner: await cluster.as("runner") };
}

it("the group of the table is the one that the access entry of hosted jobs names", () => {
  const cluster = synthesize(demo()).stack("demo-cluster");
  const groups = cluster.all("aws_eks_access_entry").flatMap(({ body }) => body.kubernetes_groups ?? []);
  expect(groups).toEqual([HOSTED_GROUP]);
});

describe.each<BuilderMode>(["per-job", "warm"])("builders %s", (mode) => {
  let who: Readonly<Record<Identity, Kubectl>>;
  beforeAll(async () => {
    await cluster.reset();
    who = await platform(mode);
  }, HOOK_MS);

  it("each identity is who it is meant to be", async () => {
    const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
    const userOf = async (identity: Identity) => {
      const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
      const { body } = await who[identity].request("POST", path, review);
      return asObject(asObject(body.status).userInfo);
    };
    expect(await userOf("hosted")).toMatchObject({ groups: [HOSTED_GROUP, "system:authenticated"] });
    expect(await userOf("runner")).toMatchObject({
      username: `system:serviceaccount:${BUILD_NAMESPACE}:${RUNNER_SERVICE_ACCOUNT}`,
    });
  });

  const rows = CLUSTER_ACCESS.filter((row) => row.mode === mode);

  const titled = (identity: Identity) =>
    rows
      .filter((row) => row.identity === identity)
      .map(({ words, expected, request }) => [words, expected, request] as const);

  it.each(titled("hosted"))("there is such a request: %s", async (_, __, request) => {
    const reply = await attempt(cluster.admin, request, { dryRun: true });
    expect(exists(reply) || JSON.stringify(reply)).toBe(true);
  });

  describe.each(IDENTITIES)("as %s", (identity) => {
    it.each(titled(identity))("what a job asks for: %s: %s", async (_, expected, request) => {
      const { impersonated } = request;
      const said =
        impersonated && cluster.impersonates(identity)
          ? await reviewImpersonation(who[identity], impersonated)
          : verdict(await attempt(who[identity], request));
      expect(said).toBe(expected);
    });
  });

  describe.each(mode === "per-job" ? IDENTITIES : [])("what a Deployment of %s may become", (identity) => {
    /** Creates a Deployment as the job does, waits for what stops its pods, and takes it away. */
    async function deployed(replicas: number, resources: JsonObject) {
      const name = `deployed-by-${identity}`;
      const deployment = {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name, namespace: BUILD_NAMESPACE },
        spec: {
          replicas,
          selector: { matchLabels: { app: name } },
          template: {
            metadata: { labels: { app: name } },
            spec: { containers: [{ name: "main", image: "main:1", resources }], ...PLACE },
          },
        },
      };
      const labelled = { labelSelector: `app=${name}` };
      const pods = () => cluster.admin.list("v1", "Pod", BUILD_NAMESPACE, labelled);
      const sets = () => cluster.admin.list("apps/v1", "ReplicaSet", BUILD_NAMESPACE, labelled);
      await who[identity].create(deployment);
      try {
        const outcome = await until("the Deployment has its pods, or cannot", async () => {
          const there = await cluster.admin.get("apps/v1", "Deployment", BUILD_NAMESPACE, name);
          const conditions = asList(asObject(there?.status ?? {}).conditions ?? []).map((one) =>
            asObject(one),
          );
          const failure = conditions.find(({ type }) => type === "ReplicaFailure");
          if (failure) return asText(failure.message);
          return (await pods()).length === replicas ? "none" : undefined;
        });
        return { outcome, pods: await pods() };
      } finally {
        await who[identity].delete(deployment);
        // Its set first: until the garbage collector takes it, it makes each pod anew that goes.
        await until("its set is gone", async () => (await sets()).length === 0 || undefined);
        await until("its pods are gone", async () => (await pods()).length === 0 || undefined);
      }
    }
    const amount = (cpu: string, memory: string) => ({ requests: { cpu, memory }, limits: { cpu, memory } });

    it("no more pods than the quota holds", async () => {
      const { outcome, pods } = await deployed(50, amount("100m", "64Mi"));
      expect(outcome).toContain("exceeded quota: builds");
      // Six of the quota, and one is the target.
      expect(pods).toHaveLength(5);
    });

    it("no larger container than a builder's", async () => {
      const { outcome, pods } = await deployed(1, amount("2100m", "1Gi"));
      expect(outcome).toContain("maximum cpu usage per Container is 2, but limit is 2100m");
      expect(pods).toEqual([]);
    });

    it("no pod without limits", async () => {
      const { outcome, pods } = await deployed(1, {});
      expect(outcome).toBe("none");
      const [container] = pods.flatMap(({ spec }) => asList(asObject(spec).containers));
      expect(asObject(container).resources).toEqual({
        requests: { cpu: "100m", memory: "128Mi" },
        limits: { cpu: "250m", memory: "256Mi" },
      });
    });
  });

  it("nothing has changed for all that was tried", async () => {
    const { admin } = cluster;
    for (const { apiVersion, kind, metadata } of TARGETS) {
      const namespace = asText(metadata.namespace);
      const labels = async () => {
        const there = await admin.get(apiVersion, kind, namespace, TARGET);
        return asObject(asObject(there).metadata).labels ?? {};
      };
      expect(await labels(), kind).not.toHaveProperty("tried");
    }
    for (const kind of ["StatefulSet", "DaemonSet", "ReplicaSet"]) {
      expect(await admin.get("apps/v1", kind, BUILD_NAMESPACE, "tried"), kind).toBeUndefined();
    }
  });
});
