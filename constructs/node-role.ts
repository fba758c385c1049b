import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { Construct } from "constructs";
import { serviceTrust } from "./policy-document";
import { atMost, validate } from "./validation";

export interface NodeRoleProps {
  /** Name in IAM, at most 64 characters. */
  readonly roleName: string;
}

/**
 * The role of nodes: join the cluster and pull images. The VPC CNI has a role of its own through Pod Identity, so that
 * what reaches the node's credentials cannot rearrange network interfaces. Root on the node still can, with the token
 * of the CNI's pod.
 */
export class NodeRole extends Construct {
  readonly resource: IamRole;
  readonly attachments: readonly IamRolePolicyAttachment[];

  constructor(scope: Construct, id: string, props: NodeRoleProps) {
    super(scope, id);
    validate(this, atMost(64, "roleName", props.roleName));
    this.resource = new IamRole(this, "role", {
      name: props.roleName,
      description: "Nodes: join the cluster, pull images",
      assumeRolePolicy: serviceTrust("ec2.amazonaws.com"),
    });
    this.attachments = ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"].map(
      (policy) =>
        new IamRolePolicyAttachment(this, policy, {
          role: this.resource.name,
          policyArn: `arn:aws:iam::aws:policy/${policy}`,
        }),
    );
  }

  get roleArn(): string {
    return this.resource.arn;
  }

  get roleName(): string {
    return this.resource.name;
  }
}
