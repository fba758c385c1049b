import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { describe, expect, it } from "vitest";
import { grantImagePush } from "../../constructs/image-push";
import { ImageRepository } from "../../constructs/image-repository";
import { serviceTrust } from "../../constructs/policy-document";
import { synthesizeConstruct } from "../helpers/synth";

describe("grantImagePush", () => {
  const stack = synthesizeConstruct((scope) => {
    const role = new IamRole(scope, "role", { assumeRolePolicy: serviceTrust("ec2.amazonaws.com") });
    const repositories = ["one", "two"].map((name) => new ImageRepository(scope, name, { name }));
    grantImagePush(scope, "push", { roleName: role.name }, repositories);
  });

  it("allows a login, and pushes to and pulls from these repositories only", () => {
    expect(stack.statements("aws_iam_role_policy", "push")).toEqual([
      { Sid: "LogIn", Effect: "Allow", Action: ["ecr:GetAuthorizationToken"], Resource: ["*"] },
      {
        Sid: "PushAndPull",
        Effect: "Allow",
        Action: [
          "ecr:BatchCheckLayerAvailability",
          "ecr:BatchGetImage",
          "ecr:CompleteLayerUpload",
          "ecr:GetDownloadUrlForLayer",
          "ecr:InitiateLayerUpload",
          "ecr:PutImage",
          "ecr:UploadLayerPart",
        ],
        Resource: ["<aws_ecr_repository.one/repository.arn>", "<aws_ecr_repository.two/repository.arn>"],
      },
    ]);
  });
});
