import { EksNodeGroup } from "@cdktf/provider-aws/lib/eks-node-group";
import { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import { type ITerraformDependable, Token } from "cdktf";
import { Construct } from "constructs";
import type { Cluster } from "./cluster";
import type { NodeRole } from "./node-role";
import { atMost, validate, within } from "./validation";

/** Keeps pods off a node unless they tolerate it. */
export interface Taint {
  /** Key of the taint, for example "example.com/builds". */
  readonly key: string;
  /** Value of the taint, for example "true". */
  readonly value: string;
  /** What happens to pods that do not tolerate it, in EKS' spelling. */
  readonly effect: "NO_SCHEDULE" | "NO_EXECUTE" | "PREFER_NO_SCHEDULE";
}

export interface NodeGroupProps {
  /**
   * Prefix of the name in EKS, which goes on with the instance type: "builds" becomes "builds-c5n-2xlarge". Together at
   * most 63 characters.
   */
  readonly name: string;
  /** The cluster that the nodes join, in its private subnets. */
  readonly cluster: Cluster;
  /** The role of the nodes. */
  readonly nodeRole: NodeRole;
  /**
   * An x86_64 EC2 instance type, for example "c5n.2xlarge". With another one a new group is made first; then EKS drains
   * and deletes the old one.
   */
  readonly instanceType: string;
  /** Nodes at least. */
  readonly minSize: number;
  /** Nodes at most. */
  readonly maxSize: number;
  /**
   * Nodes that every apply sets.
   * @default - minSize
   */
  readonly desiredSize?: number;
  /**
   * An autoscaler in the cluster sets the number of nodes: desiredSize holds at creation alone. EKS then refuses a
   * minSize above, or a maxSize below, the number that it finds.
   * @default false
   */
  readonly autoscaled?: boolean;
  /** Size of the root volume, GiB. */
  readonly volumeGib: number;
  /**
   * IOPS of the root volume.
   * @default 3000
   */
  readonly volumeIops?: number | undefined;
  /**
   * Throughput of the root volume, MiB/s.
   * @default 125
   */
  readonly volumeThroughputMibps?: number | undefined;
  /**
   * Kubernetes labels of the nodes.
   * @default - none
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * Taints of the nodes: only pods that tolerate them come.
   * @default - none
   */
  readonly taints?: readonly Taint[];
  /**
   * Name of the launch template, at most 128 characters.
   * @default - the group's name
   */
  readonly templateName?: string;
  /**
   * What must be there beside the role's policies before nodes can become ready, and is destroyed after them: the
   * network add-on and the way out of the subnets.
   * @default - nothing
   */
  readonly dependsOn?: ITerraformDependable[];
}

/**
 * A managed node group on Amazon Linux 2023: encrypted gp3 root volume, IMDSv2 with a hop limit of one (pods cannot
 * reach the node's credentials) and node repair.
 *
 * No security group is named in the launch template, so EKS attaches the cluster's: the control plane reaches every
 * port of the nodes, admission webhooks on 9443 included.
 */
export class NodeGroup extends Construct {
  readonly resource: EksNodeGroup;

  constructor(scope: Construct, id: string, props: NodeGroupProps) {
    super(scope, id);
    const { minSize, maxSize, desiredSize = minSize } = props;
    const nodeGroupName = `${props.name}-${props.instanceType.replaceAll(".", "-")}`;
    validate(
      this,
      atMost(63, "name with the instance type", nodeGroupName),
      atMost(128, "templateName", props.templateName),
      within(0, maxSize, "minSize", minSize),
      within(minSize, maxSize, "desiredSize", desiredSize),
      within(1, 16_384, "volumeGib", props.volumeGib),
    );
    const template = new LaunchTemplate(this, "template", {
      name: props.templateName ?? props.name,
      description: `Nodes of ${props.name}`,
      updateDefaultVersion: true,
      blockDeviceMappings: [
        {
          deviceName: "/dev/xvda",
          ebs: {
            encrypted: "true",
            volumeType: "gp3",
            volumeSize: props.volumeGib,
            iops: props.volumeIops ?? 3000,
            throughput: props.volumeThroughputMibps ?? 125,
            deleteOnTermination: "true",
          },
        },
      ],
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
    });
    this.resource = new EksNodeGroup(this, "nodes", {
      clusterName: props.cluster.name,
      nodeGroupName,
      nodeRoleArn: props.nodeRole.roleArn,
      subnetIds: props.cluster.network.privateSubnets.map((subnet) => subnet.id),
      // Follows the control plane, or an upgrade would leave the nodes behind.
      version: props.cluster.version,
      amiType: "AL2023_x86_64_STANDARD",
      capacityType: "ON_DEMAND",
      instanceTypes: [props.instanceType],
      launchTemplate: { id: template.id, version: Token.asString(template.latestVersion) },
      scalingConfig: { minSize, maxSize, desiredSize },
      updateConfig: { maxUnavailablePercentage: 33 },
      nodeRepairConfig: { enabled: true },
      ...(props.labels && { labels: { ...props.labels } }),
      ...(props.taints && { taint: props.taints.map((taint) => ({ ...taint })) }),
      lifecycle: {
        createBeforeDestroy: true,
        ...(props.autoscaled && { ignoreChanges: ["scaling_config[0].desired_size"] }),
      },
      dependsOn: [...new Set([...(props.dependsOn ?? []), ...props.nodeRole.attachments])],
    });
  }
}
