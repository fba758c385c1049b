import type { InstanceType } from "./aws-facts";

/** CPU in millicores, memory in MiB. */
export interface Resources {
  readonly milliCpu: number;
  readonly memoryMib: number;
}

export interface NodeCapacity extends Resources {
  readonly pods: number;
}

/** Pods that are alike: `count` of them may run at once. */
export interface PodGroup extends Resources {
  readonly name: string;
  readonly count: number;
}

/** The hypervisor and kernel take about 7.5 % of the memory an instance type is sold with (Karpenter's vmMemoryOverheadPercent). */
const VM_MEMORY_OVERHEAD = 0.075;
const EVICTION_THRESHOLD_MIB = 100;

/**
 * What the DaemonSets of every builder node request: aws-node with its policy agent (50m), kube-proxy (100m),
 * the pod identity agent (nothing) and the EBS CSI node plug-in (30m, 120 MiB), rounded up.
 */
export const DAEMON_SETS: NodeCapacity = { milliCpu: 200, memoryMib: 160, pods: 4 };

/**
 * What Kubernetes can give away on a node of this type, before DaemonSets. AL2023's reservation:
 * 255 MiB + 11 MiB a pod, and 6 % / 1 % / 0.5 % / 0.25 % of the first / second / next two / other cores.
 *
 * @see https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/kubelet/defaults.go
 */
export function allocatable(type: InstanceType): NodeCapacity {
  const reservedMib = 255 + 11 * type.maxPods + EVICTION_THRESHOLD_MIB;
  let reservedCpu = 0;
  for (let core = 1; core <= type.vcpu; core++) {
    reservedCpu += core === 1 ? 60 : core === 2 ? 10 : core <= 4 ? 5 : 2.5;
  }
  return {
    milliCpu: Math.floor(type.vcpu * 1000 - reservedCpu),
    memoryMib: Math.floor(type.memoryGib * 1024 * (1 - VM_MEMORY_OVERHEAD)) - reservedMib,
    pods: type.maxPods,
  };
}

/** What is left of a builder node for runners and builders. */
export function usable(type: InstanceType): NodeCapacity {
  const all = allocatable(type);
  return {
    milliCpu: all.milliCpu - DAEMON_SETS.milliCpu,
    memoryMib: all.memoryMib - DAEMON_SETS.memoryMib,
    pods: all.pods - DAEMON_SETS.pods,
  };
}

/** How many pods of one shape a node holds when it holds nothing else. */
export function podsPerNode(node: NodeCapacity, pod: Resources): number {
  return Math.max(
    0,
    Math.min(node.pods, Math.floor(node.milliCpu / pod.milliCpu), Math.floor(node.memoryMib / pod.memoryMib)),
  );
}

/** One node's pods, by group name. */
export type Placement = ReadonlyMap<string, number>;

/**
 * Places pods the way kube-scheduler does by default: one after the other, each on the node with the most free
 * memory that still holds it (LeastAllocated scoring).
 *
 * @returns the pods of each node, or undefined when one pod finds no node
 */
export function place(
  node: NodeCapacity,
  nodes: number,
  groups: readonly PodGroup[],
): Placement[] | undefined {
  const state = Array.from({ length: nodes }, () => ({ ...node, held: new Map<string, number>() }));
  for (const group of groups) {
    for (let i = 0; i < group.count; i++) {
      const target = state
        .filter((n) => n.pods >= 1 && n.milliCpu >= group.milliCpu && n.memoryMib >= group.memoryMib)
        .reduce<(typeof state)[number] | undefined>(
          (best, n) => (best && best.memoryMib >= n.memoryMib ? best : n),
          undefined,
        );
      if (!target) return undefined;
      target.pods -= 1;
      target.milliCpu -= group.milliCpu;
      target.memoryMib -= group.memoryMib;
      target.held.set(group.name, (target.held.get(group.name) ?? 0) + 1);
    }
  }
  return state.map((n) => n.held);
}

/**
 * The fewest nodes that hold all groups whichever group comes first: runners are there before a job's builder,
 * but after a rollout of the runners the builders were there first.
 *
 * @returns undefined when `maxNodes` do not suffice
 */
export function nodesNeeded(
  node: NodeCapacity,
  maxNodes: number,
  groups: readonly PodGroup[],
): number | undefined {
  if (groups.every((group) => group.count === 0)) return 0;
  for (let nodes = 1; nodes <= maxNodes; nodes++) {
    const oneWay = place(node, nodes, groups);
    const otherWay = place(node, nodes, [...groups].reverse());
    if (oneWay && otherWay) return nodes;
  }
  return undefined;
}
