import { EksPodIdentityAssociation } from "@cdktf/provider-aws/lib/eks-pod-identity-association";
import { type ITerraformDependable, TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { Cluster } from "../constructs/cluster";
import { ClusterAddon } from "../constructs/cluster-addon";
import type { GithubActionsRole } from "../constructs/github-actions-role";
import { grantImagePush } from "../constructs/image-push";
import type { ImageRepository } from "../constructs/image-repository";
import type { ZoneSubnets } from "../constructs/network";
import { Network } from "../constructs/network";
import { NodeGroup, type NodeGroupProps } from "../constructs/node-group";
import { NodeRole } from "../constructs/node-role";
import { PodIdentityRole } from "../constructs/pod-identity-role";
import { AwsStack, type AwsStackProps } from "./aws-stack";

/** A node group and its root volumes. */
export type NodesProps = Pick<
  NodeGroupProps,
  | "name"
  | "minSize"
  | "maxSize"
  | "desiredSize"
  | "autoscaled"
  | "volumeGib"
  | "volumeIops"
  | "volumeThroughputMibps"
>;

export interface ClusterStackProps extends AwsStackProps {
  readonly clusterName: string;
  readonly kubernetesVersion: string;
  readonly vpcCidr: string;
  readonly subnets: readonly ZoneSubnets[];
  readonly natGateways: "one" | "per-zone";
  readonly flowLogs: boolean;
  /** @default - no public API endpoint */
  readonly publicAccessCidrs?: readonly string[] | undefined;
  readonly privateAccessCidrs: readonly string[];
  /** ARNs of the IAM roles that administer the cluster. */
  readonly clusterAdmins: readonly string[];
  readonly logRetentionDays: number;
  readonly deletionProtection: boolean;
  readonly deletionWindowInDays: number;
  /** EC2 instance type of the nodes that build. Change it here and nothing else. */
  readonly instanceType: string;
  readonly builderNodes: NodesProps;
  readonly systemInstanceType: string;
  readonly systemNodes: NodesProps;
  /** Label, and taint, of the nodes that build. */
  readonly buildersLabel: { readonly key: string; readonly value: string };
  /** @default - no hosted job reaches the cluster */
  readonly hostedJobs?: { readonly role: GithubActionsRole; readonly kubernetesGroup: string } | undefined;
  /** @default - no runners */
  readonly runners?:
    | {
        readonly roleName: string;
        readonly namespace: string;
        readonly serviceAccount: string;
        readonly repositories: readonly ImageRepository[];
      }
    | undefined;
}

/** The VPC, the EKS cluster and its nodes. */
export class ClusterStack extends AwsStack {
  readonly cluster: Cluster;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ClusterStackProps,
  ) {
    super(scope, id, props);
    const network = new Network(this, "network", {
      name: props.clusterName,
      region: props.region,
      cidr: props.vpcCidr,
      subnets: props.subnets,
      natGateways: props.natGateways,
      ...(props.flowLogs && {
        flowLogs: { retentionDays: props.logRetentionDays },
      }),
    });
    this.cluster = new Cluster(this, "cluster", {
      name: props.clusterName,
      network,
      version: props.kubernetesVersion,
      publicAccessCidrs: props.publicAccessCidrs,
      privateAccessCidrs: props.privateAccessCidrs,
      clusterAdmins: props.clusterAdmins,
      logRetentionDays: props.logRetentionDays,
      deletionProtection: props.deletionProtection,
      deletionWindowInDays: props.deletionWindowInDays,
    });
    this.addNodes();
    this.admitHostedJobs();
    this.admitRunners();
    this.addOutputs();
  }

  /**
   * A node is ready only with its network, so the CNI and the agent that gives it credentials come first; CoreDNS and
   * the CSI controller need a node to run on. Destroyed in reverse: while nodes go, the CNI still frees their network
   * interfaces, and the CSI driver outlives the nodes whose volumes it deletes.
   */
  private addNodes(): void {
    const { cluster, props } = this;
    const nodeRole = new NodeRole(this, "node-role", { roleName: `${props.clusterName}-node` });
    const network = this.addNetworkAddons();
    const ready = [...network, ...nodeRole.attachments, ...cluster.network.privateRoutes];

    const system = new NodeGroup(this, "system", {
      ...props.systemNodes,
      cluster,
      nodeRole,
      instanceType: props.systemInstanceType,
      dependsOn: ready,
    });
    const services = ["coredns", "kube-proxy"].map(
      (name) => new ClusterAddon(this, name, { cluster, name, dependsOn: [system.resource] }).resource,
    );
    const builders = props.buildersLabel;
    const volumes = this.addVolumeAddon(services);

    new NodeGroup(this, "builders", {
      ...props.builderNodes,
      cluster,
      nodeRole,
      instanceType: props.instanceType,
      labels: { [builders.key]: builders.value },
      taints: [{ ...builders, effect: "NO_SCHEDULE" }],
      dependsOn: [...ready, volumes],
    });
  }

  private addNetworkAddons() {
    const { cluster, props } = this;
    const agent = new ClusterAddon(this, "pod-identity-agent", { cluster, name: "eks-pod-identity-agent" });
    const cni = new ClusterAddon(this, "vpc-cni", {
      cluster,
      name: "vpc-cni",
      // Without this the namespaces' network policies are accepted and not enforced.
      configuration: { enableNetworkPolicy: "true" },
      podIdentity: new PodIdentityRole(this, "vpc-cni-role", {
        roleName: `${props.clusterName}-vpc-cni`,
        description: "The VPC CNI: network interfaces of pods",
        clusterArn: cluster.arn,
        namespace: "kube-system",
        serviceAccount: "aws-node",
        managedPolicies: ["AmazonEKS_CNI_Policy"],
      }),
    });
    return [agent.resource, cni.resource];
  }

  /**
   * Needs name resolution to reach EC2, and so is gone before that is. Every cluster has it, without warm builders too:
   * an apply that ends them changes this stack before the platform, whose volumes only the driver can delete.
   */
  private addVolumeAddon(services: ITerraformDependable[]) {
    const { cluster, props } = this;
    return new ClusterAddon(this, "ebs-csi", {
      cluster,
      name: "aws-ebs-csi-driver",
      podIdentity: new PodIdentityRole(this, "ebs-csi-role", {
        roleName: `${props.clusterName}-ebs-csi`,
        description: "The EBS CSI driver: volumes of builders",
        clusterArn: cluster.arn,
        namespace: "kube-system",
        serviceAccount: "ebs-csi-controller-sa",
        managedPolicies: ["service-role/AmazonEBSCSIDriverPolicy"],
      }),
      // The node plug-in must run on the builder nodes too, whatever their taint.
      configuration: { node: { tolerateAllTaints: true } },
      dependsOn: services,
    }).resource;
  }

  private admitHostedJobs(): void {
    const { hostedJobs } = this.props;
    if (!hostedJobs) return;
    this.cluster.addAccessEntry("hosted-jobs", hostedJobs.role.roleArn, [hostedJobs.kubernetesGroup]);
  }

  private admitRunners(): void {
    const { runners } = this.props;
    if (!runners) return;
    const identity = new PodIdentityRole(this, "runner", {
      roleName: runners.roleName,
      description: "Self-hosted runners: push images",
      clusterArn: this.cluster.arn,
      namespace: runners.namespace,
      serviceAccount: runners.serviceAccount,
    });
    grantImagePush(this, "runner-push", identity, runners.repositories);
    new EksPodIdentityAssociation(this, "runner-identity", {
      clusterName: this.cluster.name,
      namespace: runners.namespace,
      serviceAccount: runners.serviceAccount,
      roleArn: identity.roleArn,
    });
  }

  private addOutputs(): void {
    const { props } = this;
    new TerraformOutput(this, "cluster_name", {
      description: "Name of the EKS cluster",
      value: this.cluster.name,
    });
    new TerraformOutput(this, "region", { description: "Region of the cluster", value: props.region });
    new TerraformOutput(this, "cluster_endpoint", {
      description: "Address of the Kubernetes API",
      value: this.cluster.endpoint,
    });
    new TerraformOutput(this, "update_kubeconfig", {
      description: "Command that lets an operator's kubectl reach the cluster",
      value: `aws eks update-kubeconfig --region ${props.region} --name ${props.clusterName}`,
    });
  }
}
