import type { EnvironmentInput } from "../../../../environment/environment";
import { BUILD_NAMESPACE } from "../../../../environment/names";
import { asObject } from "../../../helpers/json";
import { Cluster } from "../cluster";
import { ApiError, type Kubectl, type ObjectName, PATCH, type Sendable, until } from "../kubectl";
import { define, undefine } from "./definitions";
import { kubernetesStacks } from "./environments";
import { type KubernetesObject, objectsOf } from "./objects";
import { ApiSchemas } from "./openapi";

/** What may be left in the build namespace by a test, owners before what they own. */
const LEFT: readonly (readonly [string, string])[] = [
  ["apps/v1", "Deployment"],
  ["apps/v1", "StatefulSet"],
  ["v1", "Service"],
  ["v1", "Pod"],
  ["v1", "PersistentVolumeClaim"],
];

/** For a hook that makes or empties a cluster. */
export const HOOK_MS = 180_000;

/** A cluster to which the stacks of one environment after the other are applied. */
export class Deployment {
  /** What is applied now, in the order in which it was. */
  objects: readonly KubernetesObject[] = [];

  private constructor(
    readonly cluster: Cluster,
    private readonly schemas: ApiSchemas,
    private readonly definitions: readonly Sendable[],
  ) {}

  /** An empty cluster that knows the kinds of actions-runner-controller. */
  static async open(): Promise<Deployment> {
    const cluster = await Cluster.open();
    await cluster.reset();
    const definitions = await define(cluster.admin, process.env);
    return new Deployment(cluster, await ApiSchemas.read(cluster.admin.read), definitions);
  }

  get admin(): Kubectl {
    return this.cluster.admin;
  }

  async close(): Promise<void> {
    await this.clear();
    await this.cluster.reset();
    await undefine(this.admin, this.definitions);
    await this.cluster.close();
  }

  /** Objects of the environment's platform and runners stacks. */
  render(input: EnvironmentInput): KubernetesObject[] {
    return kubernetesStacks(input).flatMap((stack) => objectsOf(stack, this.schemas));
  }

  /** Applies the environment's stacks, and waits until the quota counts. */
  async apply(input: EnvironmentInput): Promise<void> {
    this.objects = this.render(input);
    for (const object of this.objects) await this.admin.apply(object);
    await until("the quota counts", async () => {
      const quota = await this.admin.get("v1", "ResourceQuota", BUILD_NAMESPACE, "builds");
      return asObject(quota?.status ?? {}).used;
    });
  }

  /** Takes away all but the namespaces, which are the same for every environment. */
  async clear(): Promise<void> {
    const others = this.objects.filter(
      ({ kind, metadata }) => kind !== "Namespace" && metadata.name !== "default",
    );
    for (const object of [...others].reverse()) {
      if (object.metadata.finalizers) await this.release(object);
      await this.admin.delete(object);
    }
    for (const [apiVersion, kind] of LEFT) await this.empty(apiVersion, kind);
    for (const object of others) await this.admin.gone(object);
    this.objects = [];
  }

  /** Deletes all objects of a kind in the build namespace at once, pods without grace. */
  async empty(apiVersion: string, kind: string): Promise<void> {
    const path = await this.admin.pathOf({
      apiVersion,
      kind,
      metadata: { name: "", namespace: BUILD_NAMESPACE },
    });
    const all = () => this.admin.list(apiVersion, kind, BUILD_NAMESPACE);
    for (const { metadata } of await all()) {
      await this.admin.request("DELETE", `${path}/${asObject(metadata).name}`, {
        gracePeriodSeconds: 0,
        propagationPolicy: "Background",
      });
    }
    await until(`there is no ${kind}`, async () => (await all()).length === 0 || undefined);
  }

  /** Takes an object's finalizers away; content when there is no such object. */
  async release(object: ObjectName): Promise<void> {
    const path = await this.admin.pathOf(object, object.metadata.name);
    const change = { metadata: { finalizers: null } };
    const { status, body } = await this.admin.request("PATCH", path, change, { "content-type": PATCH.merge });
    if (status !== 200 && status !== 404) throw new Error(`PATCH ${path}: ${status} ${body.message}`);
  }

  /** @throws Error unless one of the kind is applied */
  one(kind: string): KubernetesObject {
    const found = this.objects.find((object) => object.kind === kind);
    if (!found) throw new Error(`no ${kind} is applied`);
    return found;
  }

  /** Why the API server does not make an object, in its words; "none" where it does. */
  async refusal(object: Sendable): Promise<string> {
    try {
      await this.admin.create(object);
    } catch (error) {
      if (error instanceof ApiError) return `${error.reason}: ${error.message}`;
      throw error;
    }
    return "none";
  }
}
