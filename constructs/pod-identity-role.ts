import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { Construct } from "constructs";
import { policyDocument } from "./policy-document";
import { atMost, validate } from "./validation";

export interface PodIdentityRoleProps {
  /** Name in IAM, at most 64 characters. */
  readonly roleName: string;
  /** What the role is for. */
  readonly description: string;
  /** ARN of the only cluster whose pods assume the role. */
  readonly clusterArn: string;
  /** Kubernetes namespace of the service account. */
  readonly namespace: string;
  /** Name of the service account. */
  readonly serviceAccount: string;
  /**
   * AWS managed policies by name.
   * @default - none
   */
  readonly managedPolicies?: readonly string[];
}

/**
 * A role that one service account of one cluster assumes through EKS Pod Identity. The session tags that EKS sends are
 * part of the trust, so that an association made elsewhere in the account cannot use the role.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
 */
export class PodIdentityRole extends Construct {
  readonly resource: IamRole;
  readonly attachments: readonly IamRolePolicyAttachment[];
  readonly serviceAccount: string;

  constructor(scope: Construct, id: string, props: PodIdentityRoleProps) {
    super(scope, id);
    validate(this, atMost(64, "roleName", props.roleName));
    this.serviceAccount = props.serviceAccount;
    this.resource = new IamRole(this, "role", {
      name: props.roleName,
      description: props.description,
      assumeRolePolicy: policyDocument({
        sid: "AssumeThroughPodIdentity",
        actions: ["sts:AssumeRole", "sts:TagSession"],
        principal: { Service: "pods.eks.amazonaws.com" },
        conditions: {
          StringEquals: {
            "aws:RequestTag/eks-cluster-arn": [props.clusterArn],
            "aws:RequestTag/kubernetes-namespace": [props.namespace],
            "aws:RequestTag/kubernetes-service-account": [props.serviceAccount],
          },
        },
      }),
    });
    this.attachments = (props.managedPolicies ?? []).map(
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
