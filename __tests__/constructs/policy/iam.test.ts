import { DataAwsIamPolicyDocument } from "@cdktf/provider-aws/lib/data-aws-iam-policy-document";
import { EcrLifecyclePolicy } from "@cdktf/provider-aws/lib/ecr-lifecycle-policy";
import { EcrRepositoryPolicy } from "@cdktf/provider-aws/lib/ecr-repository-policy";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { ClusterRoleBindingV1 } from "@cdktf/provider-kubernetes/lib/cluster-role-binding-v1";
import { Manifest } from "@cdktf/provider-kubernetes/lib/manifest";
import { RoleV1 } from "@cdktf/provider-kubernetes/lib/role-v1";
import type { TerraformStack } from "cdktf";
import { describe } from "vitest";
import { policyDocument, serviceTrust } from "../../../constructs/policy-document";
import { type PolicyCase, testPolicy } from "../../helpers/refusals";

const REPOSITORY = "arn:aws:ecr:us-west-2:444455556666:repository/demo/image";
const ISSUER = "token.actions.githubusercontent.com";
const PROVIDER = `arn:aws:iam::444455556666:oidc-provider/${ISSUER}`;

const expression = (inner: string) => `\${${inner}}`;
const policy = (text: string) => (stack: TerraformStack) => {
  new IamRolePolicy(stack, "push", { role: "jobs", policy: text });
};
const raw = (statement: object) => policy(JSON.stringify({ Version: "2012-10-17", Statement: statement }));
const allow = (actions: string[], resources: string[]) => policy(policyDocument({ actions, resources }));
const trust = (assumeRolePolicy: string) => (stack: TerraformStack) => {
  new IamRole(stack, "role", { assumeRolePolicy });
};
const tokens = (conditions: Record<string, Record<string, string[]>>) =>
  trust(
    policyDocument({
      actions: ["sts:AssumeRoleWithWebIdentity"],
      principal: { Federated: PROVIDER },
      conditions,
    }),
  );
const ofRepository =
  (Principal: unknown, Action = ["ecr:BatchGetImage"]) =>
  (stack: TerraformStack) => {
    new EcrRepositoryPolicy(stack, "policy", {
      repository: "image",
      policy: JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal, Action }] }),
    });
  };
const binding = (name: string) => (stack: TerraformStack) => {
  new ClusterRoleBindingV1(stack, "binding", {
    metadata: { name: "binding" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
    subject: [{ kind: "ServiceAccount", name: "runner", namespace: "buildx" }],
  });
};
const PUSH = allow(["ecr:PutImage"], [REPOSITORY]);
const EC2 = trust(serviceTrust("ec2.amazonaws.com"));
const READER = ofRepository({ AWS: "arn:aws:iam::444455556666:role/reader" });
const EXACT = tokens({
  StringEquals: {
    [`${ISSUER}:aud`]: ["sts.amazonaws.com"],
    [`${ISSUER}:sub`]: ["repo:acme/images:ref:refs/heads/main"],
  },
});

const CASES: readonly PolicyCase[] = [
  {
    name: "an action with a wildcard",
    bad: allow(["ecr:*"], [REPOSITORY]),
    good: PUSH,
  },
  {
    name: "actions that a variable names",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Terraform's own expression
    bad: allow(["${var.actions}"], [REPOSITORY]),
    good: PUSH,
  },
  {
    name: "every action but some",
    bad: raw({ Effect: "Allow", NotAction: ["iam:PassRole"], Resource: REPOSITORY }),
    good: raw({ Effect: "Deny", NotAction: ["ecr:PutImage"], Resource: "*" }),
  },
  {
    name: "every resource",
    bad: allow(["ecr:GetAuthorizationToken", "ecr:PutImage"], ["*"]),
    good: allow(["ecr:GetAuthorizationToken"], ["*"]),
  },
  {
    name: "a part of every resource",
    bad: allow(["ecr:PutImage"], [REPOSITORY, "arn:aws:ecr:us-west-2:444455556666:repository/demo/?mage"]),
    good: PUSH,
  },
  {
    name: "every resource but some",
    bad: raw({ Sid: "Most", Effect: "Allow", Action: "ecr:PutImage", NotResource: REPOSITORY }),
    good: PUSH,
  },
  {
    name: "a wildcard in an expression",
    bad: allow(["ecr:PutImage"], [expression("join('', ['arn:aws:ecr:', '*'])")]),
    good: allow(["ecr:PutImage"], [expression("aws_ecr_repository.image.arn")]),
  },
  {
    name: "a policy that is known only when it is applied",
    bad: (stack) => {
      const document = new DataAwsIamPolicyDocument(stack, "document", {
        statement: [{ actions: ["*"], resources: ["*"] }],
      });
      new IamRolePolicy(stack, "push", { role: "jobs", policy: document.json });
    },
    good: (stack) => {
      new EcrLifecyclePolicy(stack, "push", { repository: "image", policy: '{"rules":[]}' });
    },
  },
  {
    name: "an inline policy of a role",
    bad: (stack) => {
      new IamRole(stack, "role", {
        assumeRolePolicy: serviceTrust("ec2.amazonaws.com"),
        inlinePolicy: [
          { name: "all", policy: policyDocument({ actions: ["s3:Get*"], resources: [REPOSITORY] }) },
        ],
      });
    },
    good: EC2,
  },
  {
    name: "a key policy for every action",
    bad: (stack) => {
      new KmsKey(stack, "key", {
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "kms:*", Resource: "*" }],
        }),
      });
    },
    good: (stack) => {
      new KmsKey(stack, "key", {
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { AWS: "arn:aws:iam::444455556666:root" },
              Action: "kms:DescribeKey",
              Resource: "*",
            },
          ],
        }),
      });
    },
  },
  {
    name: "a repository that everybody may pull from",
    bad: ofRepository("*"),
    good: READER,
  },
  {
    name: "a repository for everybody but some",
    bad: (stack) => {
      new EcrRepositoryPolicy(stack, "policy", {
        repository: "image",
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: { Effect: "Allow", NotPrincipal: { AWS: "444455556666" }, Action: "ecr:BatchGetImage" },
        }),
      });
    },
    good: READER,
  },
  {
    name: "a role for a part of every role",
    bad: trust(
      policyDocument({
        actions: ["sts:AssumeRole"],
        principal: { AWS: "arn:aws:iam::444455556666:role/ci-*" },
      }),
    ),
    good: EC2,
  },
  {
    name: "tokens of any subject",
    bad: tokens({ StringEquals: { [`${ISSUER}:aud`]: ["sts.amazonaws.com"] } }),
    good: EXACT,
  },
  {
    name: "tokens whose subject is like something",
    bad: tokens({
      StringEquals: { [`${ISSUER}:aud`]: ["sts.amazonaws.com"] },
      StringLike: { [`${ISSUER}:sub`]: ["repo:acme/*"] },
    }),
    good: EXACT,
  },
  {
    name: "a managed policy that is not in the list",
    bad: (stack) => {
      new IamRolePolicyAttachment(stack, "all", {
        role: "jobs",
        policyArn: "arn:aws:iam::aws:policy/AdministratorAccess",
      });
    },
    good: (stack) => {
      new IamRolePolicyAttachment(stack, "all", {
        role: "jobs",
        policyArn: "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
      });
    },
  },
  {
    name: "a Kubernetes role with every verb",
    bad: (stack) => {
      new RoleV1(stack, "role", {
        metadata: { name: "role" },
        rule: [{ apiGroups: [""], resources: ["pods"], verbs: ["*"] }],
      });
    },
    good: (stack) => {
      new RoleV1(stack, "role", {
        metadata: { name: "role" },
        rule: [{ apiGroups: [""], resources: ["pods"], verbs: ["list"] }],
      });
    },
  },
  {
    name: "everything in the cluster for one account",
    bad: binding("cluster-admin"),
    good: binding("view"),
  },
  {
    name: "a cluster role with every API group, as a manifest",
    bad: (stack) => {
      new Manifest(stack, "role", {
        manifest: {
          kind: "ClusterRole",
          rules: [{ apiGroups: ["*"], resources: ["pods"], verbs: ["list"] }],
        },
      });
    },
    good: (stack) => {
      new Manifest(stack, "role", {
        manifest: { kind: "ClusterRole", rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["list"] }] },
      });
    },
  },
];

describe("the policy on who may do what", () => {
  testPolicy("iam", CASES);
});
