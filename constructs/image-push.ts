import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import type { Construct } from "constructs";
import type { ImageRepository } from "./image-repository";
import { policyDocument } from "./policy-document";
import { validate } from "./validation";

/** @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html */
const PUSH_AND_PULL = [
  "ecr:BatchCheckLayerAvailability",
  "ecr:BatchGetImage",
  "ecr:CompleteLayerUpload",
  "ecr:GetDownloadUrlForLayer",
  "ecr:InitiateLayerUpload",
  "ecr:PutImage",
  "ecr:UploadLayerPart",
];

/** A GithubActionsRole, a PodIdentityRole, or any other role by its name. */
export interface PushingRole {
  /** Name of the role in IAM. */
  readonly roleName: string;
}

/** Lets a role push to and pull from these repositories, and nothing else: it can delete no image. */
export function grantImagePush(
  scope: Construct,
  id: string,
  role: PushingRole,
  repositories: readonly ImageRepository[],
): IamRolePolicy {
  validate(scope, [repositories.length > 0, "repositories must name at least one: IAM takes no empty list"]);
  return new IamRolePolicy(scope, id, {
    name: "push-images",
    role: role.roleName,
    policy: policyDocument(
      // The login token is not bound to a repository: the action knows no resource.
      { sid: "LogIn", actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
      {
        sid: "PushAndPull",
        actions: PUSH_AND_PULL,
        resources: repositories.map(({ repositoryArn }) => repositoryArn),
      },
    ),
  });
}
