import type { Resources } from "../constructs/quantity";
import type { InstanceType } from "./aws-facts";

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

/** Nodes without room for one more pod, and what each of them holds. */
interface FullNodes {
  /** The group whose pod finds no room. */
  readonly waits: PodGroup;
  readonly nodes: readonly Placement[];
}

/**
 * The most nodes that can be without room for a pod while all others are there, wherever these were put. Pods come
 * and go with every job, nodes join one by one and are replaced: an order in which all find room proves nothing.
 */
export function worstCase(node: NodeCapacity, groups: readonly PodGroup[]): FullNodes | undefined {
  return groups
    .filter(({ count }) => count > 0)
    .map((waits) => {
      const others = groups.map((group) => (group === waits ? { ...group, count: group.count - 1 } : group));
      return { waits, nodes: mostFull(fillings(node, others, waits), others) };
    })
    .reduce<FullNodes | undefined>(
      (worst, next) => (worst && worst.nodes.length >= next.nodes.length ? worst : next),
      undefined,
    );
}

/** Pods of each group on one node, in the order of the groups. */
type Filling = readonly number[];

/** The least sets of pods that fit a node and leave no room for one more. */
function fillings(node: NodeCapacity, groups: readonly PodGroup[], pod: Resources): Filling[] {
  const left = (filling: Filling): NodeCapacity => {
    const held = (of: (group: PodGroup) => number) =>
      filling.reduce((sum, count, i) => sum + count * of(groups[i] as PodGroup), 0);
    return {
      milliCpu: node.milliCpu - held((g) => g.milliCpu),
      memoryMib: node.memoryMib - held((g) => g.memoryMib),
      pods: node.pods - held(() => 1),
    };
  };
  const fits = (room: NodeCapacity, one: Resources) =>
    room.pods >= 1 && room.milliCpu >= one.milliCpu && room.memoryMib >= one.memoryMib;
  const found: Filling[] = [];
  const grow = (filling: Filling, from: number) => {
    const room = left(filling);
    if (!fits(room, pod)) {
      found.push(filling);
      return;
    }
    for (let i = from; i < groups.length; i++) {
      const group = groups[i] as PodGroup;
      const count = filling[i] as number;
      if (count < group.count && fits(room, group)) grow(filling.with(i, count + 1), i);
    }
  };
  grow(
    groups.map(() => 0),
    0,
  );
  return found;
}

/** The most nodes that can be filled at once. */
function mostFull(choices: readonly Filling[], groups: readonly PodGroup[]): Placement[] {
  interface Best {
    readonly nodes: number;
    readonly filling?: Filling;
    readonly rest?: Best;
  }
  const known = new Map<string, Best>();
  const best = (left: Filling): Best => {
    const key = left.join();
    const before = known.get(key);
    if (before) return before;
    let result: Best = { nodes: 0 };
    for (const filling of choices) {
      if (filling.some((count, i) => count > (left[i] as number))) continue;
      const rest = best(left.map((count, i) => count - (filling[i] as number)));
      if (rest.nodes + 1 > result.nodes) result = { nodes: rest.nodes + 1, filling, rest };
    }
    known.set(key, result);
    return result;
  };
  const placements: Placement[] = [];
  for (let at: Best | undefined = best(groups.map(({ count }) => count)); at?.filling; at = at.rest) {
    placements.push(new Map(at.filling.map((count, i) => [(groups[i] as PodGroup).name, count])));
  }
  return placements;
}

/**
 * The fewest nodes on which every pod of all groups finds room at any time, see {@link worstCase}.
 *
 * @returns undefined when `maxNodes` do not suffice
 */
export function nodesNeeded(
  node: NodeCapacity,
  maxNodes: number,
  groups: readonly PodGroup[],
): number | undefined {
  if (groups.some((group) => group.count > 0 && podsPerNode(node, group) === 0)) return undefined;
  const worst = worstCase(node, groups);
  const needed = worst ? worst.nodes.length + 1 : 0;
  return needed <= maxNodes ? needed : undefined;
}
