import { describe, expect, it } from "vitest";
import { BuildNamespace } from "../../constructs/build-namespace";
import { BuilderStorageClass } from "../../constructs/builder-storage-class";
import { WarmBuilder, type WarmBuilderProps } from "../../constructs/warm-builder";
import { asList, asObject } from "../helpers/json";
import { POD } from "../helpers/parts";
import { once, synthesizeConstruct } from "../helpers/synth";

const synthesized = once((change: Partial<WarmBuilderProps>) =>
  synthesizeConstruct((scope) => {
    new WarmBuilder(scope, "warm", {
      name: "warm",
      namespace: new BuildNamespace(scope, "builds", { name: "builds", allowances: [POD] }),
      image: "moby/buildkit:v0.31.2",
      resources: { milliCpu: 2000, memoryMib: 7168 },
      storageClass: new BuilderStorageClass(scope, "storage"),
      volumeGib: 100,
      ...change,
    });
  }),
);
const stateful = (change: Partial<WarmBuilderProps> = {}) =>
  synthesized(change).body("kubernetes_stateful_set_v1");
const spec = (change: Partial<WarmBuilderProps> = {}) => asObject(stateful(change).spec);
const pod = (change: Partial<WarmBuilderProps> = {}) => asObject(asObject(spec(change).template).spec);
const container = (change: Partial<WarmBuilderProps> = {}) => asObject(asList(pod(change).container)[0]);

describe("WarmBuilder", () => {
  it("is found by buildx: named <builder>0, one replica, pods labelled app", () => {
    expect(asObject(stateful().metadata).name).toBe("warm0");
    expect(spec()).toMatchObject({
      replicas: "1",
      selector: { match_labels: { app: "warm0" } },
      template: { metadata: { labels: { app: "warm0", "buildx-on-eks/builder": "warm" } } },
    });
  });

  it("keeps its state on a volume that goes with it", () => {
    expect(asObject(asList(spec().volume_claim_template)[0]).spec).toEqual({
      access_modes: ["ReadWriteOnce"],
      storage_class_name: "<kubernetes_storage_class_v1.storage/class.metadata[0].name>",
      resources: { requests: { storage: "100Gi" } },
    });
    expect(spec().persistent_volume_claim_retention_policy).toEqual([
      { when_deleted: "Delete", when_scaled: "Retain" },
    ]);
  });

  it("fits garbage collection to the volume, and connects to a registry as often as asked", () => {
    const config = asObject(synthesized({ registryConcurrency: 9 }).body("kubernetes_config_map_v1").data);
    expect(config["buildkitd.toml"]).toBe(`[worker.oci]
  gc = true
  reservedSpace = "50GB"
  maxUsedSpace = "80GB"
  minFreeSpace = "15GB"
[system]
  maxRegistryConcurrency = 9
`);
  });

  it("gets what it asks for and no more, and no token", () => {
    const amount = { cpu: "2", memory: "7Gi" };
    expect(container().resources).toEqual({ requests: amount, limits: amount });
    expect(pod()).toMatchObject({
      automount_service_account_token: false,
      termination_grace_period_seconds: 840,
    });
  });

  it("goes to the nodes that are named, whose taint it tolerates", () => {
    const tolerations = [
      { key: "group", value: "builders", operator: "Equal", effect: "NoSchedule" },
    ] as const;
    expect(pod({ nodeSelector: { group: "builders" }, tolerations })).toMatchObject({
      node_selector: { group: "builders" },
      toleration: tolerations,
    });
    expect(pod()).not.toHaveProperty("node_selector");
  });

  it("is privileged by default", () => {
    expect(container().security_context).toEqual({ privileged: true });
    expect(container()).not.toHaveProperty("args");
    expect(pod()).not.toHaveProperty("security_context");
  });

  it("is without privileges when rootless, and takes over an empty volume once, not at every start", () => {
    expect(container({ rootless: true })).toMatchObject({
      args: ["--oci-worker-no-process-sandbox"],
      security_context: {
        capabilities: { drop: ["NET_RAW"] },
        run_as_user: "1000",
        run_as_group: "1000",
        seccomp_profile: { type: "Unconfined" },
      },
    });
    expect(pod({ rootless: true }).security_context).toEqual({
      fs_group: "1000",
      fs_group_change_policy: "OnRootMismatch",
    });
  });
});
