import type { Caller } from "./evaluate";

/** Roles that services assume, by what they are for. */
export type ServiceRole = "cluster" | "node" | "vpc-cni" | "ebs-csi" | "runner" | "flow-logs";

/** Somebody beside GitHub's jobs and the roles that let them in. */
export interface ServiceTrustCase {
  readonly words: string;
  readonly caller: Caller;
  /** Roles that let it in; all others do not, the one of hosted jobs included. */
  readonly admittedBy: readonly ServiceRole[];
}

/** The environment for which the cases are written. */
export const ACCOUNT_ID = "444455556666";
const CLUSTER = `arn:aws:eks:us-west-2:${ACCOUNT_ID}:cluster/buildx-demo`;

const service = (name: string): Caller => ({ kind: "Service", name, action: "sts:AssumeRole", context: {} });

/** EKS Pod Identity sends these tags with every session. */
const pod = (namespace: string, serviceAccount: string, clusterArn = CLUSTER): Caller => ({
  ...service("pods.eks.amazonaws.com"),
  context: {
    "aws:RequestTag/eks-cluster-arn": clusterArn,
    "aws:RequestTag/kubernetes-namespace": namespace,
    "aws:RequestTag/kubernetes-service-account": serviceAccount,
  },
});

const role = (name: string, accountId = ACCOUNT_ID): Caller => ({
  kind: "AWS",
  name: `arn:aws:iam::${accountId}:role/${name}`,
  action: "sts:AssumeRole",
  context: {},
});

export const SERVICE_TRUST_CASES: readonly ServiceTrustCase[] = [
  { words: "EKS", caller: service("eks.amazonaws.com"), admittedBy: ["cluster"] },
  { words: "EC2, for an instance", caller: service("ec2.amazonaws.com"), admittedBy: ["node"] },
  {
    words: "VPC flow logs",
    caller: service("vpc-flow-logs.amazonaws.com"),
    admittedBy: ["flow-logs"],
  },
  { words: "Lambda", caller: service("lambda.amazonaws.com"), admittedBy: [] },
  {
    words: "a pod of the runners' service account",
    caller: pod("buildx", "runner"),
    admittedBy: ["runner"],
  },
  {
    words: "a pod of the VPC CNI",
    caller: pod("kube-system", "aws-node"),
    admittedBy: ["vpc-cni"],
  },
  {
    words: "a pod of the EBS CSI controller",
    caller: pod("kube-system", "ebs-csi-controller-sa"),
    admittedBy: ["ebs-csi"],
  },
  {
    words: "a builder pod, of the namespace's default service account",
    caller: pod("buildx", "default"),
    admittedBy: [],
  },
  {
    words: "a pod of a service account named alike in another namespace",
    caller: pod("default", "runner"),
    admittedBy: [],
  },
  {
    words: "a pod of the build namespace that calls itself the CNI",
    caller: pod("buildx", "aws-node"),
    admittedBy: [],
  },
  {
    words: "a pod of the same names in another cluster of the account",
    caller: pod("buildx", "runner", `arn:aws:eks:us-west-2:${ACCOUNT_ID}:cluster/buildx-other`),
    admittedBy: [],
  },
  {
    words: "a pod of the same names in a cluster named alike in another region",
    caller: pod("buildx", "runner", `arn:aws:eks:eu-west-1:${ACCOUNT_ID}:cluster/buildx-demo`),
    admittedBy: [],
  },
  {
    words: "Pod Identity without session tags",
    caller: service("pods.eks.amazonaws.com"),
    admittedBy: [],
  },
  {
    words: "Pod Identity without the cluster's tag",
    caller: {
      ...service("pods.eks.amazonaws.com"),
      context: {
        "aws:RequestTag/kubernetes-namespace": "buildx",
        "aws:RequestTag/kubernetes-service-account": "runner",
      },
    },
    admittedBy: [],
  },
  {
    words: "the role of hosted jobs",
    caller: role("buildx-demo-hosted-jobs"),
    admittedBy: [],
  },
  { words: "the runners' role", caller: role("buildx-demo-runner"), admittedBy: [] },
  { words: "the nodes' role", caller: role("buildx-demo-node"), admittedBy: [] },
  { words: "an operator's role", caller: role("operator"), admittedBy: [] },
  {
    words: "a role of another account",
    caller: role("admin", "999988887777"),
    admittedBy: [],
  },
  {
    words: "the account's root user",
    caller: { ...role(""), name: `arn:aws:iam::${ACCOUNT_ID}:root` },
    admittedBy: [],
  },
];
