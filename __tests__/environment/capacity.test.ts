import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BUILDER_INSTANCE_TYPES, type InstanceType, SYSTEM_INSTANCE_TYPE } from "../../environment/aws-facts";
import {
  allocatable,
  DAEMON_SETS,
  type NodeCapacity,
  nodesNeeded,
  type PodGroup,
  place,
  podsPerNode,
  usable,
  worstCase,
} from "../../environment/capacity";
import { buildPods, runnerPod } from "../../environment/pods";
import { neededNodes } from "../../stacks/environment-stacks";
import { loadOne } from "../helpers/input";

const type = (name: string): InstanceType => {
  const found = BUILDER_INSTANCE_TYPES.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
};
const c5 = type("c5.2xlarge");
const c5n = type("c5n.2xlarge");
/** A runner of 0.5 CPU and 1 GiB with a Docker sidecar of 2 CPUs and 7 GiB. */
const RUNNER = { milliCpu: 2500, memoryMib: 8192 };
const pods = (name: string, count: number, memoryMib: number): PodGroup => ({
  name,
  count,
  milliCpu: 100,
  memoryMib,
});
const node = (memoryMib: number): NodeCapacity => ({ milliCpu: 10_000, memoryMib, pods: 50 });

describe("allocatable", () => {
  it("of a c5.2xlarge is what EKS gives away", () => {
    expect(allocatable(c5)).toEqual({ milliCpu: 7910, memoryMib: 14_162, pods: 58 });
  });

  it("of a c5n.2xlarge is what EKS gives away", () => {
    expect(allocatable(c5n)).toEqual({ milliCpu: 7910, memoryMib: 18_898, pods: 58 });
  });

  it("reserves 60m and 10m for the first two cores, and so leaves 1930m of two", () => {
    expect(allocatable(SYSTEM_INSTANCE_TYPE).milliCpu).toBe(1930);
  });

  it("reserves 5m for each of the next two cores, and so leaves 3920m of four", () => {
    expect(allocatable({ ...c5, vcpu: 4 }).milliCpu).toBe(3920);
  });

  it("reserves 11 MiB for each pod that the type may hold", () => {
    const fewer = allocatable({ ...c5, maxPods: 57 });
    expect(fewer.memoryMib - allocatable(c5).memoryMib).toBe(11);
  });
});

describe("usable", () => {
  it("leaves room for the DaemonSets of every node", () => {
    expect(usable(c5)).toEqual({
      milliCpu: 7910 - DAEMON_SETS.milliCpu,
      memoryMib: 14_162 - DAEMON_SETS.memoryMib,
      pods: 58 - DAEMON_SETS.pods,
    });
  });

  it("of a c5.2xlarge holds one runner of 8 GiB, not two", () => {
    expect(podsPerNode(usable(c5), RUNNER)).toBe(1);
  });

  it("of a c5n.2xlarge holds two runners of 8 GiB, not three", () => {
    expect(podsPerNode(usable(c5n), RUNNER)).toBe(2);
  });

  it("of a c5.2xlarge does not hold two builders of 7 GiB either", () => {
    expect(podsPerNode(usable(c5), { milliCpu: 2000, memoryMib: 7168 })).toBe(1);
  });
});

describe("podsPerNode", () => {
  it.each([
    ["CPU", { milliCpu: 1000, memoryMib: 100_000, pods: 50 }, 2],
    ["memory", { milliCpu: 100_000, memoryMib: 1024, pods: 50 }, 4],
    ["the number of pods", { milliCpu: 100_000, memoryMib: 100_000, pods: 3 }, 3],
  ])("is bound by %s", (_, capacity, expected) => {
    expect(podsPerNode(capacity, { milliCpu: 500, memoryMib: 256 })).toBe(expected);
  });

  it("is zero, and not negative, where the system leaves nothing", () => {
    expect(podsPerNode({ milliCpu: -100, memoryMib: -100, pods: -1 }, RUNNER)).toBe(0);
  });
});

describe("place", () => {
  it("spreads pods over the nodes with the most free memory", () => {
    const placed = place(usable(c5n), 2, [
      { name: "runner", count: 2, ...RUNNER },
      { name: "builder", count: 2, milliCpu: 2000, memoryMib: 7168 },
    ]);
    expect(placed?.map((held) => Object.fromEntries(held))).toEqual([
      { runner: 1, builder: 1 },
      { runner: 1, builder: 1 },
    ]);
  });

  it("gives up when one pod finds no node", () => {
    expect(place(usable(c5), 1, [{ name: "runner", count: 2, ...RUNNER }])).toBeUndefined();
  });

  it("never puts more on a node than it holds, and places every pod or none", () => {
    const group = fc.record({
      name: fc.constantFrom("a", "b", "c"),
      count: fc.nat(8),
      milliCpu: fc.integer({ min: 50, max: 4000 }),
      memoryMib: fc.integer({ min: 64, max: 8192 }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(group, { selector: ({ name }) => name, maxLength: 3 }),
        fc.integer({ min: 1, max: 6 }),
        (groups, nodes) => {
          const capacity = usable(c5n);
          for (const held of place(capacity, nodes, groups) ?? []) {
            const sum = (of: (g: PodGroup) => number) =>
              groups.reduce((total, g) => total + (held.get(g.name) ?? 0) * of(g), 0);
            expect(sum((g) => g.milliCpu)).toBeLessThanOrEqual(capacity.milliCpu);
            expect(sum((g) => g.memoryMib)).toBeLessThanOrEqual(capacity.memoryMib);
            expect(sum(() => 1)).toBeLessThanOrEqual(capacity.pods);
          }
          const placed = place(capacity, nodes, groups);
          if (!placed) return;
          for (const { name, count } of groups) {
            expect(placed.reduce((total, held) => total + (held.get(name) ?? 0), 0)).toBe(count);
          }
        },
      ),
      { numRuns: 100, seed: 1 },
    );
  });
});

describe("nodesNeeded", () => {
  const small = pods("small", 2, 200);
  const big = pods("big", 1, 1000);

  it.each([
    ["small first", [small, big]],
    ["big first", [big, small]],
  ])("counts on the worse order of arrival, %s", (_, groups) => {
    expect(place(node(1000), 2, [big, small])).toBeDefined();
    expect(place(node(1000), 2, [small, big])).toBeUndefined();
    expect(nodesNeeded(node(1000), 10, groups)).toBe(3);
  });

  it("counts on pods of both kinds that come in turn", () => {
    const [a, b] = [pods("a", 2, 300), pods("b", 2, 700)];
    const one = (group: PodGroup, name: string) => ({ ...group, name, count: 1 });
    expect(place(node(1000), 2, [a, b])).toBeDefined();
    expect(place(node(1000), 2, [b, a])).toBeDefined();
    expect(place(node(1000), 2, [one(a, "1"), one(b, "2"), one(a, "3"), one(b, "4")])).toBeUndefined();
    expect(nodesNeeded(node(1000), 10, [a, b])).toBe(3);
  });

  it("counts on pods that stay on the node that was there first", () => {
    // Spread over both nodes they leave room for a big one on each; not so when four of them are on one.
    const groups = [pods("small", 6, 200), pods("big", 2, 400)];
    expect(place(node(1000), 2, groups)).toBeDefined();
    expect(nodesNeeded(node(1000), 10, groups)).toBe(3);
  });

  it("is undefined when the largest number of nodes does not suffice", () => {
    expect(nodesNeeded(node(1000), 2, [small, big])).toBeUndefined();
  });

  it("is undefined when a pod does not fit an empty node", () => {
    expect(nodesNeeded(node(1000), 10, [pods("huge", 1, 1001)])).toBeUndefined();
    expect(nodesNeeded(node(1000), 10, [pods("huge", 0, 1001)])).toBe(0);
  });

  it.each([
    ["memory", { milliCpu: 10, memoryMib: 400 }, 3],
    ["CPU", { milliCpu: 4000, memoryMib: 10 }, 3],
    ["the number of pods", { milliCpu: 10, memoryMib: 10 }, 2],
  ])("is bound by %s", (_, size, expected) => {
    expect(
      nodesNeeded({ milliCpu: 10_000, memoryMib: 1000, pods: 3 }, 10, [{ name: "a", count: 5, ...size }]),
    ).toBe(expected);
  });

  it("is zero when there are no pods", () => {
    expect(nodesNeeded(node(1000), 10, [pods("none", 0, 100)])).toBe(0);
  });

  it("never falls when a pod is added", () => {
    fc.assert(
      fc.property(fc.nat(10), fc.nat(10), (runners, builders) => {
        const needed = (r: number, b: number) =>
          nodesNeeded(usable(c5n), 60, [pods("runner", r, 8192), pods("builder", b, 7168)]) ?? 999;
        expect(needed(runners + 1, builders)).toBeGreaterThanOrEqual(needed(runners, builders));
      }),
      { numRuns: 50, seed: 1 },
    );
  });
});

describe("the nodes that are counted", () => {
  const group = (name: string) =>
    fc.record({
      name: fc.constant(name),
      count: fc.integer({ min: 1, max: 6 }),
      milliCpu: fc.integer({ min: 200, max: 5000 }),
      memoryMib: fc.integer({ min: 200, max: 9000 }),
    });
  const groups = fc.tuple(group("a"), group("b"));
  const capacity = usable(c5n);
  const roomIn = (held: readonly PodGroup[]) => ({
    milliCpu: held.reduce((left, pod) => left - pod.milliCpu, capacity.milliCpu),
    memoryMib: held.reduce((left, pod) => left - pod.memoryMib, capacity.memoryMib),
    pods: capacity.pods - held.length,
  });
  const fits = (held: readonly PodGroup[], pod: PodGroup) => podsPerNode(roomIn(held), pod) > 0;

  it("hold every pod at any time, wherever the others were put", () => {
    fc.assert(
      fc.property(
        groups,
        fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 40, maxLength: 80 }),
        (all, events) => {
          const needed = nodesNeeded(capacity, 100, all) ?? 0;
          const nodes: PodGroup[][] = Array.from({ length: needed }, () => []);
          for (const [what, where] of events) {
            const pod = all[what % 2] as PodGroup;
            const there = nodes.flat().filter((other) => other === pod).length;
            if (there === pod.count || (there > 0 && what % 3 === 0)) {
              const holders = nodes.filter((held) => held.includes(pod));
              const from = holders[where % holders.length] as PodGroup[];
              from.splice(from.indexOf(pod), 1);
              continue;
            }
            const free = nodes.filter((held) => fits(held, pod));
            expect(free.length).toBeGreaterThan(0);
            free[where % free.length]?.push(pod);
          }
        },
      ),
      { numRuns: 300, seed: 1 },
    );
  });

  it("are one more than can be full for one of the pods", () => {
    fc.assert(
      fc.property(groups, (all) => {
        const worst = worstCase(capacity, all);
        if (!worst) throw new Error("there are no pods");
        expect(nodesNeeded(capacity, 100, all)).toBe(worst.nodes.length + 1);
        const held = worst.nodes.map((names) =>
          all.flatMap((one) => Array<PodGroup>(names.get(one.name) ?? 0).fill(one)),
        );
        for (const node of held) {
          expect(Math.min(...Object.values(roomIn(node)))).toBeGreaterThanOrEqual(0);
          expect(fits(node, worst.waits)).toBe(false);
        }
        for (const one of all) {
          const placed = held.flat().filter((other) => other === one).length;
          expect(placed).toBeLessThanOrEqual(one === worst.waits ? one.count - 1 : one.count);
        }
      }),
      { numRuns: 300, seed: 1 },
    );
  });
});

describe("an environment's pods", () => {
  it("build in the runner only with custom-default", () => {
    expect(runnerPod(loadOne({ configurations: ["custom-default"] }))).toEqual(RUNNER);
    expect(runnerPod(loadOne({ configurations: ["custom-kubernetes"] }))).toEqual({
      milliCpu: 500,
      memoryMib: 1024,
    });
  });

  it("are runners and builders, as many as may run at once", () => {
    const counts = buildPods(loadOne({ runners: { minReplicas: 1, maxReplicas: 3 }, nodes: { maxSize: 9 } }));
    expect(counts.map(({ name, count }) => [name, count])).toEqual([
      ["runner", 3],
      ["builder", 2],
    ]);
  });

  it.each([
    ["c5n.2xlarge", 2],
    ["c5.2xlarge", 4],
  ])("find room on the first nodes of %s", (instanceType, nodes) => {
    expect(neededNodes(loadOne({ instanceType }))).toBe(nodes);
  });

  it("do not make fewer nodes than nodes.minSize", () => {
    expect(neededNodes(loadOne({ nodes: { minSize: 3 } }))).toBe(3);
  });
});
