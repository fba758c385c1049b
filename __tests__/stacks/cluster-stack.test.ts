import { describe, expect, it } from "vitest";
import type { EnvironmentInput } from "../../environment/environment";
import { demo, demoWith } from "../helpers/input";
import { asObject } from "../helpers/json";
import { synthesize } from "../helpers/synth";

const cluster = (change: Partial<EnvironmentInput> = {}) => synthesize(demo(change)).stack("demo-cluster");
const stack = cluster();
const vpcConfig = (change: Partial<EnvironmentInput>) =>
  asObject(cluster(change).body("aws_eks_cluster").vpc_config);

describe("cluster: the API endpoint", () => {
  it("is public to the networks that are named", () => {
    expect(vpcConfig({ apiEndpoint: { publicAccessCidrs: ["203.0.113.0/24"] } }).public_access_cidrs).toEqual(
      ["203.0.113.0/24"],
    );
  });

  it("is not public to networks that are named where nothing needs it", () => {
    const change = { apiEndpoint: { publicAccessCidrs: ["203.0.113.0/24"] } };
    expect(vpcConfig({ ...change, configurations: ["custom-default"] })).not.toHaveProperty(
      "public_access_cidrs",
    );
  });
});

describe("cluster: the order of things", () => {
  it("makes the agent and the CNI before any node", () => {
    expect(stack.dependencies("aws_eks_addon", "pod-identity-agent/addon")).toEqual([]);
    expect(stack.dependencies("aws_eks_addon", "vpc-cni/addon")).toEqual([
      "aws_iam_role_policy_attachment.vpc-cni-role/AmazonEKS_CNI_Policy",
    ]);
  });

  const READY = [
    "aws_eks_addon.pod-identity-agent/addon",
    "aws_eks_addon.vpc-cni/addon",
    "aws_iam_role_policy_attachment.node-role/AmazonEC2ContainerRegistryPullOnly",
    "aws_iam_role_policy_attachment.node-role/AmazonEKSWorkerNodePolicy",
    "aws_route.network/private-default-us-west-2a",
    "aws_route.network/private-default-us-west-2b",
    "aws_route_table_association.network/private-routes-us-west-2a",
    "aws_route_table_association.network/private-routes-us-west-2b",
  ];

  it("makes the system nodes after their network, rights and way out", () => {
    expect(stack.dependencies("aws_eks_node_group", "system/nodes").sort()).toEqual(READY);
  });

  it.each(["coredns", "kube-proxy"])(
    "makes %s after the system nodes, and does not wait for builders",
    (addon) => {
      expect(stack.dependencies("aws_eks_addon", `${addon}/addon`)).toEqual([
        "aws_eks_node_group.system/nodes",
      ]);
    },
  );

  it("makes the CSI driver after name resolution, which it needs to the end, and its rights", () => {
    expect(stack.dependencies("aws_eks_addon", "ebs-csi/addon").sort()).toEqual([
      "aws_eks_addon.coredns/addon",
      "aws_eks_addon.kube-proxy/addon",
      "aws_iam_role_policy_attachment.ebs-csi-role/service-role--AmazonEBSCSIDriverPolicy",
    ]);
  });

  it("makes builder nodes after the CSI driver, so that it outlives their volumes", () => {
    expect(stack.dependencies("aws_eks_node_group", "builders/nodes").sort()).toEqual(
      [...READY, "aws_eks_addon.ebs-csi/addon"].sort(),
    );
  });
});

describe("cluster: add-ons", () => {
  const names = (change: Partial<EnvironmentInput>) =>
    cluster(change)
      .all("aws_eks_addon")
      .map(({ body }) => body.addon_name)
      .sort();

  it.each<Partial<EnvironmentInput>>([
    {},
    { builders: { mode: "warm", volumeGib: 50 } },
    { configurations: ["custom-default"] },
  ])("are the same in every cluster: %j", (change) => {
    expect(names(change)).toEqual([
      "aws-ebs-csi-driver",
      "coredns",
      "eks-pod-identity-agent",
      "kube-proxy",
      "vpc-cni",
    ]);
  });

  it("have the policy of AWS that each is meant to have, through Pod Identity", () => {
    const policies = stack
      .all("aws_iam_role_policy_attachment")
      .filter(({ path }) => /cni|csi/.test(path))
      .map(({ body }) => [body.role, body.policy_arn]);
    expect(policies.sort()).toEqual([
      [
        "<aws_iam_role.ebs-csi-role/role.name>",
        "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy",
      ],
      ["<aws_iam_role.vpc-cni-role/role.name>", "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"],
    ]);
  });

  it.each([
    ["vpc-cni-role", "kube-system", "aws-node"],
    ["ebs-csi-role", "kube-system", "ebs-csi-controller-sa"],
    ["runner", "buildx", "runner"],
  ])("and runners assume their role as themselves only: %s", (role, namespace, serviceAccount) => {
    const [trust, ...others] = stack.statements("aws_iam_role", `${role}/role`, "assume_role_policy");
    expect(others).toEqual([]);
    expect(trust).toMatchObject({
      Principal: { Service: "pods.eks.amazonaws.com" },
      Condition: {
        StringEquals: {
          "aws:RequestTag/eks-cluster-arn": ["<aws_eks_cluster.cluster/cluster.arn>"],
          "aws:RequestTag/kubernetes-namespace": [namespace],
          "aws:RequestTag/kubernetes-service-account": [serviceAccount],
        },
      },
    });
  });
});

describe("cluster: nodes", () => {
  it("build on the environment's instance type, as many as all pods need at first", () => {
    const { instance_types, scaling_config } = cluster({ instanceType: "c5.2xlarge" }).body(
      "aws_eks_node_group",
      "builders/nodes",
    );
    expect(instance_types).toEqual(["c5.2xlarge"]);
    expect(scaling_config).toEqual({ min_size: 1, max_size: 4, desired_size: 4 });
  });

  it("run the system on two small ones, which every pod may use", () => {
    const system = stack.body("aws_eks_node_group", "system/nodes");
    expect(system).toMatchObject({
      instance_types: ["t3.medium"],
      scaling_config: { min_size: 2, max_size: 3, desired_size: 2 },
    });
    expect(system).not.toHaveProperty("taint");
    expect(system).not.toHaveProperty("labels");
  });

  it("that build are kept for builds", () => {
    expect(stack.body("aws_eks_node_group", "builders/nodes")).toMatchObject({
      labels: { "buildx-on-eks/node-group": "builders" },
      taint: [{ key: "buildx-on-eks/node-group", value: "builders", effect: "NO_SCHEDULE" }],
    });
  });

  it("use the same few rights in both groups", () => {
    const roles = stack.all("aws_eks_node_group").map(({ body }) => body.node_role_arn);
    expect(roles).toEqual(["<aws_iam_role.node-role/role.arn>", "<aws_iam_role.node-role/role.arn>"]);
  });
});

describe("cluster: who may do what", () => {
  it("makes the operators administrators, and nobody else", () => {
    expect(stack.all("aws_eks_access_policy_association")).toHaveLength(1);
  });

  it("knows hosted jobs as a group without any policy of AWS", () => {
    expect(stack.body("aws_eks_access_entry", "cluster/hosted-jobs")).toEqual({
      cluster_name: "<aws_eks_cluster.cluster/cluster.name>",
      principal_arn: "<demo-registry:aws_iam_role.hosted-jobs/role.arn>",
      kubernetes_groups: ["buildx:hosted-jobs"],
      type: "STANDARD",
    });
  });

  it("does not know hosted jobs that do not use it", () => {
    const entries = synthesize(demoWith("hosted-default", "custom-default"))
      .stack("demo-cluster")
      .all("aws_eks_access_entry");
    expect(entries.map(({ path }) => path)).toEqual(["cluster/operator-444455556666-operator/entry"]);
  });

  it("lets runners push to this environment's repositories, and nothing else", () => {
    const [logIn, push, ...others] = stack.statements("aws_iam_role_policy", "runner-push");
    expect(others).toEqual([]);
    expect(logIn).toMatchObject({ Action: ["ecr:GetAuthorizationToken"], Resource: ["*"] });
    expect(push?.Resource).toEqual([
      "<demo-registry:aws_ecr_repository.image-large-python-container/repository.arn>",
    ]);
    expect(push?.Action.filter((action) => !action.startsWith("ecr:"))).toEqual([]);
  });

  it("gives that role to the runners' service account", () => {
    expect(stack.body("aws_eks_pod_identity_association")).toEqual({
      cluster_name: "<aws_eks_cluster.cluster/cluster.name>",
      namespace: "buildx",
      service_account: "runner",
      role_arn: "<aws_iam_role.runner/role.arn>",
    });
  });
});

describe("cluster: removal", () => {
  it.each([
    ["destroy", false, 7],
    ["retain", true, 30],
  ] as const)(
    "with %s, protects the cluster: %s, and keeps its key for %d days",
    (removalPolicy, kept, days) => {
      const synthesized = cluster({ removalPolicy });
      expect(synthesized.body("aws_eks_cluster").deletion_protection).toBe(kept);
      expect(synthesized.body("aws_kms_key").deletion_window_in_days).toBe(days);
    },
  );
});

describe("cluster: options", () => {
  it("keeps logs as long as asked", () => {
    const groups = cluster({ logRetentionDays: 90, flowLogs: true }).all("aws_cloudwatch_log_group");
    expect(groups.map(({ body }) => [body.name, body.retention_in_days]).sort()).toEqual([
      ["/aws/eks/buildx-demo/cluster", 90],
      ["/aws/vpc/buildx-demo/flow-logs", 90],
    ]);
  });

  it("has flow logs only where they are asked for", () => {
    expect(stack.types).not.toContain("aws_flow_log");
    expect(cluster({ flowLogs: true }).types).toContain("aws_flow_log");
  });

  it.each([
    ["one", 1],
    ["per-zone", 3],
  ] as const)("has NAT gateways as asked: %s", (natGateways, count) => {
    expect(cluster({ natGateways, availabilityZones: 3 }).all("aws_nat_gateway")).toHaveLength(count);
  });

  it("has the Kubernetes version that was asked for", () => {
    expect(cluster({ kubernetesVersion: "1.36" }).body("aws_eks_cluster").version).toBe("1.36");
  });

  it("moves no subnet when a zone is added", () => {
    const cidrs = (availabilityZones: number) =>
      new Map(
        cluster({ availabilityZones })
          .all("aws_subnet")
          .map(({ path, body }) => [path, body.cidr_block]),
      );
    const three = cidrs(3);
    for (const [path, cidr] of cidrs(2)) expect(three.get(path)).toBe(cidr);
  });
});

describe("cluster: outputs", () => {
  it("say what it is called, where it is and how to reach it", () => {
    expect(
      Object.fromEntries(Object.entries(stack.outputs).map(([name, { value }]) => [name, value])),
    ).toEqual({
      cluster_name: "<aws_eks_cluster.cluster/cluster.name>",
      region: "us-west-2",
      cluster_endpoint: "<aws_eks_cluster.cluster/cluster.endpoint>",
      update_kubeconfig: "aws eks update-kubeconfig --region us-west-2 --name buildx-demo",
    });
  });
});
