import { describe, expect, it } from "vitest";
import { RunnerDeployment, type RunnerDeploymentProps } from "../../constructs/runner-deployment";
import { asObject, type JsonObject } from "../helpers/json";
import { once, synthesizeConstruct } from "../helpers/synth";

const PROPS: RunnerDeploymentProps = {
  name: "runner",
  namespace: "buildx",
  repository: "acme/images",
  labels: ["custom-runner", "buildx-demo"],
  minReplicas: 2,
  maxReplicas: 2,
  resources: { milliCpu: 500, memoryMib: 1024 },
  serviceAccountName: "runner",
  nodeSelector: { group: "builders" },
  tolerations: [{ key: "group", operator: "Equal", value: "builders", effect: "NoSchedule" }],
};
const DOCKER = { cpu: "2", memory: "7Gi" };
const DOCKER_RESOURCES = { milliCpu: 2000, memoryMib: 7 * 1024 };

const synthesized = once((change: Partial<RunnerDeploymentProps>) =>
  synthesizeConstruct((scope) => {
    new RunnerDeployment(scope, "runners", { ...PROPS, ...change });
  }),
);
const manifest = (change: Partial<RunnerDeploymentProps> = {}, path = "runners/deployment"): JsonObject =>
  asObject(synthesized(change).body("kubernetes_manifest", path).manifest);
const spec = (change: Partial<RunnerDeploymentProps> = {}) => asObject(manifest(change).spec);
const template = (change: Partial<RunnerDeploymentProps> = {}) => asObject(spec(change).template);
const pod = (change: Partial<RunnerDeploymentProps> = {}) => asObject(template(change).spec);

describe("RunnerDeployment", () => {
  it("makes a destroy wait until its runners are deregistered", () => {
    expect(manifest().metadata).toEqual({
      name: "runner",
      namespace: "buildx",
      finalizers: ["foregroundDeletion"],
    });
    expect(synthesized({}).body("kubernetes_manifest").timeouts).toEqual({
      create: "10m",
      update: "10m",
      delete: "30m",
    });
  });

  it.each([
    [
      "takes the number over where nothing scales",
      { minReplicas: 2, maxReplicas: 2 },
      { force_conflicts: true },
    ],
    ["forces nothing where an autoscaler has it", { minReplicas: 0, maxReplicas: 3 }, undefined],
  ])("%s", (_, change, expected) => {
    expect(synthesized(change).body("kubernetes_manifest", "runners/deployment").field_manager).toEqual(
      expected,
    );
  });

  it("takes the jobs of one repository that name its labels", () => {
    expect(pod()).toMatchObject({ repository: "acme/images", labels: ["custom-runner", "buildx-demo"] });
    expect(pod()).not.toHaveProperty("organization");
    expect(pod()).not.toHaveProperty("enterprise");
  });

  it("serves one job with each runner, from an image that follows GitHub's releases", () => {
    expect(pod()).toMatchObject({
      ephemeral: true,
      image: "summerwind/actions-runner:ubuntu-24.04",
      imagePullPolicy: "Always",
    });
  });

  it("has no Docker and no token by default, gets what it asks for, and stops before Kubernetes stops it", () => {
    const amount = { cpu: "500m", memory: "1Gi" };
    expect(pod()).toMatchObject({
      dockerEnabled: false,
      automountServiceAccountToken: false,
      resources: { requests: amount, limits: amount },
      securityContext: { fsGroup: 1001 },
      terminationGracePeriodSeconds: 840,
      env: [{ name: "RUNNER_GRACEFUL_STOP_TIMEOUT", value: "810" }],
    });
    expect(spec().replicas).toBe(2);
    expect(asObject(template().metadata).annotations).toEqual({
      "karpenter.sh/do-not-disrupt": "true",
      "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
    });
  });

  it("bounds the Docker sidecar, where there is one, by resources of its own", () => {
    expect(pod({ dockerResources: DOCKER_RESOURCES })).toMatchObject({
      dockerEnabled: true,
      dockerdContainerResources: { requests: DOCKER, limits: DOCKER },
      resources: { limits: { cpu: "500m", memory: "1Gi" } },
    });
  });

  it("gives its pods a token where they make builders", () => {
    expect(pod({ kubernetesAccess: true })).toMatchObject({
      automountServiceAccountToken: true,
      serviceAccountName: "runner",
    });
  });

  it("goes to the nodes that are named, whose taint it tolerates", () => {
    expect(pod()).toMatchObject({
      nodeSelector: { group: "builders" },
      tolerations: [{ key: "group", operator: "Equal", value: "builders", effect: "NoSchedule" }],
    });
  });

  describe("with a number that varies", () => {
    const scaled = { minReplicas: 0, maxReplicas: 3 };

    it("states no number, which an apply would reset, and has an autoscaler that follows the queue", () => {
      expect(spec(scaled)).not.toHaveProperty("replicas");
      expect(manifest(scaled, "runners/autoscaler")).toEqual({
        apiVersion: "actions.summerwind.dev/v1alpha1",
        kind: "HorizontalRunnerAutoscaler",
        metadata: { name: "runner", namespace: "buildx" },
        spec: {
          scaleTargetRef: { kind: "RunnerDeployment", name: "runner" },
          minReplicas: 0,
          maxReplicas: 3,
          scaleDownDelaySecondsAfterScaleOut: 300,
          metrics: [{ type: "TotalNumberOfQueuedAndInProgressWorkflowRuns" }],
        },
      });
    });
  });
});
