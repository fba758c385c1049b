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
import { type PolicyCase, testPolicy } from "../../helpers/refusals";

const rule = (source: Partial<VpcSecurityGroupIngressRuleConfig>) => (stack: TerraformStack) => {
  new VpcSecurityGroupIngressRule(stack, "rule", { securityGroupId: "sg-1", ipProtocol: "tcp", ...source });
};
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
const service = (type: string) => (stack: TerraformStack) => {
  new ServiceV1(stack, "service", { metadata: { name: "service" }, spec: { type } });
};
const manifest = (value: Record<string, unknown>) => (stack: TerraformStack) => {
  new Manifest(stack, "manifest", { manifest: value });
};

const olderRule = (type: string) => (stack: TerraformStack) => {
  new SecurityGroupRule(stack, "rule", {
    type,
    securityGroupId: "sg-1",
    fromPort: 443,
    toPort: 443,
    protocol: "tcp",
    cidrBlocks: ["0.0.0.0/0"],
  });
};

const CASES: readonly PolicyCase[] = [
  {
    name: "a rule for every IPv4 address",
    bad: rule({ cidrIpv4: "0.0.0.0/0" }),
    good: PRIVATE,
  },
  {
    name: "a rule for every IPv6 address",
    bad: rule({ cidrIpv6: "::/0" }),
    good: rule({ cidrIpv6: "fd00::/8" }),
  },
  {
    name: "a rule for somebody else's network",
    bad: rule({ cidrIpv4: "203.0.113.0/24" }),
    good: rule({ referencedSecurityGroupId: "sg-2" }),
  },
  {
    name: "a rule for a list of prefixes that cannot be read",
    bad: rule({ prefixListId: "pl-1" }),
    good: PRIVATE,
  },
  {
    name: "a network that is a reference to something else than the VPC",
    bad: (stack) => {
      const subnet = new Subnet(stack, "subnet", { vpcId: "vpc-1", cidrBlock: "10.0.0.0/24" });
      subnet.overrideLogicalId("subnet");
      rule({ cidrIpv4: subnet.cidrBlock })(stack);
    },
    good: (stack) => rule({ cidrIpv4: new Vpc(stack, "vpc", { cidrBlock: "20.0.0.0/16" }).cidrBlock })(stack),
  },
  {
    name: "another network beside the VPC's own public one",
    bad: (stack) => {
      new Vpc(stack, "vpc", { cidrBlock: "20.0.0.0/16" });
      rule({ cidrIpv4: "20.0.0.0/15" })(stack);
    },
    good: (stack) => {
      new Vpc(stack, "vpc", { cidrBlock: "20.0.0.0/16" });
      rule({ cidrIpv4: "20.0.0.0/16" })(stack);
    },
  },
  {
    name: "a security group with a rule inside",
    bad: (stack) => {
      new SecurityGroup(stack, "group", {
        ingress: [{ fromPort: 22, toPort: 22, protocol: "tcp", cidrBlocks: ["10.0.0.0/8", "0.0.0.0/0"] }],
      });
    },
    good: (stack) => {
      new SecurityGroup(stack, "group", {
        egress: [{ fromPort: 0, toPort: 0, protocol: "-1", cidrBlocks: ["0.0.0.0/0"] }],
      });
    },
  },
  {
    name: "a default security group that is open",
    bad: (stack) => {
      new DefaultSecurityGroup(stack, "group", {
        ingress: [{ fromPort: 0, toPort: 0, protocol: "-1", ipv6CidrBlocks: ["::/0"] }],
      });
    },
    good: (stack) => {
      new DefaultSecurityGroup(stack, "group", {});
    },
  },
  {
    name: "a rule of the older kind",
    bad: olderRule("ingress"),
    good: olderRule("egress"),
  },
  {
    name: "SSH to nodes from everywhere",
    bad: (stack) => {
      new EksNodeGroup(stack, "nodes", { ...NODES, remoteAccess: { ec2SshKey: "key" } });
    },
    good: (stack) => {
      new EksNodeGroup(stack, "nodes", {
        ...NODES,
        remoteAccess: { ec2SshKey: "key", sourceSecurityGroupIds: ["sg-1"] },
      });
    },
  },
  {
    name: "a load balancer that faces the internet",
    bad: (stack) => {
      new Lb(stack, "balancer", { name: "demo" });
    },
    good: (stack) => {
      new Lb(stack, "balancer", { name: "demo", internal: true });
    },
  },
  {
    name: "a Kubernetes service behind a load balancer",
    bad: service("LoadBalancer"),
    good: service("ClusterIP"),
  },
  {
    name: "a Kubernetes service on a port of every node, as a manifest",
    bad: manifest({ apiVersion: "v1", kind: "Service", spec: { type: "NodePort" } }),
    good: manifest({ apiVersion: "v1", kind: "Service", spec: { ports: [] } }),
  },
  {
    name: "a Kubernetes ingress",
    bad: manifest({ apiVersion: "networking.k8s.io/v1", kind: "Ingress", spec: {} }),
    good: manifest({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", spec: {} }),
  },
  {
    name: "a public address",
    bad: (stack) => {
      new Eip(stack, "address", { domain: "vpc" });
    },
    good: (stack) => except(new Eip(stack, "address", { domain: "vpc" }), "nat-address"),
  },
  {
    name: "a subnet that gives public addresses",
    bad: (stack) => {
      new Subnet(stack, "subnet", { vpcId: "vpc-1", mapPublicIpOnLaunch: true });
    },
    good: (stack) => {
      new Subnet(stack, "subnet", { vpcId: "vpc-1" });
    },
  },
  {
    name: "machines with public addresses",
    bad: (stack) => template(stack, "true"),
    good: (stack) => template(stack, "false"),
  },
  {
    name: "a public API endpoint without an exception",
    bad: cluster({
      endpointPublicAccess: true,
      endpointPrivateAccess: true,
      publicAccessCidrs: ["203.0.113.0/24"],
    }),
    good: cluster(
      { endpointPublicAccess: true, endpointPrivateAccess: true, publicAccessCidrs: ["203.0.113.0/24"] },
      true,
    ),
  },
  {
    name: "an endpoint that is public by EKS's default",
    bad: cluster({ endpointPrivateAccess: true }),
    good: CLOSED,
  },
  {
    name: "an excepted endpoint that does not say whom it is for",
    bad: cluster({ endpointPublicAccess: true, endpointPrivateAccess: true }, true),
    good: cluster(
      { endpointPublicAccess: true, endpointPrivateAccess: true, publicAccessCidrs: ["0.0.0.0/0"] },
      true,
    ),
  },
  {
    name: "a cluster without a private endpoint",
    bad: cluster({ endpointPublicAccess: true, publicAccessCidrs: ["203.0.113.0/24"] }, true),
    good: CLOSED,
  },
];

const NODES = {
  clusterName: "demo",
  nodeRoleArn: "arn:aws:iam::444455556666:role/node",
  subnetIds: ["subnet-1"],
  scalingConfig: { minSize: 1, maxSize: 1, desiredSize: 1 },
  launchTemplate: { id: "lt-1", version: "1" },
};

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
