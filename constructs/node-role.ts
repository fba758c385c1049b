import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { Construct } from "constructs";
import { serviceTrust } from "./policy-document";

/**
 * The role of nodes: join the cluster and pull images. The VPC CNI has a role of its own through Pod Identity, so that
 * what reaches the node's credentials cannot rearrange network interfaces. Root on the node still can, with the token
 * of the CNI's pod.
 */
export class NodeRole extends Construct {
  readonly role: IamRole;
  readonly attachments: readonly IamRolePolicyAttachment[];

  constructor(scope: Construct, id: string, props: { readonly roleName: string }) {
    super(scope, id);
    this.role = new IamRole(this, "role", {
      name: props.roleName,
      description: "Nodes: join the cluster, pull images",
      assumeRolePolicy: serviceTrust("ec2.amazonaws.com"),
    });
    this.attachments = ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"].map(
      (policy) =>
        new IamRolePolicyAttachment(this, policy, {
          role: this.role.name,
          policyArn: `arn:aws:iam::aws:policy/${policy}`,
        }),
    );
  }
}
