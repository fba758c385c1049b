import { describe, expect, it } from "vitest";
import {
  BuildNamespace,
  type BuildNamespaceProps,
  type PodAllowance,
} from "../../constructs/build-namespace";
import { BuilderAccess, type BuilderUser } from "../../constructs/builder-access";
import { BuilderStorageClass } from "../../constructs/builder-storage-class";
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

  it("waits for what a cancelled job left when it is destroyed", () => {
    expect(stack.body("kubernetes_namespace_v1").timeouts).toEqual({ delete: "30m" });
  });
});

describe("BuilderAccess", () => {
  const access = (user: BuilderUser, warmBuilders?: readonly string[]) =>
    synthesizeConstruct((scope) => {
      const namespace = new BuildNamespace(scope, "builds", { name: "buildx", allowances: [BUILDERS] });
      new BuilderAccess(scope, "access", { namespace, name: "buildx-jobs", user, warmBuilders });
    });
  const JOBS: BuilderUser = { group: "buildx:jobs" };
  const pods = { api_groups: [""], resources: ["pods"], verbs: ["list"] };
  const exec = { api_groups: [""], resources: ["pods/exec"], verbs: ["create"] };

  it("allows what buildx asks for, and nothing else", () => {
    expect(access(JOBS).body("kubernetes_role_v1").rule).toEqual([
      { api_groups: ["apps"], resources: ["deployments"], verbs: ["get", "create", "delete"] },
      pods,
      exec,
    ]);
  });

  it("allows to use the warm builders that are named, and neither others nor to make any", () => {
    expect(access(JOBS, ["warm-a"]).body("kubernetes_role_v1").rule).toEqual([
      { api_groups: ["apps"], resources: ["statefulsets"], resource_names: ["warm-a0"], verbs: ["get"] },
      pods,
      { ...exec, resource_names: ["warm-a0-0"] },
    ]);
  });

  it("holds in its namespace, and not in the whole cluster", () => {
    const bound = access(JOBS);
    expect(bound.body("kubernetes_role_v1").metadata).toEqual({
      name: "buildx-jobs",
      namespace: "<kubernetes_namespace_v1.builds/namespace.metadata[0].name>",
    });
    expect(bound.types.filter((type) => type.includes("cluster_role"))).toEqual([]);
  });

  it("is given to a group", () => {
    expect(access(JOBS).body("kubernetes_role_binding_v1")).toMatchObject({
      role_ref: {
        api_group: "rbac.authorization.k8s.io",
        kind: "Role",
        name: "<kubernetes_role_v1.access/role.metadata[0].name>",
      },
      subject: [{ kind: "Group", name: "buildx:jobs", api_group: "rbac.authorization.k8s.io" }],
    });
  });

  it("is given to a service account of the same namespace", () => {
    expect(access({ serviceAccount: "runner" }).body("kubernetes_role_binding_v1").subject).toEqual([
      {
        kind: "ServiceAccount",
        name: "runner",
        namespace: "<kubernetes_namespace_v1.builds/namespace.metadata[0].name>",
      },
    ]);
  });
});

describe("BuilderStorageClass", () => {
  it("is the default class, encrypted, and deletes a volume with its claim", () => {
    const storage = synthesizeConstruct((scope) => {
      new BuilderStorageClass(scope, "storage");
    });
    expect(storage.body("kubernetes_storage_class_v1")).toEqual({
      metadata: {
        name: "builders-gp3",
        annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
      },
      storage_provisioner: "ebs.csi.aws.com",
      parameters: { type: "gp3", encrypted: "true" },
      reclaim_policy: "Delete",
      volume_binding_mode: "WaitForFirstConsumer",
      allow_volume_expansion: true,
    });
  });
});
