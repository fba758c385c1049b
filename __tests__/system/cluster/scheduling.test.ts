import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Resources } from "../../../constructs/quantity";
import { BUILDER_INSTANCE_TYPES } from "../../../environment/aws-facts";
import { DAEMON_SETS, nodesNeeded, type PodGroup, usable, worstCase } from "../../../environment/capacity";
import type { EnvironmentInput } from "../../../environment/environment";
import { BUILD_NAMESPACE } from "../../../environment/names";
import { buildPods } from "../../../environment/pods";
import { InvalidInput } from "../../../util/invalid-input";
import { demo, loadOne } from "../../helpers/input";
import { named } from "./api";
import { BuilderNodes, DAEMONS, onNode, plainPod, type Template } from "./builder-nodes";
import { HOOK_MS } from "./cluster";
import { objectsOf } from "./objects";
import { builderDeployment, podOf, runnerPod } from "./pods";

const SIZES: readonly (readonly [string, Partial<EnvironmentInput>])[] = [
  ["the defaults", {}],
  [
    "small runners and tall builders",
    {
      runners: { minReplicas: 1, maxReplicas: 4, cpu: 1, memoryGib: 2, agentCpu: 0.5, agentMemoryGib: 1 },
      builders: { maxConcurrent: 4, cpu: 1, memoryGib: 7 },
    },
  ],
  [
    "wide runners and small builders",
    {
      runners: { minReplicas: 1, maxReplicas: 3, cpu: 4.5, memoryGib: 4, agentCpu: 0.5, agentMemoryGib: 1 },
      builders: { maxConcurrent: 3, cpu: 2, memoryGib: 3 },
    },
  ],
];

/** Makes the pods that an environment's stacks and workflows make, by group. */
function templates(change: Partial<EnvironmentInput>): (group: PodGroup) => Template {
  const runners = objectsOf(demo(change)).find(({ kind }) => kind === "RunnerDeployment");
  if (!runners) throw new Error("no RunnerDeployment is rendered");
  const builders = builderDeployment(loadOne(change), "builder");
  return ({ name }) =>
    (pod) =>
      name === "runner" ? runnerPod(runners, pod) : podOf(builders, pod);
}

const inTurn = (groups: readonly PodGroup[]) =>
  groups.flatMap((group) => Array.from({ length: group.count }, () => group));

it("the DaemonSets of EKS ask for no more than the capacity rule keeps for them", () => {
  const asked = (of: (one: Resources) => number) => DAEMONS.reduce((sum, one) => sum + of(one), 0);
  expect(asked(({ milliCpu }) => milliCpu)).toBeLessThanOrEqual(DAEMON_SETS.milliCpu);
  expect(asked(({ memoryMib }) => memoryMib)).toBeLessThanOrEqual(DAEMON_SETS.memoryMib);
  expect(DAEMONS).toHaveLength(DAEMON_SETS.pods);
});

describe.each(BUILDER_INSTANCE_TYPES.map((type) => [type.name, type] as const))(
  "on nodes of a %s",
  (_, type) => {
    let nodes: BuilderNodes;
    const node = usable(type);

    beforeAll(async () => {
      nodes = await BuilderNodes.open(type);
    }, HOOK_MS);
    beforeEach(() => nodes.empty(), HOOK_MS);
    afterAll(() => nodes?.close());

    it("a pod as large as the rule counts on finds room, and a larger one does not", async () => {
      const { milliCpu, memoryMib } = node;
      await nodes.join();
      expect(await nodes.addWaiting(plainPod({ milliCpu: milliCpu + 1, memoryMib }))).toBeDefined();
      expect(await nodes.addWaiting(plainPod({ milliCpu, memoryMib: memoryMib + 1 }))).toBeDefined();
      expect(await nodes.addWaiting(plainPod({ milliCpu, memoryMib }))).toBeUndefined();
    });

    it("no builder comes to a system node, and no other pod to a builder node", async () => {
      const [, builder] = buildPods(loadOne()) as [PodGroup, PodGroup];
      const other: Template = (name) => ({
        ...named("v1", "Pod", name, BUILD_NAMESPACE),
        spec: { containers: [{ name: "other", image: "other" }] },
      });
      await nodes.join();
      const waiting = await nodes.addWaiting(other);
      expect(waiting).toBeDefined();
      await nodes.joinSystem();
      expect(await nodes.arrival(waiting ?? "")).toBe("system");
      expect(await nodes.add(templates({})(builder))).not.toBe("system");
    });

    it.each(SIZES)("the capacity rule and kube-scheduler agree on %s", async (_, sizes) => {
      const change = (maxSize: number) => ({
        ...sizes,
        instanceType: type.name,
        nodes: { minSize: 1, maxSize },
      });
      const groups = buildPods(loadOne(change(100)));
      const needed = nodesNeeded(node, 100, groups) ?? 0;
      expect(needed).toBeGreaterThan(1);
      expect(loadOne(change(needed)).nodes.maxSize).toBe(needed);
      expect(() => loadOne(change(needed - 1))).toThrow(InvalidInput);
      const make = templates(change(needed));

      // On as many nodes as the rule asks for, every pod finds room, and so does its successor.
      for (const order of [inTurn(groups), inTurn(groups).reverse()]) {
        await nodes.empty();
        for (let i = 0; i < needed; i++) await nodes.join();
        for (const pod of order) await nodes.add(make(pod));
        await nodes.replaceAll();
      }

      // With one less there is a course of events after which a pod waits. The last node is what it waits for.
      const worst = worstCase(node, groups);
      await nodes.empty();
      for (const held of worst?.nodes ?? []) {
        const name = await nodes.join();
        for (const pod of inTurn(groups.map((group) => ({ ...group, count: held.get(group.name) ?? 0 }))))
          await nodes.add(onNode(make(pod), name));
      }
      expect(worst?.nodes).toHaveLength(needed - 1);
      const waiting = await nodes.addWaiting(make(worst?.waits as PodGroup));
      expect(waiting).toBeDefined();
      const last = await nodes.join();
      expect(await nodes.arrival(waiting ?? "")).toBe(last);
    });
  },
);
