import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { EnvironmentInput } from "../../../environment/environment";
import { BUILD_NAMESPACE } from "../../../environment/names";
import { demo } from "../../helpers/input";
import { asList, asObject, asText, type JsonObject } from "../../helpers/json";
import { type KubernetesObject, named, objectPath, until } from "./api";
import { Cluster, HOOK_MS } from "./cluster";

const ARC = "actions.summerwind.dev/v1alpha1";
const SET = named(ARC, "RunnerReplicaSet", "runner-set", BUILD_NAMESPACE);
/** The controller takes it away when GitHub no longer knows the runner. */
const RUNNER_FINALIZER = "runner.actions.summerwind.dev";

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.open();
}, HOOK_MS);
beforeEach(() => cluster.empty(), HOOK_MS);
afterAll(() => cluster?.close());

const runners = () => cluster.admin.list(ARC, "Runner", BUILD_NAMESPACE);
const exists = async (object: KubernetesObject) => (await cluster.admin.get(object)) !== undefined;

/** Makes an object with an owner reference as the controller writes it. */
function createOwned(object: KubernetesObject, owner: JsonObject, finalizers: string[] = []) {
  const { name = "", uid = "" } = asObject(owner.metadata);
  const of = { apiVersion: asText(owner.apiVersion), kind: asText(owner.kind), name, uid };
  return cluster.admin.create({
    ...object,
    metadata: {
      ...object.metadata,
      finalizers,
      ownerReferences: [{ ...of, controller: true, blockOwnerDeletion: true }],
    },
  });
}

/** Makes what the controller makes of the RunnerDeployment: a set, and two runners. */
async function startRunners(): Promise<KubernetesObject[]> {
  const set = await createOwned(SET, asObject(await cluster.admin.get(cluster.one("RunnerDeployment"))));
  for (const name of ["runner-0", "runner-1"])
    await createOwned(named(ARC, "Runner", name, BUILD_NAMESPACE), set, [RUNNER_FINALIZER]);
  // The garbage collector learns of new kinds every 30 s, and before that an owner seems to own nothing. It has seen
  // the objects of a kind when it has collected the last one made, whose owner does not exist.
  for (const kind of ["RunnerReplicaSet", "Runner"]) {
    const orphan = named(ARC, kind, "orphan", BUILD_NAMESPACE);
    await createOwned(orphan, { ...SET, metadata: { name: "lost", uid: randomUUID() } });
    await cluster.admin.gone(orphan);
  }
  return runners();
}

/** Deletes as the Kubernetes provider does: says nothing about dependents, so that the finalizer decides. */
const destroy = (object: KubernetesObject) => cluster.admin.delete(object, {});

const isLeaving = (object: KubernetesObject) =>
  until(`${objectPath(object)} is asked to go`, async () => {
    const found = await cluster.admin.get(object);
    return !found || asObject(found.metadata).deletionTimestamp;
  });

it(
  "a RunnerDeployment waits for its runners, and goes with the last",
  async () => {
    await cluster.apply(demo());
    const owner = cluster.one("RunnerDeployment");
    const [first, second] = (await startRunners()) as [KubernetesObject, KubernetesObject];
    await destroy(owner);
    await isLeaving(first);
    await isLeaving(second);
    await cluster.release(first);
    await cluster.admin.gone(first);
    expect(await exists(owner)).toBe(true);
    await cluster.release(second);
    await cluster.admin.gone(owner);
    expect(await runners()).toEqual([]);
  },
  HOOK_MS,
);

it(
  "without its finalizer it does not wait, and leaves runners to a controller that goes next",
  async () => {
    await cluster.apply(demo());
    const owner = cluster.one("RunnerDeployment");
    expect(owner.metadata.finalizers).toEqual(["foregroundDeletion"]);
    await cluster.admin.merge(owner, { metadata: { finalizers: null } });
    const started = await startRunners();
    await destroy(owner);
    await cluster.admin.gone(owner);
    for (const runner of started) expect(await exists(runner)).toBe(true);
  },
  HOOK_MS,
);

describe("terraform destroy, first the runners stack and then the platform, leaves nothing:", () => {
  it.each<[string, Partial<EnvironmentInput>]>([
    ["autoscaled runners", { runners: { minReplicas: 0 } }],
    ["warm builders", { builders: { mode: "warm" } }],
  ])(
    "%s",
    async (_, change) => {
      await cluster.apply(demo(change));
      const started = await startRunners();
      // The provider forgets the default account, which goes with its namespace.
      for (const object of cluster.objects.filter(({ metadata }) => metadata.name !== "default").reverse()) {
        await destroy(object);
        for (const runner of object.kind === "RunnerDeployment" ? started : []) {
          await isLeaving(runner);
          await cluster.release(runner);
        }
        await cluster.admin.gone(object);
        if (object.kind === "StatefulSet") {
          // Its claims go with it, not only with the namespace.
          const claims = () => cluster.admin.list("v1", "PersistentVolumeClaim", BUILD_NAMESPACE);
          const own = `state-${object.metadata.name}`;
          const isGone = async () => (await claims()).every(({ metadata }) => !metadata.name.startsWith(own));
          await until("its claims are gone", async () => (await isGone()) || undefined);
        }
      }
      for (const object of cluster.objects) expect(await exists(object), objectPath(object)).toBe(false);
    },
    HOOK_MS,
  );
});

it(
  "a build namespace that is deleted before its runners waits, and says for which finalizer",
  async () => {
    await cluster.apply(demo());
    const started = await startRunners();
    const namespace = named("v1", "Namespace", BUILD_NAMESPACE);
    await destroy(namespace);
    const why = await until("the namespace says why it stays", async () => {
      const { status } = (await cluster.admin.get(namespace)) ?? {};
      const conditions = asList(asObject(status ?? {}).conditions ?? []).map((one) => asObject(one));
      return conditions.find(
        ({ type, status: is }) => type === "NamespaceFinalizersRemaining" && is === "True",
      )?.message;
    });
    expect(why).toContain(`${RUNNER_FINALIZER} in 2 resource instances`);
    for (const runner of started) await cluster.release(runner);
    await cluster.admin.gone(namespace);
  },
  HOOK_MS,
);
