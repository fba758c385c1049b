import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { EnvironmentInput } from "../../../../environment/environment";
import { BUILD_NAMESPACE, CONTROLLER_NAMESPACE } from "../../../../environment/names";
import { demo } from "../../../helpers/input";
import { asList, asObject, asText, type JsonObject } from "../../../helpers/json";
import { type ObjectName, type Sendable, until } from "../kubectl";
import { Deployment, HOOK_MS } from "./deployment";
import type { KubernetesObject } from "./objects";

/** The garbage collector learns of new kinds every 30 s. */
const COLLECTED_MS = 120_000;
const API_VERSION = "actions.summerwind.dev/v1alpha1";
/** The controller takes it away when GitHub knows the runner no more. */
const RUNNER_FINALIZER = "runner.actions.summerwind.dev";

let deployment: Deployment;

beforeAll(async () => {
  deployment = await Deployment.open();
}, HOOK_MS);
afterEach(async () => {
  for (const runner of await runners()) await release(runner);
  await deployment.clear();
  await deployment.cluster.reset();
}, HOOK_MS);
afterAll(() => deployment?.close(), HOOK_MS);

const named = (kind: string, name: string): ObjectName => ({
  apiVersion: API_VERSION,
  kind,
  metadata: { name, namespace: BUILD_NAMESPACE },
});
const buildNamespace: ObjectName = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: BUILD_NAMESPACE },
};

function current({ apiVersion, kind, metadata }: ObjectName): Promise<JsonObject | undefined> {
  const { name, namespace } = metadata;
  return deployment.admin.get(apiVersion, kind, typeof namespace === "string" ? namespace : undefined, name);
}
const isThere = async (object: ObjectName) => (await current(object)) !== undefined;

const nameOf = (object: JsonObject) => asText(asObject(object.metadata).name);
const runners = async () =>
  (await deployment.admin.list(API_VERSION, "Runner", BUILD_NAMESPACE)).map((one) =>
    named("Runner", nameOf(one)),
  );

/** A reference that the controller writes into what it makes for an owner. */
const ownedBy = (owner: JsonObject) => ({
  ownerReferences: [
    {
      apiVersion: asText(owner.apiVersion),
      kind: asText(owner.kind),
      name: nameOf(owner),
      uid: asText(asObject(owner.metadata).uid),
      controller: true,
      blockOwnerDeletion: true,
    },
  ],
});

/** Makes what the controller makes of the RunnerDeployment: a set, and its runners. */
async function startRunners(count: number): Promise<ObjectName[]> {
  const owner = await current(deployment.one("RunnerDeployment"));
  const { metadata: set } = named("RunnerReplicaSet", "runner-set");
  const made = await deployment.admin.create({
    ...named("RunnerReplicaSet", "runner-set"),
    metadata: { ...set, ...ownedBy(asObject(owner)) },
  } as Sendable);
  for (let i = 0; i < count; i++) {
    const runner = named("Runner", `runner-${i}`);
    await deployment.admin.create({
      ...runner,
      metadata: { ...runner.metadata, ...ownedBy(made), finalizers: [RUNNER_FINALIZER] },
    } as Sendable);
  }
  for (const kind of ["RunnerReplicaSet", "Runner"]) await collectorHasSeen(kind);
  return runners();
}

/**
 * Waits until the garbage collector knows all objects of a kind. It takes an owner that it knows no dependents of for
 * one that has none, so a kind that it has not learned of yet would look like a RunnerDeployment that does not wait.
 */
async function collectorHasSeen(kind: string): Promise<void> {
  // It removes what has lost its owner, and sees the objects of one kind in the order in which they were made.
  const orphan = named(kind, "orphan");
  const lost = { ...deployment.one("RunnerDeployment"), metadata: { name: "lost", uid: randomUUID() } };
  await deployment.admin.create({
    ...orphan,
    metadata: { ...orphan.metadata, ...ownedBy(lost as unknown as JsonObject) },
  } as Sendable);
  await deployment.admin.gone(orphan, COLLECTED_MS);
}

/** What the controller does when a runner is deregistered. */
const release = (runner: ObjectName) => deployment.release(runner);

/** As the Kubernetes provider deletes: without a word about what depends on it, so that the finalizer counts. */
async function destroy(object: ObjectName): Promise<void> {
  const path = await deployment.admin.pathOf(object, object.metadata.name);
  const { status } = await deployment.admin.request("DELETE", path, {});
  expect([200, 202]).toContain(status);
}

const isLeaving = (object: ObjectName) =>
  until(
    `${object.kind} ${object.metadata.name} is asked to go`,
    async () => {
      const found = await current(object);
      return found === undefined || asObject(found.metadata).deletionTimestamp !== undefined || undefined;
    },
    COLLECTED_MS,
  );

/** The claims of a StatefulSet go with it, not with its namespace alone. */
const claimsAreGone = ({ metadata }: ObjectName) =>
  until(
    `the claims of ${metadata.name} are gone`,
    async () => {
      const claims = await deployment.admin.list("v1", "PersistentVolumeClaim", BUILD_NAMESPACE);
      return claims.every((claim) => !nameOf(claim).startsWith(`state-${metadata.name}`)) || undefined;
    },
    COLLECTED_MS,
  );

describe("a RunnerDeployment that is deleted", () => {
  it("waits for its runners' finalizers, one by one, and goes with the last", async () => {
    await deployment.apply(demo({ runners: { minReplicas: 0 } }));
    const owner = deployment.one("RunnerDeployment");
    const [first, second] = (await startRunners(2)) as [ObjectName, ObjectName];
    await destroy(deployment.one("HorizontalRunnerAutoscaler"));
    await destroy(owner);
    await isLeaving(first);
    await isLeaving(second);
    expect(await isThere(owner)).toBe(true);

    await release(first);
    await deployment.admin.gone(first);
    expect(await isThere(owner)).toBe(true);

    await release(second);
    await deployment.admin.gone(named("RunnerReplicaSet", "runner-set"), COLLECTED_MS);
    await deployment.admin.gone(owner, COLLECTED_MS);
    expect(await runners()).toEqual([]);
  });

  it("would not wait without its own finalizer, and leave runners to a controller that goes next", async () => {
    await deployment.apply(demo());
    const { finalizers, ...metadata } = deployment.one("RunnerDeployment").metadata;
    expect(finalizers).toEqual(["foregroundDeletion"]);
    const without = { ...deployment.one("RunnerDeployment"), metadata } as KubernetesObject;
    await deployment.admin.apply(without);
    const started = await startRunners(2);
    await destroy(without);
    await deployment.admin.gone(without);
    for (const runner of started) expect(await isThere(runner)).toBe(true);
  });
});

describe("terraform destroy, first the runners stack and then the platform, leaves nothing", () => {
  it.each<[string, Partial<EnvironmentInput>]>([
    ["fixed runners", {}],
    ["autoscaled runners", { runners: { minReplicas: 0 } }],
    ["no Docker in runners", { configurations: ["custom-kubernetes"] }],
    ["no runners", { configurations: ["hosted-kubernetes"] }],
    ["warm builders", { builders: { mode: "warm" } }],
  ])("%s", async (_, change) => {
    await deployment.apply(demo(change));
    const { objects } = deployment;
    const hasRunners = objects.some(({ kind }) => kind === "RunnerDeployment");
    const started = hasRunners ? await startRunners(2) : [];
    // The provider takes the default account out of its state, and leaves it to its namespace.
    for (const object of objects.filter(({ metadata }) => metadata.name !== "default").reverse()) {
      await destroy(object);
      if (object.kind === "RunnerDeployment") {
        for (const runner of started) {
          await isLeaving(runner);
          await release(runner);
        }
      }
      await deployment.admin.gone(object, COLLECTED_MS);
      if (object.kind === "StatefulSet") await claimsAreGone(object);
    }
    for (const name of [BUILD_NAMESPACE, CONTROLLER_NAMESPACE]) {
      expect(await deployment.admin.get("v1", "Namespace", undefined, name)).toBeUndefined();
    }
    for (const object of objects) expect(await isThere(object)).toBe(false);
    expect(await runners()).toEqual([]);
  });
});

describe("a build namespace that is deleted before its runners", () => {
  it("waits, says for which finalizer, and goes when it is taken away", async () => {
    await deployment.apply(demo());
    const started = await startRunners(2);
    await destroy(buildNamespace);
    const why = await until(
      "the namespace says why it stays",
      async () => {
        const { status } = (await current(buildNamespace)) ?? {};
        const conditions = asList(asObject(status ?? {}).conditions ?? []).map((one) => asObject(one));
        const found = conditions.find(
          ({ type, status: is }) => type === "NamespaceFinalizersRemaining" && is === "True",
        );
        return found && asText(found.message);
      },
      COLLECTED_MS,
    );
    expect(why).toContain(`${RUNNER_FINALIZER} in 2 resource instances`);
    expect(started.length).toBe(2);

    for (const runner of started) await release(runner);
    await deployment.admin.gone(buildNamespace, COLLECTED_MS);
  });
});
