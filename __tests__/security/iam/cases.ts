import { CONFIGURATIONS } from "../../../environment/configurations";
import type { EnvironmentInput } from "../../../environment/environment";
import type { Decision } from "./simulate";

/** Roles of an environment, by the end of their names. */
export const IDENTITIES = [
  "hosted-jobs",
  "runner",
  "cluster",
  "node",
  "vpc-cni",
  "ebs-csi",
  "flow-logs",
] as const;
export type IdentityId = (typeof IDENTITIES)[number];

/** One action on one resource, and whether a role may. */
export interface IamCase {
  readonly identity: IdentityId;
  /** What it would do, in words. */
  readonly words: string;
  readonly action: string;
  readonly resource: string;
  readonly expected: Decision;
}

/** The environment for which the cases are written has everything that makes a role or a key. */
export const IAM_SETUP = {
  name: "demo",
  accountId: "444455556666",
  region: "us-west-2",
  configurations: [...CONFIGURATIONS],
  images: { repositories: ["large-python-container", "second"], encryption: "KMS" as const },
  builders: { mode: "warm" as const },
  flowLogs: true,
} satisfies Partial<EnvironmentInput>;

const { accountId: ACCOUNT, region: REGION, name: ENVIRONMENT } = IAM_SETUP;
const OTHER_ACCOUNT = "999988887777";
const OTHER_REGION = "eu-west-1";

const repository = (name: string, account = ACCOUNT, region = REGION) =>
  `arn:aws:ecr:${region}:${account}:repository/${name}`;
const cluster = (name: string, account = ACCOUNT, region = REGION) =>
  `arn:aws:eks:${region}:${account}:cluster/${name}`;
const role = (name: string, account = ACCOUNT) => `arn:aws:iam::${account}:role/${name}`;
const logGroup = (name: string, account = ACCOUNT, region = REGION) =>
  `arn:aws:logs:${region}:${account}:log-group:${name}`;
/** AWS makes up a key's id; here it is its place in the stacks. */
const key = (place: string) => `arn:aws:kms:${REGION}:${ACCOUNT}:key/${place}`;

const IMAGE = `${ENVIRONMENT}/large-python-container`;
const SECOND = `${ENVIRONMENT}/second`;
const CLUSTER = `buildx-${ENVIRONMENT}`;
const SECRETS_KEY = key("demo-cluster/cluster/secrets-key");
const IMAGES_KEY = key("demo-registry/images-key");
const FLOW_LOGS = `/aws/vpc/${CLUSTER}/flow-logs`;
const STREAM = `${logGroup(FLOW_LOGS)}:log-stream:eni-1-all`;

type Row = readonly [action: string, resource: string, words: string];

const cases = (identity: IdentityId, expected: Decision, rows: readonly Row[]): IamCase[] =>
  rows.map(([action, resource, words]) => ({
    identity,
    words,
    action,
    resource,
    expected,
  }));

const PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
const PUSH = ["ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage"];

const MAY: readonly Row[] = [
  ["ecr:GetAuthorizationToken", "*", "log in to the registry"],
  ...PULL.flatMap((action): Row[] => [
    [action, repository(IMAGE), "pull from its own repository"],
    [action, repository(SECOND), "pull from its second repository"],
  ]),
  ...PUSH.flatMap((action): Row[] => [
    [action, repository(IMAGE), "push to its own repository"],
    [action, repository(SECOND), "push to its second repository"],
  ]),
];

/** Repositories that are none of the environment's. */
const FOREIGN: readonly (readonly [arn: string, words: string])[] = [
  [repository("other"), "another repository"],
  [repository(`${ENVIRONMENT}/other`), "another repository under the environment's name"],
  [repository(`${IMAGE}-2`), "a repository whose name begins alike"],
  [repository(`${IMAGE}/below`), "a repository below its own"],
  [repository(`my-${IMAGE}`), "a repository whose name ends alike"],
  [repository(ENVIRONMENT), "a repository named like the environment"],
  [repository("c5n/large-python-container"), "the same name in another environment"],
  [repository("Demo/large-python-container"), "its name with a capital"],
  [repository(IMAGE, OTHER_ACCOUNT), "the same name in another account"],
  [repository(IMAGE, ACCOUNT, OTHER_REGION), "the same name in another region"],
];

/** What no job may, on GitHub's machines or on its own. */
const NEVER: readonly Row[] = [
  ...FOREIGN.flatMap(([arn, words]): Row[] => [
    ["ecr:PutImage", arn, `push to ${words}`],
    ["ecr:InitiateLayerUpload", arn, `upload a layer to ${words}`],
    ["ecr:BatchGetImage", arn, `pull from ${words}`],
  ]),
  ["ecr:BatchDeleteImage", repository(IMAGE), "delete an image"],
  ["ecr:DeleteRepository", repository(IMAGE), "delete the repository"],
  ["ecr:CreateRepository", repository("new"), "make a repository"],
  ["ecr:SetRepositoryPolicy", repository(IMAGE), "let others into the repository"],
  ["ecr:DeleteRepositoryPolicy", repository(IMAGE), "delete the repository's policy"],
  ["ecr:GetRepositoryPolicy", repository(IMAGE), "read the repository's policy"],
  ["ecr:PutLifecyclePolicy", repository(IMAGE), "let images expire"],
  ["ecr:DeleteLifecyclePolicy", repository(IMAGE), "keep images forever"],
  ["ecr:PutImageTagMutability", repository(IMAGE), "make tags mutable"],
  ["ecr:PutImageScanningConfiguration", repository(IMAGE), "turn the scan off"],
  ["ecr:ReplicateImage", repository(IMAGE), "replicate an image"],
  ["ecr:TagResource", repository(IMAGE), "tag the repository"],
  ["ecr:ListImages", repository(IMAGE), "list images"],
  ["ecr:DescribeRepositories", repository(IMAGE), "look at the repository's settings"],
  ["ecr:PutRegistryPolicy", "*", "let others into the registry"],
  ["ecr:PutReplicationConfiguration", "*", "send images elsewhere"],
  ["ecr:PutAccountSetting", "*", "change the registry's settings"],
  ["ecr:CreatePullThroughCacheRule", "*", "pull through from elsewhere"],
  ["ecr-public:PutImage", `arn:aws:ecr-public::${ACCOUNT}:repository/image`, "publish an image"],

  ["eks:DescribeCluster", cluster("other"), "find another cluster"],
  ["eks:DescribeCluster", cluster(`${CLUSTER}-2`), "find a cluster whose name begins alike"],
  ["eks:DescribeCluster", cluster("buildx-c5n"), "find another environment's cluster"],
  ["eks:DescribeCluster", cluster(CLUSTER, OTHER_ACCOUNT), "find a cluster of another account"],
  ["eks:DescribeCluster", cluster(CLUSTER, ACCOUNT, OTHER_REGION), "find a cluster in another region"],
  ["eks:ListClusters", "*", "list clusters"],
  ["eks:AccessKubernetesApi", cluster(CLUSTER), "see Kubernetes objects in the console"],
  ["eks:UpdateClusterConfig", cluster(CLUSTER), "open the API endpoint"],
  ["eks:DeleteCluster", cluster(CLUSTER), "delete the cluster"],
  ["eks:CreateAccessEntry", cluster(CLUSTER), "give somebody access to the cluster"],
  [
    "eks:AssociateAccessPolicy",
    `arn:aws:eks:${REGION}:${ACCOUNT}:access-entry/${CLUSTER}/role/x`,
    "make somebody an administrator",
  ],
  ["eks:CreatePodIdentityAssociation", cluster(CLUSTER), "give a service account a role"],
  [
    "eks:UpdateNodegroupConfig",
    `arn:aws:eks:${REGION}:${ACCOUNT}:nodegroup/${CLUSTER}/builders/1`,
    "add nodes",
  ],
  ["eks-auth:AssumeRoleForPodIdentity", cluster(CLUSTER), "take a pod's credentials as a node does"],

  ["sts:AssumeRole", role("buildx-demo-node"), "become a node"],
  ["sts:AssumeRole", role("buildx-demo-cluster"), "become the control plane"],
  ["sts:AssumeRole", role("buildx-c5n-runner"), "become another environment's runner"],
  ["sts:AssumeRole", role("operator"), "become an operator"],
  ["sts:AssumeRole", role("admin", OTHER_ACCOUNT), "go to another account"],
  ["sts:GetFederationToken", "*", "make longer credentials"],
  ["iam:PassRole", role("buildx-demo-node"), "give a machine the nodes' role"],
  ["iam:PassRole", role("operator"), "give a machine an operator's role"],
  ["iam:CreateRole", role("new"), "make a role"],
  ["iam:PutRolePolicy", role("buildx-demo-hosted-jobs"), "give hosted jobs more rights"],
  ["iam:PutRolePolicy", role("buildx-demo-runner"), "give runners more rights"],
  ["iam:AttachRolePolicy", role("buildx-demo-runner"), "attach a policy to the runners' role"],
  ["iam:UpdateAssumeRolePolicy", role("buildx-demo-hosted-jobs"), "let others assume the hosted jobs' role"],
  ["iam:CreateAccessKey", `arn:aws:iam::${ACCOUNT}:user/admin`, "make a lasting key"],
  [
    "iam:CreateOpenIDConnectProvider",
    `arn:aws:iam::${ACCOUNT}:oidc-provider/evil.example`,
    "trust another issuer",
  ],
  ["iam:GetRole", role("buildx-demo-node"), "look at a role"],

  ["ec2:RunInstances", "*", "start a machine"],
  ["ec2:DescribeInstances", "*", "list machines"],
  ["ec2:CreateNetworkInterface", "*", "make a network interface"],
  [
    "ec2:AuthorizeSecurityGroupIngress",
    `arn:aws:ec2:${REGION}:${ACCOUNT}:security-group/sg-1`,
    "open a port",
  ],
  [
    "ec2:ModifyInstanceMetadataOptions",
    `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/i-1`,
    "let pods reach a node's credentials",
  ],
  ["ec2:CreateSnapshot", `arn:aws:ec2:${REGION}:${ACCOUNT}:volume/vol-1`, "copy a disk"],
  ["autoscaling:SetDesiredCapacity", "*", "add nodes past the cluster"],
  ["ssm:SendCommand", `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/i-1`, "run a command on a node"],
  ["ssm:StartSession", `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/i-1`, "open a shell on a node"],
  ["ssm:GetParameter", `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/secret`, "read a parameter"],
  [
    "secretsmanager:GetSecretValue",
    `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:github-app`,
    "read a secret",
  ],
  ["s3:ListAllMyBuckets", "*", "list buckets"],
  ["s3:GetObject", "arn:aws:s3:::acme-state/demo-cluster.tfstate", "read Terraform's state"],
  ["s3:PutObject", "arn:aws:s3:::acme-state/demo-cluster.tfstate", "change Terraform's state"],
  ["kms:Decrypt", SECRETS_KEY, "decrypt Kubernetes secrets"],
  ["kms:CreateGrant", SECRETS_KEY, "let others use the secrets' key"],
  ["kms:Decrypt", IMAGES_KEY, "decrypt images past the registry"],
  ["kms:ScheduleKeyDeletion", IMAGES_KEY, "delete the images' key"],
  ["logs:GetLogEvents", `${logGroup(`/aws/eks/${CLUSTER}/cluster`)}:log-stream:x`, "read the audit log"],
  ["logs:DeleteLogGroup", logGroup(`/aws/eks/${CLUSTER}/cluster`), "delete the audit log"],
  ["lambda:CreateFunction", `arn:aws:lambda:${REGION}:${ACCOUNT}:function:x`, "make a function"],
  ["cloudformation:CreateStack", `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/x/1`, "make a stack"],
];

const OWN_CLUSTER: Row = ["eks:DescribeCluster", cluster(CLUSTER), "find its own cluster"];

const WRITE_FLOW_LOGS = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"];

export const IAM_CASES: readonly IamCase[] = [
  ...cases("hosted-jobs", "allow", [...MAY, OWN_CLUSTER]),
  ...cases("hosted-jobs", "deny", [
    ...NEVER,
    ["sts:AssumeRole", role("buildx-demo-runner"), "become a runner"],
  ]),
  ...cases("runner", "allow", MAY),
  ...cases("runner", "deny", [
    ...NEVER,
    // A pod finds the Kubernetes API by itself.
    OWN_CLUSTER,
    ["sts:AssumeRole", role("buildx-demo-hosted-jobs"), "become a hosted job"],
  ]),

  ...cases(
    "flow-logs",
    "allow",
    WRITE_FLOW_LOGS.map((action): Row => [action, STREAM, "write flow logs"]),
  ),
  ...cases("flow-logs", "deny", [
    ...WRITE_FLOW_LOGS.map(
      (action): Row => [
        action,
        `${logGroup(`/aws/eks/${CLUSTER}/cluster`)}:log-stream:x`,
        "write to the audit log",
      ],
    ),
    [
      "logs:PutLogEvents",
      `${logGroup(`${FLOW_LOGS}-2`)}:log-stream:x`,
      "write to a group whose name begins alike",
    ],
    ["logs:PutLogEvents", `${logGroup(FLOW_LOGS, OTHER_ACCOUNT)}:log-stream:x`, "write to another account"],
    [
      "logs:PutLogEvents",
      `${logGroup(FLOW_LOGS, ACCOUNT, OTHER_REGION)}:log-stream:x`,
      "write to another region",
    ],
    ["logs:GetLogEvents", STREAM, "read flow logs"],
    ["logs:DeleteLogStream", STREAM, "delete flow logs"],
    ["logs:CreateLogGroup", logGroup("new"), "make a log group"],
    ["ecr:PutImage", repository(IMAGE), "push an image"],
    ["kms:Decrypt", SECRETS_KEY, "decrypt Kubernetes secrets"],
    ["sts:AssumeRole", role("operator"), "become an operator"],
  ]),

  ...cases("cluster", "allow", [
    ["kms:Encrypt", SECRETS_KEY, "encrypt Kubernetes secrets"],
    ["kms:Decrypt", SECRETS_KEY, "decrypt Kubernetes secrets"],
    ["kms:ListGrants", SECRETS_KEY, "list grants of the secrets' key"],
    ["kms:DescribeKey", SECRETS_KEY, "look at the secrets' key"],
  ]),
  // The rest of these roles' rights is AWS's own policies.
  ...cases("cluster", "unknown", [
    ["kms:Decrypt", IMAGES_KEY, "decrypt images past the registry"],
    ["ec2:CreateNetworkInterface", "*", "make a network interface"],
    ["iam:PassRole", role("operator"), "give a machine an operator's role"],
  ]),
  ...cases("node", "unknown", [
    ["ecr:BatchGetImage", repository(IMAGE), "pull an image"],
    ["ecr:PutImage", repository(IMAGE), "push an image"],
    ["eks:DescribeCluster", cluster(CLUSTER), "find its cluster"],
    ["kms:Decrypt", SECRETS_KEY, "decrypt Kubernetes secrets"],
  ]),
  ...cases("vpc-cni", "unknown", [
    ["ec2:CreateNetworkInterface", "*", "make a network interface"],
    ["ecr:PutImage", repository(IMAGE), "push an image"],
  ]),
  ...cases("ebs-csi", "unknown", [
    ["ec2:CreateVolume", "*", "make a volume"],
    ["ecr:PutImage", repository(IMAGE), "push an image"],
  ]),
];

/** AWS managed policies that roles hold beside their own. They are not simulated. */
export const ATTACHED_POLICIES: Readonly<Record<IdentityId, readonly string[]>> = {
  "hosted-jobs": [],
  runner: [],
  cluster: ["arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"],
  node: [
    "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
    "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
  ],
  "vpc-cni": ["arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"],
  "ebs-csi": ["arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"],
  "flow-logs": [],
};
