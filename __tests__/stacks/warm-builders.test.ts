import { describe, expect, it } from "vitest";
import type { Configuration } from "../../environment/configurations";
import type { EnvironmentInput } from "../../environment/environment";
import { builderCount, warmBuilderFor, warmBuilderNames } from "../../environment/warm-builders";
import { demo, loadOne } from "../helpers/input";
import { asList, asObject } from "../helpers/json";
import { synthesize } from "../helpers/synth";

const warm = (change: EnvironmentInput["builders"] = {}) =>
  synthesize(demo({ builders: { mode: "warm", ...change } })).stack("demo-platform");

describe("warm builders", () => {
  it.each<[Configuration[], string[]]>([
    [["hosted-kubernetes"], ["warm-hosted-a0"]],
    [["custom-kubernetes"], ["warm-custom-a0"]],
    [
      ["hosted-kubernetes", "custom-kubernetes"],
      ["warm-custom-a0", "warm-hosted-a0"],
    ],
    [["custom-default"], []],
  ])("with %j are %j", (configurations, names) => {
    const stack = synthesize(demo({ builders: { mode: "warm" }, configurations })).stack("demo-platform");
    const sets = stack.all("kubernetes_stateful_set_v1").map(({ body }) => asObject(body.metadata).name);
    expect(sets).toEqual(names);
  });

  it("have the environment's resources, volume and image, on the nodes that build", () => {
    const stack = warm({ volumeGib: 300, volumeIops: 4000, volumeThroughputMibps: 500, rootless: true });
    const set = asObject(
      stack.body("kubernetes_stateful_set_v1", "warm-builders/warm-hosted-a/stateful-set").spec,
    );
    const pod = asObject(asObject(set.template).spec);
    expect(asList(pod.container)[0]).toMatchObject({
      image: "moby/buildkit:v0.31.2-rootless",
      resources: { limits: { cpu: "2", memory: "7Gi" } },
    });
    expect(pod).toMatchObject({
      node_selector: { "buildx-on-eks/node-group": "builders" },
      toleration: [
        { key: "buildx-on-eks/node-group", value: "builders", operator: "Equal", effect: "NoSchedule" },
      ],
    });
    expect(set.volume_claim_template).toMatchObject([
      { spec: { resources: { requests: { storage: "300Gi" } } } },
    ]);
    expect(stack.body("kubernetes_storage_class_v1").parameters).toEqual({
      type: "gp3",
      encrypted: "true",
      iops: "4000",
      throughput: "500",
    });
  });

  it.each([
    ["hosted", "hosted"],
    ["runner", "custom"],
  ])("of a class are for the jobs of that class: %s", (user, runnerClass) => {
    const rule = warm({ replicas: 2 }).body("kubernetes_role_v1", `builder-access-${user}/role`).rule;
    expect(rule).toMatchObject([
      { resource_names: [`warm-${runnerClass}-a0`, `warm-${runnerClass}-b0`], verbs: ["get"] },
      { resources: ["pods"], verbs: ["list"] },
      { resource_names: [`warm-${runnerClass}-a0-0`, `warm-${runnerClass}-b0-0`], verbs: ["create"] },
    ]);
  });

  it.each([
    ["warm", {}],
    ["warm-rootless", { rootless: true, replicas: 2 }],
  ] as const)("are what was reviewed: %s", async (name, builders) => {
    await expect(warm(builders).text).toMatchFileSnapshot(`../__snapshots__/demo-platform-${name}.json`);
  });

  it("are what the quota and the capacity check count, instead of the builders of jobs", () => {
    const counted = (mode: "warm" | "per-job") =>
      builderCount(loadOne({ builders: { mode, replicas: 2, maxConcurrent: 1 } }));
    expect([counted("warm"), counted("per-job")]).toEqual([4, 1]);
    expect(warm({ replicas: 2 }).body("kubernetes_resource_quota_v1").spec).toMatchObject({
      hard: { persistentvolumeclaims: "4", "requests.storage": "800Gi", pods: "8" },
    });
  });

  it("share images by the repository's name, the same each time", () => {
    const environment = loadOne({ builders: { mode: "warm", replicas: 3 } });
    expect(warmBuilderNames(environment)).toHaveLength(6);
    const chosen = Array.from({ length: 60 }, (_, i) =>
      warmBuilderFor(environment, "hosted-kubernetes", `service-${i}`),
    );
    expect(new Set(chosen)).toEqual(new Set(["warm-hosted-a", "warm-hosted-b", "warm-hosted-c"]));
    expect(warmBuilderFor(environment, "hosted-kubernetes", "service-7")).toBe(chosen[7]);
  });
});
