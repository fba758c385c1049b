import { DefaultSecurityGroup } from "@cdktf/provider-aws/lib/default-security-group";
import { Eip } from "@cdktf/provider-aws/lib/eip";
import { EksCluster, type EksClusterVpcConfig } from "@cdktf/provider-aws/lib/eks-cluster";
import { EksNodeGroup } from "@cdktf/provider-aws/lib/eks-node-group";
import { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import { Lb } from "@cdktf/provider-aws/lib/lb";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { SecurityGroupRule } from "@cdktf/provider-aws/lib/security-group-rule";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import {
  VpcSecurityGroupIngressRule,
  type VpcSecurityGroupIngressRuleConfig,
} from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { Manifest } from "@cdktf/provider-kubernetes/lib/manifest";
import { ServiceV1 } from "@cdktf/provider-kubernetes/lib/service-v1";
import type { TerraformStack } from "cdktf";
import { describe } from "vitest";
import { except } from "../../../constructs/security-exception";
import { type PolicyCase, put, testPolicy } from "../../helpers/refusals";

const rule = (source: Partial<VpcSecurityGroupIngressRuleConfig>) =>
  put(VpcSecurityGroupIngressRule, "rule", { securityGroupId: "sg-1", ipProtocol: "tcp", ...source });
const PRIVATE = rule({ cidrIpv4: "10.0.0.0/8" });
const cluster =
  (vpcConfig: Omit<EksClusterVpcConfig, "subnetIds">, excepted = false) =>
  (stack: TerraformStack) => {
    const made = new EksCluster(stack, "cluster", {
      name: "demo",
      roleArn: "arn:aws:iam::444455556666:role/cluster",
      encryptionConfig: { provider: { keyArn: "key" }, resources: ["secrets"] },
      vpcConfig: { subnetIds: ["subnet-1"], ...vpcConfig },
    });
    if (excepted) except(made, "public-api-endpoint");
  };
const CLOSED = cluster({ endpointPublicAccess: false, endpointPrivateAccess: true });
const service = (type: string) =>
  put(ServiceV1, "service", { metadata: { name: "service" }, spec: { type } });
const manifest = (value: Record<string, unknown>) => put(Manifest, "manifest", { manifest: value });
const olderRule = (type: string) =>
  put(SecurityGroupRule, "rule", {
    type,
    securityGroupId: "sg-1",
    fromPort: 443,
    toPort: 443,
    protocol: "tcp",
    cidrBlocks: ["0.0.0.0/0"],
  });
const NODES = {
  clusterName: "demo",
  nodeRoleArn: "arn:aws:iam::444455556666:role/node",
  subnetIds: ["subnet-1"],
  scalingConfig: { minSize: 1, maxSize: 1, desiredSize: 1 },
  launchTemplate: { id: "lt-1", version: "1" },
};

const CASES: readonly PolicyCase[] = [
  ["a rule for every IPv4 address", rule({ cidrIpv4: "0.0.0.0/0" }), PRIVATE],
  ["a rule for every IPv6 address", rule({ cidrIpv6: "::/0" }), rule({ cidrIpv6: "fd00::/8" })],
  [
    "a rule for somebody else's network",
    rule({ cidrIpv4: "203.0.113.0/24" }),
    rule({ referencedSecurityGroupId: "sg-2" }),
  ],
  ["a rule for a list of prefixes that cannot be read", rule({ prefixListId: "pl-1" }), PRIVATE],
  [
    "a network that is a reference to something else than the VPC",
    (stack) => {
      const subnet = new Subnet(stack, "subnet", { vpcId: "vpc-1", cidrBlock: "10.0.0.0/24" });
      subnet.overrideLogicalId("subnet");
      rule({ cidrIpv4: subnet.cidrBlock })(stack);
    },
    (stack) => rule({ cidrIpv4: new Vpc(stack, "vpc", { cidrBlock: "20.0.0.0/16" }).cidrBlock })(stack),
  ],
  [
    "another network beside the VPC's own public one",
    (stack) => {
      new Vpc(stack, "vpc", { cidrBlock: "20.0.0.0/16" });
      rule({ cidrIpv4: "20.0.0.0/15" })(stack);
    },
    (stack) => {
      new Vpc(stack, "vpc", { cidrBlock: "20.0.0.0/16" });
      rule({ cidrIpv4: "20.0.0.0/16" })(stack);
    },
  ],
  [
    "a security group with a rule inside",
    put(SecurityGroup, "group", {
      ingress: [{ fromPort: 22, toPort: 22, protocol: "tcp", cidrBlocks: ["10.0.0.0/8", "0.0.0.0/0"] }],
    }),
    put(SecurityGroup, "group", {
      egress: [{ fromPort: 0, toPort: 0, protocol: "-1", cidrBlocks: ["0.0.0.0/0"] }],
    }),
  ],
  [
    "a default security group that is open",
    put(DefaultSecurityGroup, "group", {
      ingress: [{ fromPort: 0, toPort: 0, protocol: "-1", ipv6CidrBlocks: ["::/0"] }],
    }),
    put(DefaultSecurityGroup, "group", {}),
  ],
  ["a rule of the older kind", olderRule("ingress"), olderRule("egress")],
  [
    "SSH to nodes from everywhere",
    put(EksNodeGroup, "nodes", { ...NODES, remoteAccess: { ec2SshKey: "key" } }),
    put(EksNodeGroup, "nodes", {
      ...NODES,
      remoteAccess: { ec2SshKey: "key", sourceSecurityGroupIds: ["sg-1"] },
    }),
  ],
  [
    "a load balancer that faces the internet",
    put(Lb, "balancer", { name: "demo" }),
    put(Lb, "balancer", { name: "demo", internal: true }),
  ],
  ["a Kubernetes service behind a load balancer", service("LoadBalancer"), service("ClusterIP")],
  [
    "a Kubernetes service on a port of every node, as a manifest",
    manifest({ apiVersion: "v1", kind: "Service", spec: { type: "NodePort" } }),
    manifest({ apiVersion: "v1", kind: "Service", spec: { ports: [] } }),
  ],
  [
    "a Kubernetes ingress",
    manifest({ apiVersion: "networking.k8s.io/v1", kind: "Ingress", spec: {} }),
    manifest({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", spec: {} }),
  ],
  [
    "a public address",
    put(Eip, "address", { domain: "vpc" }),
    (stack) => except(new Eip(stack, "address", { domain: "vpc" }), "nat-address"),
  ],
  [
    "a subnet that gives public addresses",
    put(Subnet, "subnet", { vpcId: "vpc-1", mapPublicIpOnLaunch: true }),
    put(Subnet, "subnet", { vpcId: "vpc-1" }),
  ],
  ["machines with public addresses", (stack) => template(stack, "true"), (stack) => template(stack, "false")],
  [
    "a public API endpoint without an exception",
    cluster({
      endpointPublicAccess: true,
      endpointPrivateAccess: true,
      publicAccessCidrs: ["203.0.113.0/24"],
    }),
    cluster(
      { endpointPublicAccess: true, endpointPrivateAccess: true, publicAccessCidrs: ["203.0.113.0/24"] },
      true,
    ),
  ],
  ["an endpoint that is public by EKS's default", cluster({ endpointPrivateAccess: true }), CLOSED],
  [
    "an excepted endpoint that does not say whom it is for",
    cluster({ endpointPublicAccess: true, endpointPrivateAccess: true }, true),
    cluster(
      { endpointPublicAccess: true, endpointPrivateAccess: true, publicAccessCidrs: ["0.0.0.0/0"] },
      true,
    ),
  ],
  [
    "a cluster without a private endpoint",
    cluster({ endpointPublicAccess: true, publicAccessCidrs: ["203.0.113.0/24"] }, true),
    CLOSED,
  ],
];

function template(stack: TerraformStack, associatePublicIpAddress: string): void {
  new LaunchTemplate(stack, "template", {
    networkInterfaces: [{ associatePublicIpAddress }],
    blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: { encrypted: "true" } }],
    metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
  });
}

describe("the policy on what lets the internet in", () => {
  testPolicy("ingress", CASES);
});
