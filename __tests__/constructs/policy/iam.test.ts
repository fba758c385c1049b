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
import { describe } from "vitest";
import { policyDocument, serviceTrust } from "../../../constructs/policy-document";
import { type PolicyCase, put, testPolicy } from "../../helpers/refusals";

const REPOSITORY = "arn:aws:ecr:us-west-2:444455556666:repository/demo/image";
const ISSUER = "token.actions.githubusercontent.com";
const PROVIDER = `arn:aws:iam::444455556666:oidc-provider/${ISSUER}`;

const expression = (inner: string) => `\${${inner}}`;
const policy = (text: string) => put(IamRolePolicy, "push", { role: "jobs", policy: text });
const raw = (statement: object) => policy(JSON.stringify({ Version: "2012-10-17", Statement: statement }));
const allow = (actions: string[], resources: string[]) => policy(policyDocument({ actions, resources }));
const trust = (assumeRolePolicy: string) => put(IamRole, "role", { assumeRolePolicy });
const tokens = (conditions: Record<string, Record<string, string[]>>) =>
  trust(
    policyDocument({
      actions: ["sts:AssumeRoleWithWebIdentity"],
      principal: { Federated: PROVIDER },
      conditions,
    }),
  );
const ofRepository = (Principal: unknown, Action = ["ecr:BatchGetImage"]) =>
  put(EcrRepositoryPolicy, "policy", {
    repository: "image",
    policy: JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal, Action }] }),
  });
const binding = (name: string) =>
  put(ClusterRoleBindingV1, "binding", {
    metadata: { name: "binding" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
    subject: [{ kind: "ServiceAccount", name: "runner", namespace: "buildx" }],
  });
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
  ["an action with a wildcard", allow(["ecr:*"], [REPOSITORY]), PUSH],
  [
    "actions that a variable names",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Terraform's own expression
    allow(["${var.actions}"], [REPOSITORY]),
    PUSH,
  ],
  [
    "every action but some",
    raw({ Effect: "Allow", NotAction: ["iam:PassRole"], Resource: REPOSITORY }),
    raw({ Effect: "Deny", NotAction: ["ecr:PutImage"], Resource: "*" }),
  ],
  [
    "every resource",
    allow(["ecr:GetAuthorizationToken", "ecr:PutImage"], ["*"]),
    allow(["ecr:GetAuthorizationToken"], ["*"]),
  ],
  [
    "a part of every resource",
    allow(["ecr:PutImage"], [REPOSITORY, "arn:aws:ecr:us-west-2:444455556666:repository/demo/?mage"]),
    PUSH,
  ],
  [
    "every resource but some",
    raw({ Sid: "Most", Effect: "Allow", Action: "ecr:PutImage", NotResource: REPOSITORY }),
    PUSH,
  ],
  [
    "a wildcard in an expression",
    allow(["ecr:PutImage"], [expression("join('', ['arn:aws:ecr:', '*'])")]),
    allow(["ecr:PutImage"], [expression("aws_ecr_repository.image.arn")]),
  ],
  [
    "a policy that is known only when it is applied",
    (stack) => {
      const document = new DataAwsIamPolicyDocument(stack, "document", {
        statement: [{ actions: ["*"], resources: ["*"] }],
      });
      new IamRolePolicy(stack, "push", { role: "jobs", policy: document.json });
    },
    put(EcrLifecyclePolicy, "push", { repository: "image", policy: '{"rules":[]}' }),
  ],
  [
    "an inline policy of a role",
    put(IamRole, "role", {
      assumeRolePolicy: serviceTrust("ec2.amazonaws.com"),
      inlinePolicy: [
        { name: "all", policy: policyDocument({ actions: ["s3:Get*"], resources: [REPOSITORY] }) },
      ],
    }),
    EC2,
  ],
  [
    "a key policy for every action",
    put(KmsKey, "key", {
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "kms:*", Resource: "*" }],
      }),
    }),
    put(KmsKey, "key", {
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
    }),
  ],
  ["a repository that everybody may pull from", ofRepository("*"), READER],
  [
    "a repository for everybody but some",
    put(EcrRepositoryPolicy, "policy", {
      repository: "image",
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: { Effect: "Allow", NotPrincipal: { AWS: "444455556666" }, Action: "ecr:BatchGetImage" },
      }),
    }),
    READER,
  ],
  [
    "a role for a part of every role",
    trust(
      policyDocument({
        actions: ["sts:AssumeRole"],
        principal: { AWS: "arn:aws:iam::444455556666:role/ci-*" },
      }),
    ),
    EC2,
  ],
  ["tokens of any subject", tokens({ StringEquals: { [`${ISSUER}:aud`]: ["sts.amazonaws.com"] } }), EXACT],
  [
    "tokens whose subject is like something",
    tokens({
      StringEquals: { [`${ISSUER}:aud`]: ["sts.amazonaws.com"] },
      StringLike: { [`${ISSUER}:sub`]: ["repo:acme/*"] },
    }),
    EXACT,
  ],
  [
    "a managed policy that is not in the list",
    put(IamRolePolicyAttachment, "all", {
      role: "jobs",
      policyArn: "arn:aws:iam::aws:policy/AdministratorAccess",
    }),
    put(IamRolePolicyAttachment, "all", {
      role: "jobs",
      policyArn: "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
    }),
  ],
  [
    "a Kubernetes role with every verb",
    put(RoleV1, "role", {
      metadata: { name: "role" },
      rule: [{ apiGroups: [""], resources: ["pods"], verbs: ["*"] }],
    }),
    put(RoleV1, "role", {
      metadata: { name: "role" },
      rule: [{ apiGroups: [""], resources: ["pods"], verbs: ["list"] }],
    }),
  ],
  ["everything in the cluster for one account", binding("cluster-admin"), binding("view")],
  [
    "a cluster role with every API group, as a manifest",
    put(Manifest, "role", {
      manifest: { kind: "ClusterRole", rules: [{ apiGroups: ["*"], resources: ["pods"], verbs: ["list"] }] },
    }),
    put(Manifest, "role", {
      manifest: { kind: "ClusterRole", rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["list"] }] },
    }),
  ],
];

describe("the policy on who may do what", () => {
  testPolicy("iam", CASES);
});
