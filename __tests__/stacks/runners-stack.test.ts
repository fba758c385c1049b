import { describe, expect, it } from "vitest";
import type { EnvironmentInput } from "../../environment/environment";
import { demo, demoWith } from "../helpers/input";
import { asList, asObject } from "../helpers/json";
import { synthesize } from "../helpers/synth";

const runners = (change: Partial<EnvironmentInput> = {}) => synthesize(demo(change)).stack("demo-runners");
const spec = (change: Partial<EnvironmentInput> = {}) => {
  const manifest = asObject(runners(change).body("kubernetes_manifest", "runners/deployment").manifest);
  return asObject(manifest.spec);
};
const pod = (change: Partial<EnvironmentInput> = {}) => asObject(asObject(spec(change).template).spec);

describe("runners", () => {
  it("come only to the nodes that build, whose taint they tolerate", () => {
    const nodes = synthesize(demo()).stack("demo-cluster").body("aws_eks_node_group", "builders/nodes");
    expect(pod().nodeSelector).toEqual(nodes.labels);
    const [taint] = asList(nodes.taint).map((one) => asObject(one));
    expect(pod().tolerations).toEqual([
      { key: taint?.key, value: taint?.value, operator: "Equal", effect: "NoSchedule" },
    ]);
    expect(taint?.effect).toBe("NO_SCHEDULE");
  });

  it("run as the account that may push, in the namespace that it stands in", () => {
    const association = synthesize(demo()).stack("demo-cluster").body("aws_eks_pod_identity_association");
    const manifest = asObject(runners().body("kubernetes_manifest").manifest);
    expect(pod().serviceAccountName).toBe(association.service_account);
    expect(asObject(manifest.metadata).namespace).toBe(association.namespace);
  });

  it("take the jobs of the environment's repository", () => {
    expect(pod().repository).toBe("acme/images");
  });

  it("carry the environment's own label last", () => {
    expect(pod({ runners: { labels: ["big", "gpu"] } }).labels).toEqual(["big", "gpu", "buildx-demo"]);
  });

  it("have a bounded Docker sidecar with custom-default", () => {
    expect(pod({ runners: { cpu: 1.5, memoryGib: 4 } })).toMatchObject({
      dockerEnabled: true,
      dockerdContainerResources: {
        requests: { cpu: "1500m", memory: "4Gi" },
        limits: { cpu: "1500m", memory: "4Gi" },
      },
      resources: { requests: { cpu: "500m", memory: "1Gi" }, limits: { cpu: "500m", memory: "1Gi" } },
    });
  });

  it("have no Docker without custom-default", () => {
    const without = pod({ configurations: ["custom-kubernetes"] });
    expect(without.dockerEnabled).toBe(false);
    expect(without).not.toHaveProperty("dockerdContainerResources");
  });

  it.each([
    ["custom-kubernetes", true],
    ["custom-default", false],
  ] as const)("get a token of their account with %s: %s", (configuration, token) => {
    expect(pod({ configurations: [configuration] }).automountServiceAccountToken).toBe(token);
  });

  it("get no token for hosted builders' sake", () => {
    const change = { configurations: ["hosted-kubernetes" as const, "custom-default" as const] };
    expect(pod(change).automountServiceAccountToken).toBe(false);
  });

  it("are two by default, without an autoscaler", () => {
    expect(spec().replicas).toBe(2);
    expect(runners().all("kubernetes_manifest")).toHaveLength(1);
  });

  it("follow the queue where their number may vary", () => {
    const change = { runners: { minReplicas: 1, maxReplicas: 2 } };
    expect(spec(change)).not.toHaveProperty("replicas");
    expect(runners(change).body("kubernetes_manifest", "runners/autoscaler").manifest).toMatchObject({
      kind: "HorizontalRunnerAutoscaler",
      spec: { minReplicas: 1, maxReplicas: 2, scaleTargetRef: { name: "runner" } },
    });
  });

  it("hold up a destroy until they are gone", () => {
    expect(runners().body("kubernetes_manifest").manifest).toMatchObject({
      metadata: { finalizers: ["foregroundDeletion"] },
    });
  });

  it("say by which labels a job asks for them", () => {
    expect(runners().outputs.runs_on?.value).toEqual(["self-hosted", "custom-runner", "buildx-demo"]);
  });

  it("stand after the platform, whose controller and definitions they need", () => {
    expect(synthesize(demo()).dependencies.get("demo-runners")).toContain("demo-platform");
  });

  it("are not there without custom-*", () => {
    expect([...synthesize(demoWith("hosted-default", "hosted-kubernetes")).stacks.keys()]).not.toContain(
      "demo-runners",
    );
  });
});
