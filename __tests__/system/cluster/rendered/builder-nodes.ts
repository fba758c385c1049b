import type { Resources } from "../../../../constructs/quantity";
import type { InstanceType } from "../../../../environment/aws-facts";
import { allocatable, DAEMON_SETS, type NodeCapacity } from "../../../../environment/capacity";
import { BUILD_NAMESPACE, BUILDERS_LABEL, RUNNER_SERVICE_ACCOUNT } from "../../../../environment/names";
import { asList, asObject, asText, type JsonObject } from "../../../helpers/json";
import { Cluster } from "../cluster";
import { PATCH, until } from "../kubectl";
import type { KubernetesObject } from "./objects";
import { ApiSchemas } from "./openapi";

const SYSTEM_NAMESPACE = "buildx-on-eks-system";

/** What the DaemonSets of EKS ask for on every node. */
export const DAEMONS: readonly (Resources & { readonly name: string })[] = [
  { name: "aws-node", milliCpu: 50, memoryMib: 0 },
  { name: "kube-proxy", milliCpu: 100, memoryMib: 0 },
  { name: "eks-pod-identity-agent", milliCpu: 0, memoryMib: 0 },
  { name: "ebs-csi-node", milliCpu: 30, memoryMib: 120 },
];
/** What the check keeps beyond that: the one that asks for nothing asks for it here. */
const ROUNDED_UP = {
  milliCpu: DAEMON_SETS.milliCpu - DAEMONS.reduce((sum, { milliCpu }) => sum + milliCpu, 0),
  memoryMib: DAEMON_SETS.memoryMib - DAEMONS.reduce((sum, { memoryMib }) => sum + memoryMib, 0),
};

const amounts = ({ milliCpu, memoryMib }: Resources) => ({ cpu: `${milliCpu}m`, memory: `${memoryMib}Mi` });

/** A node on which nothing but probes may run: where they are put shows what the scheduler has seen. */
const PROBES = { key: "buildx-on-eks/probes", value: "only" } as const;

const CORDONED = "node.kubernetes.io/unschedulable";

/** Makes a pod's object. */
export type Template = (name: string) => KubernetesObject;

/** A pod that asks for this much, on builder nodes. */
export const plainPod =
  (resources: Resources): Template =>
  (name) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: BUILD_NAMESPACE },
    spec: {
      nodeSelector: { [BUILDERS_LABEL.key]: BUILDERS_LABEL.value },
      tolerations: [{ ...BUILDERS_LABEL, operator: "Equal", effect: "NoSchedule" }],
      containers: [{ name: "plain", image: "plain", resources: { requests: amounts(resources) } }],
    },
  });

/**
 * Builder nodes of one instance type with the DaemonSets of EKS on them, and a real scheduler. Pods come one after the
 * other; how many nodes are there for them is said by {@link BuilderNodes.offer}, the others are cordoned.
 */
export class BuilderNodes {
  private count = 0;
  private waiting: string | undefined;
  private readonly made = new Map<string, Template>();

  private constructor(
    private readonly cluster: Cluster,
    private readonly size: number,
  ) {}

  static async open(type: InstanceType, size: number): Promise<BuilderNodes> {
    const cluster = await Cluster.open();
    const nodes = new BuilderNodes(cluster, size);
    await cluster.reset();
    await cluster.admin.deleteNamespaces(SYSTEM_NAMESPACE);
    for (const name of [BUILD_NAMESPACE, SYSTEM_NAMESPACE]) {
      await cluster.admin.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    }
    for (const [name, namespace] of [
      [RUNNER_SERVICE_ACCOUNT, BUILD_NAMESPACE],
      ["default", BUILD_NAMESPACE],
      ["default", SYSTEM_NAMESPACE],
    ] as const) {
      await cluster.admin.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } });
    }
    const all = allocatable(type);
    const builders = Array.from({ length: size }, (_, i) => ({
      name: nodes.nameOf(i),
      cpu: `${all.milliCpu}m`,
      memory: `${all.memoryMib}Mi`,
      pods: all.pods,
      labels: { [BUILDERS_LABEL.key]: BUILDERS_LABEL.value },
      taints: [{ ...BUILDERS_LABEL, effect: "NoSchedule" as const }],
    }));
    const probes = {
      name: "probes",
      cpu: "8",
      memory: "8Gi",
      taints: [{ ...PROBES, effect: "NoSchedule" as const }],
    };
    // The controller looks for new nodes every few seconds: together they wait once.
    await Promise.all([...builders, probes].map((node) => cluster.addNode(node)));
    await nodes.startDaemons();
    return nodes;
  }

  async close(): Promise<void> {
    await this.empty();
    await this.cluster.admin.deleteNamespaces(SYSTEM_NAMESPACE);
    await this.cluster.reset();
    await this.cluster.close();
  }

  nameOf(index: number): string {
    return `builder-${index}`;
  }

  private async startDaemons(): Promise<void> {
    for (const { name, milliCpu, memoryMib } of DAEMONS) {
      const more = milliCpu + memoryMib === 0 ? ROUNDED_UP : { milliCpu: 0, memoryMib: 0 };
      const requests = amounts({ milliCpu: milliCpu + more.milliCpu, memoryMib: memoryMib + more.memoryMib });
      const labels = { app: name };
      await this.cluster.admin.create({
        apiVersion: "apps/v1",
        kind: "DaemonSet",
        metadata: { name, namespace: SYSTEM_NAMESPACE },
        spec: {
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: {
              tolerations: [{ operator: "Exists" }],
              containers: [{ name, image: name, resources: { requests } }],
            },
          },
        },
      });
    }
    await until("every node has its DaemonSets' pods", async () => {
      const pods = await this.cluster.admin.list("v1", "Pod", SYSTEM_NAMESPACE);
      const placed = pods.filter(({ spec }) => asObject(spec).nodeName !== undefined);
      return placed.length === DAEMONS.length * (this.size + 1) || undefined;
    });
  }

  /** What the DaemonSets' pods of the first node ask for. */
  async daemonPods(): Promise<NodeCapacity> {
    const pods = (await this.cluster.admin.list("v1", "Pod", SYSTEM_NAMESPACE))
      .map(({ spec }) => asObject(spec))
      .filter(({ nodeName }) => nodeName === this.nameOf(0));
    const requests = pods
      .flatMap(({ containers }) => asList(containers))
      .map((container) => asObject(asObject(asObject(container).resources).requests));
    const total = (name: string, unit: RegExp) =>
      requests.reduce((sum, request) => sum + Number(asText(request[name] ?? "0").replace(unit, "")), 0);
    return { milliCpu: total("cpu", /m$/), memoryMib: total("memory", /Mi$/), pods: pods.length };
  }

  /** The first `count` nodes take pods, the others none. */
  offer(count: number): Promise<void> {
    return this.cordon((i) => i >= count);
  }

  /** One node takes pods, the others none. */
  offerOnly(index: number): Promise<void> {
    return this.cordon((i) => i !== index);
  }

  private async cordon(unschedulable: (index: number) => boolean): Promise<void> {
    for (let i = 0; i < this.size; i++) {
      await this.patchNode(this.nameOf(i), { spec: { unschedulable: unschedulable(i) } });
    }
    // The taint that goes with it comes and goes by a controller.
    await until("cordoned nodes are tainted, and the others are not", async () => {
      const found = await this.cluster.admin.list("v1", "Node");
      const tainted = new Set(
        found
          .filter(({ spec }) =>
            asList(asObject(spec).taints ?? []).some((taint) => asObject(taint).key === CORDONED),
          )
          .map(({ metadata }) => asText(asObject(metadata).name)),
      );
      const right = Array.from(
        { length: this.size },
        (_, i) => tainted.has(this.nameOf(i)) === unschedulable(i),
      );
      return right.every(Boolean) || undefined;
    });
    await this.seen();
  }

  private async patchNode(name: string, change: JsonObject): Promise<void> {
    const { status } = await this.cluster.admin.request("PATCH", `/api/v1/nodes/${name}`, change, {
      "content-type": PATCH.merge,
    });
    if (status !== 200) throw new Error(`node ${name} was not changed: ${status}`);
  }

  /**
   * Waits until the scheduler has seen all that was done before. It hears of nodes in order, and of pods in order: a
   * probe that is made last and asks for the label that a node got last is put there only after all else.
   */
  private async seen(): Promise<void> {
    const turn = String(this.count++);
    await this.patchNode("probes", { metadata: { labels: { turn } } });
    const name = `probe-${turn}`;
    await this.cluster.admin.create({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: BUILD_NAMESPACE },
      spec: {
        nodeSelector: { turn },
        tolerations: [{ ...PROBES, operator: "Equal", effect: "NoSchedule" }],
        containers: [{ name: "probe", image: "probe" }],
      },
    });
    await until("the scheduler has seen everything", async () => (await this.nodeOf(name)) || undefined);
    await this.delete(name);
  }

  /** Makes a pod. @returns the node on which it is put; undefined where it finds none and waits */
  async add(template: Template): Promise<string | undefined> {
    const name = `pod-${this.count++}`;
    await this.cluster.admin.create(template(name));
    this.made.set(name, template);
    const node = await until(`pod ${name} is put on a node or waits`, () => this.nodeOf(name));
    this.waiting = node === "" ? name : undefined;
    return node === "" ? undefined : node;
  }

  /** Waits until the pod that found no node has one. @returns its name */
  async arrived(): Promise<string> {
    const { waiting } = this;
    if (waiting === undefined) throw new Error("no pod waits");
    return until(`pod ${waiting} has a node`, async () => (await this.nodeOf(waiting)) || undefined);
  }

  /** A pod's node; "" where the scheduler found none, undefined before it has looked. */
  private async nodeOf(name: string): Promise<string | undefined> {
    const pod = await this.cluster.admin.get("v1", "Pod", BUILD_NAMESPACE, name);
    const { nodeName } = asObject(pod?.spec ?? {});
    if (nodeName !== undefined) return asText(nodeName);
    const conditions = asList(asObject(pod?.status ?? {}).conditions ?? []).map((one) => asObject(one));
    return conditions.some(({ type, reason }) => type === "PodScheduled" && reason === "Unschedulable")
      ? ""
      : undefined;
  }

  /** Takes a pod away, as at the end of its job, and makes another like it. @returns as {@link add} */
  async replace(name: string): Promise<string | undefined> {
    const template = this.made.get(name);
    if (!template) throw new Error(`no pod ${name} was made`);
    await this.delete(name);
    await this.seen();
    return this.add(template);
  }

  /** Takes away all pods but the DaemonSets'. */
  async empty(): Promise<void> {
    const pods = await this.cluster.admin.list("v1", "Pod", BUILD_NAMESPACE);
    for (const { metadata } of pods) await this.delete(asText(asObject(metadata).name));
    this.waiting = undefined;
    await this.seen();
  }

  /** What the API server says about its kinds. */
  schemas(): Promise<ApiSchemas> {
    return ApiSchemas.read(this.cluster.admin.read);
  }

  /** Names of the pods that are there now. */
  async names(): Promise<string[]> {
    const pods = await this.cluster.admin.list("v1", "Pod", BUILD_NAMESPACE);
    return pods.map(({ metadata }) => asText(asObject(metadata).name));
  }

  private async delete(name: string): Promise<void> {
    const path = `/api/v1/namespaces/${BUILD_NAMESPACE}/pods/${name}`;
    await this.cluster.admin.request("DELETE", path, { gracePeriodSeconds: 0 });
    await this.cluster.admin.gone({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: BUILD_NAMESPACE },
    });
  }

  /** Beside the builder nodes there is one of the system's, larger than any pod. */
  async withSystemNode(then: () => Promise<void>): Promise<void> {
    await this.cluster.addNode({ name: "system", cpu: "64", memory: "256Gi" });
    try {
      await then();
    } finally {
      await this.empty();
      await this.cluster.admin.delete({ apiVersion: "v1", kind: "Node", metadata: { name: "system" } });
    }
  }
}
