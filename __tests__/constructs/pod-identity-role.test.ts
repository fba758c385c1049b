import { describe, expect, it } from "vitest";
import { ClusterAddon } from "../../constructs/cluster-addon";
import { PodIdentityRole } from "../../constructs/pod-identity-role";
import { newCluster } from "../helpers/parts";
import { synthesizeConstruct } from "../helpers/synth";

describe("PodIdentityRole", () => {
  const withAddon = synthesizeConstruct((scope) => {
    const cluster = newCluster(scope);
    new ClusterAddon(scope, "cni", {
      cluster,
      name: "vpc-cni",
      version: "v1.20.0-eksbuild.1",
      configuration: { enableNetworkPolicy: "true" },
      podIdentity: new PodIdentityRole(scope, "cni-role", {
        roleName: "demo-vpc-cni",
        description: "The VPC CNI",
        clusterArn: cluster.arn,
        namespace: "kube-system",
        serviceAccount: "aws-node",
        managedPolicies: ["AmazonEKS_CNI_Policy"],
      }),
    });
    new ClusterAddon(scope, "agent", { cluster, name: "eks-pod-identity-agent" });
  });

  it("is assumed by one service account of one namespace of one cluster", () => {
    expect(withAddon.statements("aws_iam_role", "cni-role/role", "assume_role_policy")).toEqual([
      {
        Sid: "AssumeThroughPodIdentity",
        Effect: "Allow",
        Principal: { Service: "pods.eks.amazonaws.com" },
        Action: ["sts:AssumeRole", "sts:TagSession"],
        Condition: {
          StringEquals: {
            "aws:RequestTag/eks-cluster-arn": ["<aws_eks_cluster.cluster/cluster.arn>"],
            "aws:RequestTag/kubernetes-namespace": ["kube-system"],
            "aws:RequestTag/kubernetes-service-account": ["aws-node"],
          },
        },
      },
    ]);
  });

  it("has the rights that were named before the add-on's pods ask for them", () => {
    expect(withAddon.body("aws_iam_role_policy_attachment", "cni-role/AmazonEKS_CNI_Policy").policy_arn).toBe(
      "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",
    );
    expect(withAddon.dependencies("aws_eks_addon", "cni/addon")).toEqual([
      "aws_iam_role_policy_attachment.cni-role/AmazonEKS_CNI_Policy",
    ]);
  });

  it("is given to the add-on's service account", () => {
    expect(withAddon.body("aws_eks_addon", "cni/addon").pod_identity_association).toEqual([
      { role_arn: "<aws_iam_role.cni-role/role.arn>", service_account: "aws-node" },
    ]);
  });
});
