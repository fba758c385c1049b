import { describe, expect, it } from "vitest";
import {
  BuildNamespace,
  type BuildNamespaceProps,
  type PodAllowance,
} from "../../constructs/build-namespace";
import { synthesizeConstruct } from "../helpers/synth";

const RUNNERS: PodAllowance = {
  count: 4,
  milliCpu: 2500,
  memoryMib: 8192,
  largestContainer: { milliCpu: 2000, memoryMib: 7168 },
};
const BUILDERS: PodAllowance = {
  count: 2,
  milliCpu: 3000,
  memoryMib: 6144,
  largestContainer: { milliCpu: 3000, memoryMib: 6144 },
};

const synthesized = (change: Partial<BuildNamespaceProps> = {}) =>
  synthesizeConstruct((scope) => {
    new BuildNamespace(scope, "builds", { name: "buildx", allowances: [RUNNERS, BUILDERS], ...change });
  });
const stack = synthesized();

describe("BuildNamespace", () => {
  it("admits privileged pods, which BuildKit is, and reports what is below the baseline", () => {
    expect(stack.body("kubernetes_namespace_v1").metadata).toEqual({
      name: "buildx",
      labels: {
        "pod-security.kubernetes.io/enforce": "privileged",
        "pod-security.kubernetes.io/audit": "baseline",
        "pod-security.kubernetes.io/warn": "baseline",
      },
    });
  });

  it("gives its default service account no token", () => {
    expect(stack.body("kubernetes_default_service_account_v1").automount_service_account_token).toBe(false);
  });

  it("has a quota that is the sum of its pods", () => {
    expect(stack.body("kubernetes_resource_quota_v1").spec).toEqual({
      hard: {
        pods: "6",
        "requests.cpu": "16",
        "limits.cpu": "16",
        "requests.memory": "44Gi",
        "limits.memory": "44Gi",
        persistentvolumeclaims: "0",
        "services.loadbalancers": "0",
        "services.nodeports": "0",
      },
    });
  });

  it("has a quota for volumes where there are some", () => {
    const spec = synthesized({ volumes: { count: 2, volumeGib: 50 } }).body(
      "kubernetes_resource_quota_v1",
    ).spec;
    expect(spec).toMatchObject({ hard: { persistentvolumeclaims: "2", "requests.storage": "100Gi" } });
  });

  it("limits each container to the largest that is known, in CPU and in memory", () => {
    expect(stack.body("kubernetes_limit_range_v1").spec).toEqual({
      limit: [
        {
          type: "Container",
          max: { cpu: "3", memory: "7Gi" },
          default: { cpu: "250m", memory: "256Mi" },
          default_request: { cpu: "100m", memory: "128Mi" },
        },
      ],
    });
  });

  it("lets nobody connect in, and pods connect everywhere but to the node's metadata", () => {
    expect(stack.body("kubernetes_network_policy_v1").spec).toEqual({
      pod_selector: {},
      policy_types: ["Ingress", "Egress"],
      egress: [
        { to: [{ ip_block: { cidr: "0.0.0.0/0", except: ["169.254.169.254/32"] } }] },
        { to: [{ namespace_selector: {} }] },
      ],
    });
  });
});
