import { describe, expect, it } from "vitest";
import type { ClusterProps } from "../../constructs/cluster";
import { newCluster, OPERATOR } from "../helpers/parts";
import { once, synthesizeConstruct } from "../helpers/synth";

const synthesizedOnce = once((change: Partial<ClusterProps>) =>
  synthesizeConstruct((scope) => {
    newCluster(scope, change);
  }),
);
const synthesized = (change: Partial<ClusterProps> = {}) => synthesizedOnce(change);
const stack = synthesized();
const eks = (change: Partial<ClusterProps> = {}) => synthesized(change).body("aws_eks_cluster");

describe("Cluster", () => {
  it("has a private endpoint only, by default", () => {
    expect(eks().vpc_config).toEqual({
      endpoint_private_access: true,
      endpoint_public_access: false,
      subnet_ids: [
        "<aws_subnet.network/private-us-west-2a.id>",
        "<aws_subnet.network/private-us-west-2b.id>",
      ],
    });
  });

  it("has a public endpoint beside it for the networks that are named", () => {
    expect(eks({ publicAccessCidrs: ["203.0.113.0/24"] }).vpc_config).toMatchObject({
      endpoint_private_access: true,
      endpoint_public_access: true,
      public_access_cidrs: ["203.0.113.0/24"],
    });
  });

  it("gives its creator no rights, writes down who did what, and takes no add-ons or support unasked", () => {
    expect(eks()).toMatchObject({
      access_config: {
        authentication_mode: "API",
        bootstrap_cluster_creator_admin_permissions: false,
      },
      bootstrap_self_managed_addons: false,
      deletion_protection: false,
      enabled_cluster_log_types: ["api", "audit", "authenticator"],
      kubernetes_network_config: { ip_family: "ipv4", service_ipv4_cidr: "172.20.0.0/16" },
      upgrade_policy: { support_type: "STANDARD" },
      version: "1.35",
    });
    const open = stack.all("aws_vpc_security_group_ingress_rule").map(({ path }) => path);
    expect(open).toEqual(["network/endpoints-https"]);
  });

  it("encrypts secrets with a key of its own, which is rotated", () => {
    expect(eks().encryption_config).toEqual({
      provider: { key_arn: "<aws_kms_key.cluster/secrets-key.arn>" },
      resources: ["secrets"],
    });
    expect(stack.body("aws_kms_key")).toEqual({
      description: "Kubernetes secrets of demo",
      enable_key_rotation: true,
      deletion_window_in_days: 7,
    });
  });

  it("is made after its log group and its role's rights, and so is destroyed before them", () => {
    expect(stack.dependencies("aws_eks_cluster", "cluster/cluster").sort()).toEqual([
      "aws_cloudwatch_log_group.cluster/log-group",
      "aws_iam_role_policy.cluster/encrypt-secrets",
      "aws_iam_role_policy_attachment.cluster/AmazonEKSClusterPolicy",
    ]);
  });

  it("writes its logs into a group of the name that EKS would choose, kept as long as asked", () => {
    expect(stack.body("aws_cloudwatch_log_group")).toEqual({
      name: "/aws/eks/demo/cluster",
      retention_in_days: 30,
    });
  });

  it("may use its key for secrets, and do nothing else with it", () => {
    expect(stack.statements("aws_iam_role_policy", "cluster/encrypt-secrets")).toEqual([
      {
        Sid: "EncryptSecrets",
        Effect: "Allow",
        Action: ["kms:Encrypt", "kms:Decrypt", "kms:ListGrants", "kms:DescribeKey"],
        Resource: ["<aws_kms_key.cluster/secrets-key.arn>"],
      },
    ]);
  });

  it("has a role that only EKS assumes, with the policy that EKS asks for", () => {
    expect(stack.statements("aws_iam_role", "cluster/role", "assume_role_policy")).toEqual([
      { Effect: "Allow", Principal: { Service: "eks.amazonaws.com" }, Action: ["sts:AssumeRole"] },
    ]);
    expect(stack.body("aws_iam_role_policy_attachment").policy_arn).toBe(
      "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
    );
  });

  it.each([true, false])("is protected from deletion where asked: %s", (deletionProtection) => {
    expect(eks({ deletionProtection }).deletion_protection).toBe(deletionProtection);
  });

  it("makes each operator an administrator of the whole cluster", () => {
    expect(stack.body("aws_eks_access_entry")).toEqual({
      cluster_name: "<aws_eks_cluster.cluster/cluster.name>",
      principal_arn: OPERATOR,
      type: "STANDARD",
    });
    expect(stack.body("aws_eks_access_policy_association")).toEqual({
      cluster_name: "<aws_eks_cluster.cluster/cluster.name>",
      principal_arn: "<aws_eks_access_entry.cluster/operator-444455556666-operator/entry.principal_arn>",
      policy_arn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
      access_scope: { type: "cluster" },
    });
  });

  it("keeps administrators apart whose roles differ in a path only", () => {
    const clusterAdmins = ["role/team/admin", "role/team-admin", "role/team--admin"].map(
      (role) => `arn:aws:iam::444455556666:${role}`,
    );
    const entries = synthesized({ clusterAdmins }).all("aws_eks_access_entry");
    expect(entries.map(({ body }) => body.principal_arn)).toEqual([...clusterAdmins].sort());
  });

  it("opens the private endpoint to the networks that are named, on HTTPS only", () => {
    const rule = synthesized({ privateAccessCidrs: ["10.99.0.0/16"] }).body(
      "aws_vpc_security_group_ingress_rule",
      "cluster/private-api-10-99-0-0-16",
    );
    expect(rule).toMatchObject({
      security_group_id: "<aws_eks_cluster.cluster/cluster.vpc_config[0].cluster_security_group_id>",
      cidr_ipv4: "10.99.0.0/16",
      ip_protocol: "tcp",
      from_port: 443,
      to_port: 443,
    });
  });
});

describe("addAccessEntry", () => {
  const JOBS = "arn:aws:iam::444455556666:role/jobs";

  it("maps a role to Kubernetes groups and gives it no policy", () => {
    const admitted = synthesizeConstruct((scope) => {
      newCluster(scope, { clusterAdmins: [] }).addAccessEntry("jobs", JOBS, ["buildx:jobs"]);
    });
    expect(admitted.body("aws_eks_access_entry")).toEqual({
      cluster_name: "<aws_eks_cluster.cluster/cluster.name>",
      principal_arn: JOBS,
      kubernetes_groups: ["buildx:jobs"],
      type: "STANDARD",
    });
    expect(admitted.types).not.toContain("aws_eks_access_policy_association");
  });

  it("refuses a role that has an entry", () => {
    const twice = () =>
      synthesizeConstruct((scope) => {
        const cluster = newCluster(scope);
        cluster.addAccessEntry("jobs", JOBS, ["buildx:jobs"]);
        cluster.addAccessEntry("again", JOBS, ["other"]);
      });
    expect(twice).toThrow(`an access entry for ${JOBS} exists already; EKS takes one a role`);
  });

  it("refuses an operator's role, which would else be a group's and an administrator's", () => {
    const operator = () =>
      synthesizeConstruct((scope) => {
        newCluster(scope).addAccessEntry("jobs", OPERATOR, ["buildx:jobs"]);
      });
    expect(operator).toThrow(`an access entry for ${OPERATOR} exists already`);
  });
});
