import { describe, expect, it } from "vitest";
import { BuildNamespace } from "../../constructs/build-namespace";
import { BuilderStorageClass } from "../../constructs/builder-storage-class";
import { WarmBuilders } from "../../constructs/warm-builders";
import { POD } from "../helpers/parts";
import { synthesizeConstruct } from "../helpers/synth";

const stack = synthesizeConstruct((scope) => {
  new WarmBuilders(scope, "warm", {
    names: ["a", "b"],
    namespace: new BuildNamespace(scope, "builds", { name: "builds", allowances: [POD] }),
    image: "moby/buildkit:v0.31.2",
    resources: { milliCpu: 2000, memoryMib: 4096 },
    storageClass: new BuilderStorageClass(scope, "storage"),
    volumeGib: 100,
  });
});

describe("WarmBuilders", () => {
  it("are deployed one after the other", () => {
    expect(stack.dependencies("kubernetes_stateful_set_v1", "warm/a/stateful-set")).toEqual([]);
    expect(stack.dependencies("kubernetes_stateful_set_v1", "warm/b/stateful-set")).toEqual([
      "kubernetes_stateful_set_v1.warm/a/stateful-set",
    ]);
  });

  it("stop one at a time", () => {
    expect(stack.body("kubernetes_pod_disruption_budget_v1").spec).toEqual({
      max_unavailable: "1",
      selector: { match_labels: { "buildx-on-eks/builder": "warm" } },
    });
  });
});
