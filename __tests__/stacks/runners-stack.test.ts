import { describe, expect, it } from "vitest";
import type { EnvironmentInput } from "../../environment/environment";
import { demo } from "../helpers/input";
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

  it.each([
    ["custom-kubernetes", true],
    ["custom-default", false],
  ] as const)("get a token of their account with %s: %s", (configuration, token) => {
    expect(pod({ configurations: [configuration] }).automountServiceAccountToken).toBe(token);
  });

  it("follow the queue where their number may vary", () => {
    const change = { runners: { minReplicas: 1, maxReplicas: 2 } };
    expect(spec(change)).not.toHaveProperty("replicas");
    expect(runners(change).body("kubernetes_manifest", "runners/autoscaler").manifest).toMatchObject({
      kind: "HorizontalRunnerAutoscaler",
      spec: { minReplicas: 1, maxReplicas: 2, scaleTargetRef: { name: "runner" } },
    });
  });

  it("say by which labels a job asks for them", () => {
    expect(runners().outputs.runs_on?.value).toEqual(["self-hosted", "custom-runner", "buildx-demo"]);
  });
});
