import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EnvironmentInput } from "../../../environment/environment";
import { demo } from "../../helpers/input";
import { asObject, isObject } from "../../helpers/json";
import { synthesize } from "../../helpers/synth";
import { type KubernetesObject, objectPath } from "./api";
import { Cluster, HOOK_MS } from "./cluster";
import { objectsOf } from "./objects";

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.open();
}, HOOK_MS);
afterAll(() => cluster?.close());

const ENVIRONMENTS: readonly (readonly [string, Partial<EnvironmentInput>])[] = [
  ["all configurations", {}],
  ["hosted-kubernetes", { configurations: ["hosted-kubernetes"] }],
  ["custom-default", { configurations: ["custom-default"] }],
  ["custom-kubernetes", { configurations: ["custom-kubernetes"] }],
  ["autoscaled runners", { runners: { minReplicas: 0 } }],
  ["rootless builders", { builders: { rootless: true } }],
  ["two warm builders of each class", { builders: { mode: "warm", replicas: 2 }, nodes: { maxSize: 8 } }],
  ["rootless warm builders", { builders: { mode: "warm", rootless: true } }],
];

describe("a real API server takes all objects, with every field, of", () => {
  it.each(ENVIRONMENTS)(
    "%s",
    async (_, change) => {
      const objects = objectsOf(demo(change));
      expect(objects.length).toBeGreaterThan(5);
      for (const object of objects) await cluster.admin.apply(object);
      for (const object of objects) expect(await cluster.admin.get(object)).toBeDefined();
    },
    HOOK_MS,
  );
});

describe("the number of runners", () => {
  const AUTOSCALED = { runners: { minReplicas: 0, maxReplicas: 3 } };
  const FIXED = { runners: { minReplicas: 1, maxReplicas: 1 } };

  /** Applies an environment's RunnerDeployment as its manifest asks for. */
  async function terraform(change: Partial<EnvironmentInput>) {
    const objects = objectsOf(demo(change));
    for (const object of objects.filter(({ kind }) => kind === "Namespace"))
      await cluster.admin.apply(object);
    const deployment = objects.find(({ kind }) => kind === "RunnerDeployment");
    if (!deployment) throw new Error("no RunnerDeployment");
    const { field_manager } = synthesize(demo(change))
      .stack("demo-runners")
      .body("kubernetes_manifest", "runners/deployment");
    const force = isObject(field_manager) && field_manager.force_conflicts === true;
    await cluster.admin.apply(deployment, { manager: "Terraform", force });
    return deployment;
  }
  const replicas = async (deployment: KubernetesObject) =>
    asObject((await cluster.admin.get(deployment))?.spec).replicas;

  it(
    "is the autoscaler's while there is one, and Terraform's again when there is none",
    async () => {
      const deployment = await terraform(AUTOSCALED);
      await cluster.admin.merge(deployment, { spec: { replicas: 3 } });
      await terraform(AUTOSCALED);
      expect(await replicas(deployment)).toBe(3);
      await terraform(FIXED);
      expect(await replicas(deployment)).toBe(1);
    },
    HOOK_MS,
  );
});

it("refuses an unknown field of any kind of object", async () => {
  const objects = objectsOf(demo({ builders: { mode: "warm" }, runners: { minReplicas: 0 } }));
  for (const object of objects.filter(({ kind }) => kind === "Namespace")) await cluster.admin.apply(object);
  for (const object of objects) {
    await expect(cluster.admin.apply({ ...object, typo: "x" }), objectPath(object)).rejects.toThrow("typo");
  }
});
