import type { Resources } from "../../../constructs/quantity";
import type { InstanceType } from "../../../environment/aws-facts";
import { allocatable, DAEMON_SETS } from "../../../environment/capacity";
import { BUILD_NAMESPACE, BUILDERS_LABEL, RUNNER_SERVICE_ACCOUNT } from "../../../environment/names";
import { asList, asObject, asText } from "../../helpers/json";
import { type KubernetesObject, named, until } from "./api";
import { Cluster } from "./cluster";

/** What the DaemonSets of EKS ask for on every node. */
export const DAEMONS: readonly (Resources & { readonly name: string })[] = [
  { name: "aws-node", milliCpu: 50, memoryMib: 0 },
  { name: "kube-proxy", milliCpu: 100, memoryMib: 0 },
  { name: "eks-pod-identity-agent", milliCpu: 0, memoryMib: 0 },
  { name: "ebs-csi-node", milliCpu: 30, memoryMib: 120 },
];

/** Makes a pod's object. */
export type Template = (name: string) => KubernetesObject;

/** A pod that asks for this much, on builder nodes. */
export const plainPod =
  ({ milliCpu, memoryMib }: Resources): Template =>
  (name) => ({
    ...named("v1", "Pod", name, BUILD_NAMESPACE),
    spec: {
      nodeSelector: { [BUILDERS_LABEL.key]: BUILDERS_LABEL.value },
      tolerations: [{ operator: "Exists" }],
      containers: [
        {
          name: "plain",
          image: "plain",
          resources: { requests: { cpu: `${milliCpu}m`, memory: `${memoryMib}Mi` } },
        },
      ],
    },
  });

/** The same pod, on one node only. */
export const onNode =
  (template: Template, node: string): Template =>
  (name) => {
    const { spec, ...pod } = template(name);
    const { nodeSelector, ...rest } = asObject(spec);
    return {
      ...(pod as KubernetesObject),
      spec: { ...rest, nodeSelector: { ...asObject(nodeSelector), "kubernetes.io/hostname": node } },
    };
  };

/**
 * Builder nodes of one instance type and a real scheduler. What the capacity rule keeps for DaemonSets is taken by one
 * pod on each node. Pods come one after the other.
 */
export class BuilderNodes {
  private count = 0;
  private readonly made = new Map<string, Template>();

  private constructor(
    private readonly cluster: Cluster,
    private readonly type: InstanceType,
  ) {}

  static async open(type: InstanceType): Promise<BuilderNodes> {
    const cluster = await Cluster.open();
    await cluster.admin.apply(named("v1", "Namespace", BUILD_NAMESPACE));
    for (const name of [RUNNER_SERVICE_ACCOUNT, "default"])
      await cluster.admin.apply(named("v1", "ServiceAccount", name, BUILD_NAMESPACE));
    return new BuilderNodes(cluster, type);
  }

  close(): void {
    this.cluster.close();
  }

  /** Adds a node, on which its DaemonSets' pods already run. @returns its name */
  async join(): Promise<string> {
    const { milliCpu, memoryMib, pods } = allocatable(this.type);
    const name = `builder-${this.count++}`;
    await this.cluster.addNode({
      name,
      cpu: `${milliCpu}m`,
      memory: `${memoryMib}Mi`,
      // One pod asks for what all of them ask for.
      pods: pods - DAEMON_SETS.pods + 1,
      labels: { [BUILDERS_LABEL.key]: BUILDERS_LABEL.value },
      taints: [{ ...BUILDERS_LABEL, effect: "NoSchedule" }],
    });
    // Put there by the scheduler itself, which has then seen all nodes that came and went before.
    const daemons = onNode(plainPod(DAEMON_SETS), name)(`daemons-${name}`);
    await this.cluster.admin.create(daemons);
    await this.arrival(daemons.metadata.name);
    return name;
  }

  /** Adds a node outside of the builders' group, larger than any pod. */
  joinSystem(): Promise<void> {
    return this.cluster.addNode({ name: "system", cpu: "64", memory: "256Gi" });
  }

  /** Makes a pod, and waits until it has a node. @returns the node */
  async add(template: Template): Promise<string> {
    return this.arrival(await this.make(template));
  }

  /** Makes a pod that finds no node. @returns the pod's name; undefined if it found a node */
  async addWaiting(template: Template): Promise<string | undefined> {
    const name = await this.make(template);
    const node = await until(`pod ${name} is put on a node or waits`, () => this.nodeOf(name));
    return node === "" ? name : undefined;
  }

  /** Waits until a pod has a node. @returns the node */
  arrival(name: string): Promise<string> {
    return until(`pod ${name} has a node`, async () => (await this.nodeOf(name)) || undefined);
  }

  /** Takes a pod away for each that is there, as at the end of its job, and adds another like it. */
  async replaceAll(): Promise<void> {
    for (const [name, template] of [...this.made]) {
      await this.delete(named("v1", "Pod", name, BUILD_NAMESPACE));
      await this.add(template);
    }
  }

  private async make(template: Template): Promise<string> {
    const name = `pod-${this.count++}`;
    await this.cluster.admin.create(template(name));
    this.made.set(name, template);
    return name;
  }

  /** Takes away all pods and nodes. */
  async empty(): Promise<void> {
    for (const pod of await this.cluster.admin.list("v1", "Pod", BUILD_NAMESPACE)) await this.delete(pod);
    for (const node of await this.cluster.admin.list("v1", "Node")) {
      await this.cluster.admin.delete(node);
      await this.cluster.admin.gone(node);
    }
    this.made.clear();
  }

  private async delete(pod: KubernetesObject): Promise<void> {
    await this.cluster.admin.delete(pod, { gracePeriodSeconds: 0 });
    await this.cluster.admin.gone(pod);
    this.made.delete(pod.metadata.name);
  }

  /** A pod's node; "" if the scheduler found none, undefined before it has decided. */
  private async nodeOf(name: string): Promise<string | undefined> {
    const pod = await this.cluster.admin.get(named("v1", "Pod", name, BUILD_NAMESPACE));
    const { nodeName } = asObject(pod?.spec ?? {});
    if (nodeName !== undefined) return asText(nodeName);
    const conditions = asList(asObject(pod?.status ?? {}).conditions ?? []).map((one) => asObject(one));
    return conditions.some(({ reason }) => reason === "Unschedulable") ? "" : undefined;
  }
}
