import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import type { EnvironmentInput } from "../../../environment/environment";
import {
  BUILD_NAMESPACE,
  BUILDERS_LABEL,
  CONTROLLER_NAMESPACE,
  HOSTED_GROUP,
  RUNNER_SERVICE_ACCOUNT,
} from "../../../environment/names";
import { asObject, asText, type JsonObject } from "../../helpers/json";
import { Api, type KubernetesObject, MERGE, named, objectPath, until } from "./api";
import { CLIENT, makeCertificate } from "./certificates";
import { certificateUser, kubeconfig, type User } from "./control-plane";
import { objectsOf } from "./objects";

/** A hosted job through its access entry, or a job on a runner through the runners' service account. */
export const IDENTITIES = ["hosted", "runner"] as const;
export type Identity = (typeof IDENTITIES)[number];
export type BuilderMode = "per-job" | "warm";

/** For a hook that empties the cluster. */
export const HOOK_MS = 300_000;

export interface TestNode {
  readonly name: string;
  /** What pods may use, as quantities. */
  readonly cpu: string;
  readonly memory: string;
  readonly pods?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly JsonObject[];
}

/** The cluster of the run. One file's tests use it at a time, and begin with `open`, which empties it. */
export class Cluster {
  private readonly folder = mkdtempSync(join(tmpdir(), "identities-"));
  private readonly facts = inject("cluster");
  readonly admin = new Api(this.facts, this.facts.admin);
  /** Programs in this folder run when a command runs in a pod. */
  readonly execFolder = this.facts.execFolder;
  /** What is applied, in that order. */
  objects: readonly KubernetesObject[] = [];

  static async open(): Promise<Cluster> {
    const cluster = new Cluster();
    await cluster.empty();
    return cluster;
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Deletes everything that the stacks and the tests make. */
  async empty(): Promise<void> {
    const cleared = [
      ...["ValidatingAdmissionPolicyBinding", "ValidatingAdmissionPolicy"].map(
        (kind) => ["admissionregistration.k8s.io/v1", kind] as const,
      ),
      ["actions.summerwind.dev/v1alpha1", "HorizontalRunnerAutoscaler"],
      ["actions.summerwind.dev/v1alpha1", "RunnerDeployment"],
      ["actions.summerwind.dev/v1alpha1", "Runner"],
    ] as const;
    for (const [apiVersion, kind] of cleared) {
      for (const object of await this.admin.list(apiVersion, kind)) await this.release(object);
    }
    const namespaces = [BUILD_NAMESPACE, CONTROLLER_NAMESPACE].map((name) => named("v1", "Namespace", name));
    for (const namespace of namespaces) await this.admin.delete(namespace);
    for (const namespace of namespaces) await this.admin.gone(namespace);
    // After the pods, which a node's kubelet must end.
    for (const kind of ["Node", "PersistentVolume"]) {
      for (const object of await this.admin.list("v1", kind)) await this.admin.delete(object);
    }
    this.objects = [];
  }

  /** Takes away the finalizers of an object, as its controller does, and the object itself. */
  async release(object: KubernetesObject): Promise<void> {
    await this.admin.request("PATCH", objectPath(object), { metadata: { finalizers: null } }, MERGE);
    await this.admin.delete(object);
  }

  /** Applies the environment's stacks, and waits until quota and admission policy are in force. */
  async apply(input: EnvironmentInput): Promise<void> {
    this.objects = objectsOf(input);
    for (const object of this.objects) await this.admin.apply(object);
    await until("the quota counts", async () => {
      const quota = await this.admin.get(named("v1", "ResourceQuota", "builds", BUILD_NAMESPACE));
      return asObject(quota?.status ?? {}).used;
    });
    await until("the service account is there", () =>
      this.admin.get(named("v1", "ServiceAccount", "default", BUILD_NAMESPACE)),
    );
    const anywhere = named("v1", "Pod", "anywhere", BUILD_NAMESPACE);
    const spec = { containers: [{ name: "main", image: "main:1" }] };
    await until("the admission policy is in force", async () => {
      const path = `/api/v1/namespaces/${BUILD_NAMESPACE}/pods?dryRun=All`;
      const { status } = await this.admin.request("POST", path, { ...anywhere, spec });
      return status === 422 || undefined;
    });
  }

  /** @throws Error unless an object of the kind is applied */
  one(kind: string): KubernetesObject {
    const found = this.objects.find((object) => object.kind === kind);
    if (!found) throw new Error(`no ${kind} is applied`);
    return found;
  }

  /** Makes a node that kwok plays, and waits until pods can be put on it. */
  async addNode({ name, cpu, memory, pods = 58, labels = {}, taints = [] }: TestNode): Promise<void> {
    const amount = { cpu, memory, pods: String(pods), "ephemeral-storage": "200Gi" };
    const node = named("v1", "Node", name);
    await this.admin.create({
      ...node,
      metadata: {
        name,
        annotations: { "kwok.x-k8s.io/node": "fake" },
        labels: { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", ...labels },
      },
      spec: { taints },
      status: { allocatable: amount, capacity: amount },
    });
    await until(`node ${name} is ready`, async () => {
      const { taints: now = [] } = asObject((await this.admin.get(node))?.spec);
      return !JSON.stringify(now).includes('"node.kubernetes.io/') || undefined;
    });
  }

  /** A node as those of the builders' node group. */
  addBuilderNode(name: string): Promise<void> {
    return this.addNode({
      name,
      cpu: "7910m",
      memory: "18898Mi",
      labels: { [BUILDERS_LABEL.key]: BUILDERS_LABEL.value },
      taints: [{ ...BUILDERS_LABEL, effect: "NoSchedule" }],
    });
  }

  /** Waits until the pod of a StatefulSet is ready, and gives it the volume it waits for, as the EBS driver does. */
  async readyStatefulSet(name: string): Promise<void> {
    await until(`StatefulSet ${name} is ready`, async () => {
      const claims = await this.admin.list("v1", "PersistentVolumeClaim", BUILD_NAMESPACE);
      for (const claim of claims) await this.bind(claim);
      const { status } = (await this.admin.get(named("apps/v1", "StatefulSet", name, BUILD_NAMESPACE))) ?? {};
      return asObject(status ?? {}).readyReplicas === 1 || undefined;
    });
  }

  private async bind({ metadata, spec: claimed }: KubernetesObject): Promise<void> {
    const spec = asObject(claimed);
    const isScheduled = "volume.kubernetes.io/selected-node" in asObject(metadata.annotations ?? {});
    if (spec.volumeName !== undefined || !isScheduled) return;
    await this.admin.apply({
      ...named("v1", "PersistentVolume", asText(metadata.uid)),
      spec: {
        capacity: asObject(asObject(spec.resources).requests),
        accessModes: spec.accessModes ?? [],
        storageClassName: spec.storageClassName ?? "",
        persistentVolumeReclaimPolicy: "Retain",
        hostPath: { path: "/nowhere" },
        claimRef: {
          apiVersion: "v1",
          kind: "PersistentVolumeClaim",
          namespace: BUILD_NAMESPACE,
          name: metadata.name,
        },
      },
    });
  }

  /** @param identity needs the platform stack, which has the runners' service account */
  async as(identity: Identity): Promise<Api> {
    if (identity === "runner") return new Api(this.facts, { token: await this.runnerToken() });
    return new Api(this.facts, this.hostedCertificate());
  }

  /** Path of a kubeconfig of that identity. */
  async kubeconfigOf(identity: Identity): Promise<string> {
    const user: User =
      identity === "runner" ? { token: await this.runnerToken() } : certificateUser(this.hostedCertificate());
    const path = join(this.folder, `${identity}.kubeconfig`);
    writeFileSync(path, kubeconfig(this.facts, user), { mode: 0o600 });
    return path;
  }

  private hostedCertificate() {
    const subject = { commonName: "hosted-job", organizations: [HOSTED_GROUP], extensions: CLIENT };
    return makeCertificate(join(this.folder, "hosted"), subject, this.facts.authority);
  }

  /** A token such as the kubelet mounts into a runner's pod. */
  private async runnerToken(): Promise<string> {
    const account = named("v1", "ServiceAccount", RUNNER_SERVICE_ACCOUNT, BUILD_NAMESPACE);
    const { status } = await this.admin.must("POST", `${objectPath(account)}/token`, {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { expirationSeconds: 3600 },
    });
    return asText(asObject(status).token);
  }
}
