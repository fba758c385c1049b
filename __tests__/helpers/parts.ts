import type { TerraformStack } from "cdktf";
import { Cluster, type ClusterProps } from "../../constructs/cluster";
import { Network, type NetworkProps } from "../../constructs/network";
import { subnetsOf } from "../../environment/network";

const resources = { milliCpu: 2000, memoryMib: 4096 };
export const POD = { ...resources, count: 1, largestContainer: resources };

export const OPERATOR = "arn:aws:iam::444455556666:role/operator";

export const newNetwork = (stack: TerraformStack, change: Partial<NetworkProps> = {}) =>
  new Network(stack, "network", {
    name: "demo",
    region: "us-west-2",
    cidr: "10.30.0.0/16",
    subnets: subnetsOf("10.30.0.0/16", ["us-west-2a", "us-west-2b"]),
    ...change,
  });

export const newCluster = (stack: TerraformStack, change: Partial<ClusterProps> = {}) =>
  new Cluster(stack, "cluster", {
    name: "demo",
    network: newNetwork(stack),
    version: "1.35",
    clusterAdmins: [OPERATOR],
    logRetentionDays: 30,
    deletionWindowInDays: 7,
    ...change,
  });
