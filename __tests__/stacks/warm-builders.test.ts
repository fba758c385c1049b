import { describe, expect, it } from "vitest";
import type { Configuration } from "../../environment/configurations";
import type { EnvironmentInput } from "../../environment/environment";
import { builderCount, warmBuilderFor, warmBuilderNames } from "../../environment/warm-builders";
import { demo, loadOne } from "../helpers/input";
import { asList, asObject, asText } from "../helpers/json";
import { synthesize } from "../helpers/synth";
import { jobOf, stepOf, stepsOf, textOf } from "../pipeline/workflow/rendered";

const WARM: Partial<EnvironmentInput> = { builders: { mode: "warm" } };
const warm = (change: EnvironmentInput["builders"] = {}) =>
  synthesize(demo({ builders: { mode: "warm", ...change } })).stack("demo-platform");

const statefulSet = (stack = warm(), name = "warm-hosted-a") =>
  stack.body("kubernetes_stateful_set_v1", `warm-builders/${name}/stateful-set`);
const podOf = (set: ReturnType<typeof statefulSet>) =>
  asObject(asObject(asObject(set.spec).template).spec, "pod");
const containerOf = (set: ReturnType<typeof statefulSet>) => asObject(asList(podOf(set).container)[0]);

describe("warm builders", () => {
  it("are there for each class of runner that drives builder pods, and for no other", () => {
    const namesWith = (...configurations: Configuration[]) => {
      const stack = synthesize(demo({ ...WARM, configurations })).stack("demo-platform");
      return stack.all("kubernetes_stateful_set_v1").map(({ body }) => asObject(body.metadata).name);
    };
    expect(namesWith("hosted-kubernetes")).toEqual(["warm-hosted-a0"]);
    expect(namesWith("custom-kubernetes")).toEqual(["warm-custom-a0"]);
    expect(namesWith("hosted-kubernetes", "custom-kubernetes")).toEqual(["warm-custom-a0", "warm-hosted-a0"]);
    expect(namesWith("custom-default")).toEqual([]);
  });

  it("are not there where each job makes its own", () => {
    const stack = synthesize(demo()).stack("demo-platform");
    expect(stack.types).not.toContain("kubernetes_stateful_set_v1");
    expect(stack.types).not.toContain("kubernetes_pod_disruption_budget_v1");
  });

  it("are found by buildx: named <builder>0, one replica, pods labelled app", () => {
    const set = statefulSet();
    const spec = asObject(set.spec);
    expect(asObject(set.metadata).name).toBe("warm-hosted-a0");
    expect(spec.replicas).toBe("1");
    expect(spec.selector).toEqual({ match_labels: { app: "warm-hosted-a0" } });
    expect(asObject(asObject(asObject(spec.template).metadata).labels)).toMatchObject({
      app: "warm-hosted-a0",
    });
  });

  it("keep their state on an encrypted gp3 volume that goes with them", () => {
    const stack = warm({ volumeGib: 300, volumeIops: 4000, volumeThroughputMibps: 500 });
    const spec = asObject(statefulSet(stack).spec);
    expect(asObject(asList(spec.volume_claim_template)[0]).spec).toEqual({
      access_modes: ["ReadWriteOnce"],
      storage_class_name: "<kubernetes_storage_class_v1.storage-class/class.metadata[0].name>",
      resources: { requests: { storage: "300Gi" } },
    });
    expect(spec.persistent_volume_claim_retention_policy).toEqual([
      { when_deleted: "Delete", when_scaled: "Retain" },
    ]);
    expect(stack.body("kubernetes_storage_class_v1").parameters).toEqual({
      type: "gp3",
      encrypted: "true",
      iops: "4000",
      throughput: "500",
    });
  });

  it("bring the EBS CSI driver, which per-job builders on the node's disk do without", () => {
    const addons = (input: EnvironmentInput) =>
      synthesize(input)
        .stack("demo-cluster")
        .all("aws_eks_addon")
        .map(({ body }) => body.addon_name);
    expect(addons(demo(WARM))).toContain("aws-ebs-csi-driver");
    expect(addons(demo())).not.toContain("aws-ebs-csi-driver");
  });

  it("fit garbage collection to the volume, and take the registry's concurrency from the environment", () => {
    const config = asObject(
      warm({ volumeGib: 100, registryConcurrency: 9 }).body(
        "kubernetes_config_map_v1",
        "warm-builders/warm-hosted-a/config",
      ).data,
    );
    expect(config["buildkitd.toml"]).toBe(
      [
        "[worker.oci]",
        "  gc = true",
        '  reservedSpace = "50GB"',
        '  maxUsedSpace = "80GB"',
        '  minFreeSpace = "15GB"',
        "[system]",
        "  maxRegistryConcurrency = 9",
        "",
      ].join("\n"),
    );
  });

  it("get what a builder of a job gets, on the same nodes, with no token", () => {
    const set = statefulSet();
    expect(containerOf(set).resources).toEqual({
      requests: { cpu: "2", memory: "7Gi" },
      limits: { cpu: "2", memory: "7Gi" },
    });
    expect(podOf(set)).toMatchObject({
      automount_service_account_token: false,
      node_selector: { "buildx-on-eks/node-group": "builders" },
      toleration: [
        { key: "buildx-on-eks/node-group", value: "builders", operator: "Equal", effect: "NoSchedule" },
      ],
      termination_grace_period_seconds: 840,
    });
  });

  it("are privileged, or rootless where the environment asks for it", () => {
    const privileged = containerOf(statefulSet());
    expect(privileged.image).toBe("moby/buildkit:v0.31.2");
    expect(privileged.security_context).toEqual({ privileged: true });
    expect(privileged.args).toBeUndefined();

    const rootless = containerOf(statefulSet(warm({ rootless: true })));
    expect(rootless.image).toBe("moby/buildkit:v0.31.2-rootless");
    expect(rootless.security_context).toEqual({
      capabilities: { drop: ["NET_RAW"] },
      run_as_user: "1000",
      run_as_group: "1000",
      seccomp_profile: { type: "Unconfined" },
    });
    expect(rootless.args).toEqual(["--oci-worker-no-process-sandbox"]);
  });

  it("may be used by the jobs of their class, which can create, change and delete none", () => {
    const rulesOf = (user: string) =>
      warm({ replicas: 2 }).body("kubernetes_role_v1", `builder-access-${user}/role`).rule;
    const rules = (runnerClass: string) => [
      {
        api_groups: ["apps"],
        resources: ["statefulsets"],
        resource_names: [`warm-${runnerClass}-a0`, `warm-${runnerClass}-b0`],
        verbs: ["get"],
      },
      { api_groups: [""], resources: ["pods"], verbs: ["list"] },
      {
        api_groups: [""],
        resources: ["pods/exec"],
        resource_names: [`warm-${runnerClass}-a0-0`, `warm-${runnerClass}-b0-0`],
        verbs: ["create"],
      },
    ];
    expect(rulesOf("hosted")).toEqual(rules("hosted"));
    expect(rulesOf("runner")).toEqual(rules("custom"));
  });

  it("are deployed one after the other", () => {
    const dependenciesOf = (name: string) =>
      warm({ replicas: 2 }).body("kubernetes_stateful_set_v1", `warm-builders/${name}/stateful-set`)
        .depends_on;
    expect(dependenciesOf("warm-hosted-a")).toBeUndefined();
    expect(dependenciesOf("warm-hosted-b")).toEqual([expect.stringContaining("warm-hosted-a")]);
    expect(dependenciesOf("warm-custom-a")).toEqual([expect.stringContaining("warm-hosted-b")]);
  });

  it("take over an empty volume once when they are rootless, and not at every start", () => {
    const context = podOf(statefulSet(warm({ rootless: true }))).security_context;
    expect(context).toEqual({ fs_group: "1000", fs_group_change_policy: "OnRootMismatch" });
    expect(podOf(statefulSet()).security_context).toBeUndefined();
  });

  it("stop one at a time", () => {
    const budget = asObject(warm().body("kubernetes_pod_disruption_budget_v1").spec);
    expect(budget).toEqual({
      max_unavailable: "1",
      selector: { match_labels: { "buildx-on-eks/builder": "warm" } },
    });
    const labels = asObject(asObject(asObject(asObject(statefulSet().spec).template).metadata).labels);
    expect(labels["buildx-on-eks/builder"]).toBe("warm");
  });

  it("are what was reviewed, rootless and several of them too", async () => {
    for (const [name, builders] of [
      ["warm", {}],
      ["warm-rootless", { rootless: true, replicas: 2 }],
    ] as const) {
      await expect(warm(builders).text).toMatchFileSnapshot(`../__snapshots__/demo-platform-${name}.json`);
    }
  });

  it("are what the quota and the capacity check count, instead of the builders of jobs", () => {
    const environment = loadOne({ builders: { mode: "warm", replicas: 2, maxConcurrent: 1 } });
    expect(builderCount(environment)).toBe(4);
    expect(builderCount(loadOne({ builders: { mode: "per-job", replicas: 2, maxConcurrent: 1 } }))).toBe(1);
    const quota = asObject(
      asObject(warm({ replicas: 2 }).body("kubernetes_resource_quota_v1").spec).hard,
      "quota",
    );
    expect(quota).toMatchObject({ persistentvolumeclaims: "4", "requests.storage": "800Gi", pods: "8" });
  });
});

describe("several warm builders of a class", () => {
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

describe("the workflow of an environment with warm builders", () => {
  const environment = loadOne(WARM);
  const job = jobOf(environment, "hosted-kubernetes");

  it("names the builder of its class, and asks for storage so that buildx looks for it", () => {
    expect(asObject(job.env).BUILDER).toBe("warm-hosted-a");
    expect(asObject(jobOf(environment, "custom-kubernetes").env).BUILDER).toBe("warm-custom-a");
    expect(asText(asObject(stepOf(job, "Create builder").with)["driver-opts"])).toContain(
      "persistent-volume-claim.requests.storage=200Gi",
    );
  });

  it("leaves the builder where it is, and a job's own builder not", () => {
    expect(asObject(stepOf(job, "Create builder").with).cleanup).toBe(false);
    expect(stepsOf(job).map(({ name }) => name)).not.toContain("Remove builder");
    const own = jobOf(environment, "hosted-default");
    expect(asObject(stepOf(own, "Create builder").with).cleanup).toBeUndefined();
    expect(stepsOf(own).map(({ name }) => name)).toContain("Remove builder");
  });

  it("has no sweep, for there is nothing that a job could leave", () => {
    expect(() => textOf(environment, "sweep")).toThrow("has no .github/workflows/sweep-demo.yml");
    expect(textOf(loadOne(), "sweep")).toContain("sweep.py");
  });
});
