import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Resources } from "../../../../constructs/quantity";
import { BUILDER_INSTANCE_TYPES, type InstanceType } from "../../../../environment/aws-facts";
import {
  DAEMON_SETS,
  nodesNeeded,
  type PodGroup,
  place,
  usable,
  worstCase,
} from "../../../../environment/capacity";
import type { EnvironmentInput } from "../../../../environment/environment";
import { BUILD_NAMESPACE } from "../../../../environment/names";
import { buildPods } from "../../../../environment/pods";
import { seededRandom, shuffled } from "../../../../measure/record/random";
import { InvalidInput } from "../../../../util/invalid-input";
import { demo, loadOne } from "../../../helpers/input";
import { BuilderNodes, DAEMONS, plainPod, type Template } from "./builder-nodes";
import { HOOK_MS } from "./deployment";
import { kubernetesStacks } from "./environments";
import { objectsOf } from "./objects";
import type { ApiSchemas } from "./openapi";
import { builderDeployment, podOf, runnerPod } from "./pods";

const [c5, c5n] = BUILDER_INSTANCE_TYPES as [InstanceType, InstanceType];
/** As many builder nodes as any case asks for. */
const MOST_NODES = 7;
const CASES = 12;

type Sizes = Pick<EnvironmentInput, "instanceType" | "runners" | "builders">;

/** Around the sizes of which a whole number fits a node: a step less, just so, and a step more. */
function sizes(type: InstanceType): fc.Arbitrary<Sizes> {
  const { milliCpu, memoryMib } = usable(type);
  const share = (whole: number, step: number, least: number) =>
    fc
      .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: -1, max: 1 }))
      .map(([parts, steps]) => Math.max(least, (Math.floor(whole / parts / step) + steps) * step))
      .map((size) => Math.min(size, Math.floor(whole / step) * step));
  const cpu = (least: number) => share(milliCpu / 1000, 0.25, least);
  const memory = (least: number) => share(memoryMib / 1024, 0.5, least);
  return fc
    .record({
      runners: fc.integer({ min: 1, max: 6 }),
      builders: fc.integer({ min: 1, max: 6 }),
      runnerCpu: cpu(1),
      runnerMemory: memory(2),
      builderCpu: cpu(0.5),
      builderMemory: memory(1),
    })
    .map((size) => ({
      instanceType: type.name,
      runners: {
        maxReplicas: size.runners,
        minReplicas: 1,
        agentCpu: 0.5,
        agentMemoryGib: 1,
        cpu: size.runnerCpu - 0.5,
        memoryGib: size.runnerMemory - 1,
      },
      builders: { maxConcurrent: size.builders, cpu: size.builderCpu, memoryGib: size.builderMemory },
    }));
}

/** What the synth-time check says of a size: the nodes that it asks for. */
function verdict(type: InstanceType, change: Sizes) {
  const needed = (max: number) => loadOne({ ...change, nodes: { min: 1, max } });
  const groups = buildPods(needed(100));
  return { groups, nodes: nodesNeeded(usable(type), 100, groups) ?? 0, load: needed };
}

/**
 * Random sizes of a type that need two nodes or more, and no more than there are. Half of them would do with fewer if
 * one group came after the other.
 */
function randomCases(type: InstanceType) {
  const node = usable(type);
  const all = fc
    .sample(sizes(type), { numRuns: CASES * 100, seed: 20 })
    .map((change) => ({ change, ...verdict(type, change) }))
    .filter(({ nodes }) => nodes >= 2 && nodes < MOST_NODES);
  const fewer = all.filter(
    ({ groups, nodes }) => place(node, nodes - 1, groups) && place(node, nodes - 1, [...groups].reverse()),
  );
  const others = all.filter((one) => !fewer.includes(one));
  return [...others.slice(0, CASES / 2), ...fewer.slice(0, CASES / 2)].map(
    (one, i) => [`${i + 1}: ${inWords(one.groups)} need ${one.nodes} nodes`, one] as const,
  );
}

const inWords = (groups: readonly PodGroup[]) =>
  groups
    .map(
      ({ name, count, milliCpu, memoryMib }) =>
        `${count} ${name}s of ${milliCpu / 1000} CPU, ${memoryMib / 1024} GiB`,
    )
    .join(" and ");

/** Pods of all groups, one group after the other. */
const inTurn = (groups: readonly PodGroup[]) =>
  groups.flatMap((group) => Array.from({ length: group.count }, () => group));

describe.each([
  ["c5.2xlarge", c5],
  ["c5n.2xlarge", c5n],
])("on nodes of a %s", (_, type) => {
  let nodes: BuilderNodes;
  let schemas: ApiSchemas;

  beforeAll(async () => {
    nodes = await BuilderNodes.open(type, MOST_NODES);
    schemas = await nodes.schemas();
  }, HOOK_MS);
  afterAll(() => nodes?.close(), HOOK_MS);

  /** Templates of the pods that an environment's stacks and workflows make, by group. */
  function templates(change: Partial<EnvironmentInput>): (group: PodGroup) => Template {
    const rendered = kubernetesStacks(demo(change)).flatMap((stack) => objectsOf(stack, schemas));
    const runners = rendered.find(({ kind }) => kind === "RunnerDeployment");
    if (!runners) throw new Error("no RunnerDeployment is rendered");
    const builders = builderDeployment(loadOne(change), "builder");
    return ({ name }) =>
      (pod) =>
        name === "runner" ? runnerPod(runners, pod) : podOf(builders, pod);
  }

  it("the DaemonSets' pods take no more than the check keeps for them", async () => {
    const asked = (of: (one: Resources) => number) => DAEMONS.reduce((sum, one) => sum + of(one), 0);
    expect(asked(({ milliCpu }) => milliCpu)).toBeLessThanOrEqual(DAEMON_SETS.milliCpu);
    expect(asked(({ memoryMib }) => memoryMib)).toBeLessThanOrEqual(DAEMON_SETS.memoryMib);
    expect(await nodes.daemonPods()).toEqual(DAEMON_SETS);
  });

  it.each<[string, number, number, boolean]>([
    ["as large as what the check counts on finds room", 0, 0, true],
    ["of 1m CPU more does not", 1, 0, false],
    ["of 1 MiB memory more does not", 0, 1, false],
  ])("a pod %s", async (_, milliCpu, memoryMib, fits) => {
    const rest = usable(type);
    const pod = plainPod({ milliCpu: rest.milliCpu + milliCpu, memoryMib: rest.memoryMib + memoryMib });
    await nodes.offer(1);
    expect((await nodes.add(pod)) !== undefined).toBe(fits);
    await nodes.empty();
  });

  it("no builder comes to a system node, and no other pod to a builder node", async () => {
    const [, builder] = buildPods(loadOne()) as [PodGroup, PodGroup];
    const other: Template = (name) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: BUILD_NAMESPACE },
      spec: { containers: [{ name: "other", image: "other" }] },
    });
    await nodes.offer(1);
    expect(await nodes.add(other)).toBeUndefined();
    await nodes.empty();
    await nodes.offer(0);
    await nodes.withSystemNode(async () => {
      expect(await nodes.add(templates({})(builder))).toBeUndefined();
      expect(await nodes.add(other)).toBe("system");
    });
  });

  it("the example's two runners and two builders fill the nodes that the check counts, and not one more fits", async () => {
    const change = { instanceType: type.name };
    const { groups, nodes: needed } = verdict(type, change);
    expect(groups.map(({ count }) => count)).toEqual([2, 2]);
    const make = templates(change);
    await nodes.offer(needed);
    for (const group of groups) {
      for (const pod of inTurn(groups)) expect(await nodes.add(make(pod))).toBeDefined();
      expect(await nodes.add(make(group))).toBeUndefined();
      await nodes.empty();
    }
  });

  it("pods of two sizes that come by turns need a node more than one size after the other", async () => {
    // On a node both together, or two small ones, which leave no room for a large one.
    const { memoryMib } = usable(type);
    const small = { name: "runner", count: 2, milliCpu: 500, memoryMib: Math.floor(memoryMib * 0.3) };
    const large = { name: "builder", count: 2, milliCpu: 500, memoryMib: Math.floor(memoryMib * 0.7) };
    const orders: [PodGroup[], boolean][] = [
      [[small, small, large, large], true],
      [[large, large, small, small], true],
      [[small, large, small, large], false],
    ];
    await nodes.offer(2);
    for (const [order, allFit] of orders) {
      const put: (string | undefined)[] = [];
      for (const pod of order) put.push(await nodes.add(plainPod(pod)));
      expect(put.every((node) => node !== undefined)).toBe(allFit);
      await nodes.empty();
    }
    expect(nodesNeeded(usable(type), 10, [small, large])).toBe(3);
  });

  describe("the synth-time check and kube-scheduler agree:", () => {
    it.each(randomCases(type))("%s", async (_, { groups, nodes: needed, load, change }) => {
      expect(load(needed).nodes.max).toBe(needed);
      expect(() => load(needed - 1)).toThrow(InvalidInput);
      const make = templates({ ...change, nodes: { max: needed } });

      // On as many nodes every pod finds room, in whichever order they come.
      const pods = inTurn(groups);
      const random = seededRandom(1, JSON.stringify(change));
      await nodes.offer(needed);
      for (const order of [pods, [...pods].reverse(), shuffled(pods, random)]) {
        await nodes.empty();
        for (const pod of order) expect(await nodes.add(make(pod)), `${pod.name} finds room`).toBeDefined();
      }
      // And when each of them makes way for its successor, as after a job.
      const names = shuffled(await nodes.names(), random);
      for (const name of names) expect(await nodes.replace(name), "a successor finds room").toBeDefined();
      await nodes.empty();

      // With one less there is a course of events after which one waits: nodes join one after the other.
      const worst = worstCase(usable(type), groups);
      if (!worst) throw new Error("there are no pods");
      expect(worst.nodes).toHaveLength(needed - 1);
      for (const [i, held] of worst.nodes.entries()) {
        await nodes.offerOnly(i);
        for (const pod of inTurn(groups.map((group) => ({ ...group, count: held.get(group.name) ?? 0 })))) {
          expect(await nodes.add(make(pod))).toBe(nodes.nameOf(i));
        }
      }
      await nodes.offer(needed - 1);
      expect(await nodes.add(make(worst.waits)), "the last one waits").toBeUndefined();
      // The node that the check asks for is what it waits for.
      await nodes.offer(needed);
      expect(await nodes.arrived()).toBe(nodes.nameOf(needed - 1));
      await nodes.empty();
    });
  });
});
