import { EksNodeGroup } from "@cdktf/provider-aws/lib/eks-node-group";
import type { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import { type ITerraformDependable, Token } from "cdktf";
import { Construct } from "constructs";
import type { Cluster } from "./cluster";

export interface NodeGroupProps {
  readonly name: string;
  readonly templateName: string;
  readonly cluster: Cluster;
  readonly nodeRole: IamRole;
  /** An x86_64 EC2 instance type. */
  readonly instanceType: string;
  readonly min: number;
  readonly max: number;
  /** Nodes at creation; later changes, by hand or by an autoscaler, are left alone. */
  readonly initial: number;
  readonly volumeGib: number;
  /** @default 3000 */
  readonly volumeIops?: number | undefined;
  /** @default 125 */
  readonly volumeThroughputMibps?: number | undefined;
  /**
   * Label of the nodes. `exclusive` adds a taint of the same key and value, so that only pods that tolerate it come.
   * @default - no label, every pod may come
   */
  readonly label?: { readonly key: string; readonly value: string; readonly exclusive: boolean };
  /** What must be there before nodes can become ready, and is destroyed after them. */
  readonly dependsOn: ITerraformDependable[];
}

/**
 * A managed node group on Amazon Linux 2023: encrypted gp3 root volume, IMDSv2 with a hop limit of one (pods cannot
 * reach the node's credentials) and node repair.
 *
 * No security group is named in the launch template, so EKS attaches the cluster's: the control plane reaches every
 * port of the nodes, admission webhooks on 9443 included.
 */
export class NodeGroup extends Construct {
  readonly nodeGroup: EksNodeGroup;

  constructor(scope: Construct, id: string, props: NodeGroupProps) {
    super(scope, id);
    const template = new LaunchTemplate(this, "template", {
      name: props.templateName,
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
    this.nodeGroup = new EksNodeGroup(this, "nodes", {
      clusterName: props.cluster.name,
      nodeGroupName: props.name,
      nodeRoleArn: props.nodeRole.arn,
      subnetIds: props.cluster.network.privateSubnets.map((subnet) => subnet.id),
      // Follows the control plane, or an upgrade would leave the nodes behind.
      version: props.cluster.cluster.version,
      amiType: "AL2023_x86_64_STANDARD",
      capacityType: "ON_DEMAND",
      instanceTypes: [props.instanceType],
      launchTemplate: { id: template.id, version: Token.asString(template.latestVersion) },
      scalingConfig: { minSize: props.min, maxSize: props.max, desiredSize: props.initial },
      updateConfig: { maxUnavailablePercentage: 33 },
      nodeRepairConfig: { enabled: true },
      ...(props.label && { labels: { [props.label.key]: props.label.value } }),
      ...(props.label?.exclusive && {
        taint: [{ key: props.label.key, value: props.label.value, effect: "NO_SCHEDULE" }],
      }),
      lifecycle: { ignoreChanges: ["scaling_config[0].desired_size"] },
      dependsOn: props.dependsOn,
    });
  }
}
