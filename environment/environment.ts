import { z } from "zod";
import { GITHUB_ISSUER } from "../constructs/github-trust";
import { BUILDER_INSTANCE_TYPES, KUBERNETES_VERSIONS, REGION_ZONES } from "./aws-facts";
import { CACHES } from "./caches";
import { CONFIGURATIONS } from "./configurations";
import { LARGEST_VPC_PREFIX, MAX_ZONES, parseCidr } from "./network";
import { OUTPUT_PATTERN, PATH_PATTERN, VARIANTS } from "./variants";

/*
 * The shape of an environment. Each prop carries its rule as the error text and its meaning as the description: the
 * table of props in docs/environment.md is made from them. Rules about more than one prop are in rules.ts.
 */

const text = (pattern: RegExp, rule: string) => z.string(rule).regex(pattern, rule);
const whole = (min: number, max: number, unit = "") => {
  const rule = `must be a whole number${unit && ` of ${unit}`} from ${min} to ${max}`;
  return z.int(rule).min(min, rule).max(max, rule);
};
const quantity = (min: number, max: number, step: number, unit: string) => {
  const rule = `must be a number of ${unit} from ${min} to ${max}, in steps of ${step}`;
  return z.number(rule).min(min, rule).max(max, rule).multipleOf(step, rule);
};
const choice = <const T extends readonly [string, ...string[]]>(
  values: T,
  rule = `must be one of ${values.join(", ")}`,
) => z.enum(values, rule);
const flag = () => z.boolean("must be true or false");
const group = <T extends z.ZodRawShape>(shape: T) =>
  z.strictObject(shape, {
    error: (issue) => (issue.code === "invalid_type" ? "must be an object" : undefined),
  });
const list = <T extends z.ZodType>(item: T, rule: string, min = 0, max = 20) =>
  z
    .array(item, rule)
    .min(min, rule)
    .max(max, rule)
    .refine(
      (values) => new Set(values.map((v) => JSON.stringify(v))).size === values.length,
      "must not list the same value twice",
    );

const cidr = (rule: string) => z.string(rule).refine((value) => parseCidr(value) !== undefined, rule);
const roleArn = (rule: string) => text(/^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/, rule);

const NAME_RULE =
  "must be lower-case letters, digits and single hyphens, starting with a letter and not ending with a hyphen";
const ZONES_RULE = `must be a number from 2 to ${MAX_ZONES}, or a list of 2 to ${MAX_ZONES} different zone names such as "us-west-2a"`;
const IMAGE_NAME = /^[a-z0-9]+(?:[._-][a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-][a-z0-9]+)*)*$/;
/** Letters, digits and spaces of every language, as IAM's API has it. */
const TAG_CHARACTER = "[\\p{L}\\p{N}\\p{Zs}_.:/=+@-]";
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

/** Two 4 GB images, their cache and the layers in flight, for two builds on a node. */
/** Builder nodes that an environment may have. */
export const MOST_BUILDER_NODES = 100;
const DEFAULT_VOLUME_GIB = 200;
/** What both instance types sustain to their volumes: 2,300 Mbps is 274 MiB/s. */
const DEFAULT_VOLUME_MIBPS = 250;

/** A warm builder's volume: build state of several 4 GB images and their packages. */
export const DEFAULT_WARM_VOLUME_GIB = 200;

const instanceTypeSchema = group({
  // A g after the generation says Graviton, which the nodes' x86_64 image does not run on; neither does it on a1, mac
  // and what has an accelerator (https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html).
  name: text(
    /^(?=.{1,64}$)(?![a-z-]+\d+[a-z]*g[a-z]*\.|a1\.|mac|inf\d|p\d|g[34])[a-z][a-z0-9-]*\.[a-z0-9-]+$/,
    'must be an x86_64 EC2 instance type without accelerator such as "c6in.2xlarge"',
  ).describe("The instance type as EC2 names it, x86_64, without accelerator."),
  vcpu: whole(2, 448, "vCPUs").describe("vCPUs of the instance type."),
  memoryGib: quantity(4, 24576, 0.5, "GiB").describe("Memory the type is sold with."),
  maxPods: whole(4, 737, "pods").describe(
    "Pods a node may hold: ENIs x (addresses per ENI - 1) + 2, as AWS lists them in eni-max-pods.txt.",
  ),
  usdPerHour: quantity(0.0001, 1000, 0.0001, "US dollars an hour").describe("On-demand price."),
});

const githubSchema = group({
  owner: text(
    // An enterprise that manages its users puts an underscore and its short code behind their names.
    /^(?=.{1,39}$)[A-Za-z0-9][A-Za-z0-9-]*(?:_[A-Za-z0-9]+)?$/,
    "must be a GitHub user or organization: letters, digits and hyphens, and for a managed user an underscore and the enterprise's short code, at most 39",
  ).describe("User or organization whose jobs push."),
  repository: text(
    /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/,
    "must be a repository's name without its owner: letters, digits, dots, hyphens and underscores, at most 100",
  ).describe("Repository whose jobs push."),
  ownerId: whole(1, Number.MAX_SAFE_INTEGER)
    .optional()
    .describe(
      "Numeric id of the owner (`gh api users/OWNER --jq .id`). Repositories created or renamed since 2026-07-15 send it in their OIDC subject.",
    ),
  repositoryId: whole(1, Number.MAX_SAFE_INTEGER)
    .optional()
    .describe(
      "Numeric id of the repository (`gh api repos/OWNER/REPOSITORY --jq .id`); goes with `ownerId`.",
    ),
  branches: list(
    text(
      /^(?![./])(?!.*(?:\.\.|\/\/|@\{|\.lock$|[./]$))[A-Za-z0-9._/@+=-]{1,200}$/,
      "must be a branch's exact name, without wildcards",
    ),
    "must be a list of at most 20 branch names",
  )
    .default(["main"])
    .describe(
      "Branches whose jobs may push, by exact name: `main`, not `refs/heads/main`. All must fit the 2,048 characters of an IAM trust policy: about 10 with ids.",
    ),
  deploymentEnvironments: list(
    text(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/,
      "must be a GitHub environment's name: letters, digits, dots, hyphens and underscores",
    ),
    "must be a list of at most 20 GitHub environments",
  )
    .default([])
    .describe("GitHub environments whose jobs may push."),
  issuer: text(
    /^https:\/\/(?:token\.actions\.(?:githubusercontent\.com|[a-z0-9-]{1,63}\.ghe\.com)(?:\/[A-Za-z0-9_-]{1,100})?|[a-z0-9][a-z0-9.-]{1,200}\/_services\/token)$/,
    `must be ${GITHUB_ISSUER}, that with the slug of an enterprise (/ENTERPRISE), https://token.actions.SUBDOMAIN.ghe.com, or https://HOST/_services/token of GitHub Enterprise Server`,
  )
    .default(GITHUB_ISSUER)
    .describe(
      `Issuer of the jobs' OIDC tokens. An enterprise that includes its slug has \`${GITHUB_ISSUER}/ENTERPRISE\`, one on ghe.com \`https://token.actions.SUBDOMAIN.ghe.com\`, GitHub Enterprise Server \`https://HOST/_services/token\`. It says where runners register too.`,
    ),
  oidcProviderArn: text(
    /^arn:aws:iam::\d{12}:oidc-provider\/[A-Za-z0-9._/-]{1,255}$/,
    'must be an OIDC provider\'s ARN such as "arn:aws:iam::ACCOUNT:oidc-provider/token.actions.githubusercontent.com"',
  )
    .optional()
    .describe(
      "The account's OIDC provider for the issuer where it has one already; made by the account stack otherwise.",
    ),
  app: group({
    id: whole(1, Number.MAX_SAFE_INTEGER).describe("App id."),
    installationId: whole(1, Number.MAX_SAFE_INTEGER).describe("Id of its installation on the repository."),
    privateKeyRevision: whole(1, 1_000_000)
      .default(1)
      .describe(
        "Raise it to replace the private key in the cluster: Terraform cannot see that the key changed.",
      ),
  })
    .optional()
    .describe(
      "GitHub App that registers the runners; needed for custom-*. Its private key is never written here.",
    ),
});

const runnersSchema = group({
  minReplicas: whole(0, 100, "runners").default(2).describe("Runners that always wait for jobs."),
  maxReplicas: whole(1, 100, "runners")
    .default(2)
    .describe("Runners at most; above `minReplicas` a HorizontalRunnerAutoscaler follows the queue."),
  labels: list(
    text(
      /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,254}[A-Za-z0-9])?$/,
      "must be a runner label: letters, digits, dots, hyphens and underscores, at most 256",
    ),
    "must be a list of 1 to 20 labels",
    1,
  )
    .default(["custom-runner"])
    .describe("Labels that a workflow's `runs-on` names."),
  cpu: quantity(0.5, 192, 0.25, "CPUs")
    .default(2)
    .describe("CPUs of a build in custom-default (the Docker sidecar; requests = limits)."),
  memoryGib: quantity(1, 768, 0.5, "GiB")
    .default(7)
    .describe("Memory of a build in custom-default (the Docker sidecar; requests = limits)."),
  agentCpu: quantity(0.25, 16, 0.25, "CPUs")
    .default(0.5)
    .describe("CPUs of the runner container itself, which only drives the build."),
  agentMemoryGib: quantity(0.5, 64, 0.5, "GiB").default(1).describe("Memory of the runner container itself."),
});

const buildersSchema = group({
  mode: choice(["per-job", "warm"])
    .default("per-job")
    .describe(
      "`per-job`: each job makes a builder and removes it. `warm`: builders stay, with their state on a volume, and jobs may only use them.",
    ),
  replicas: whole(1, 20, "builders")
    .default(1)
    .describe(
      "Warm builders for hosted jobs, and as many for self-hosted ones. Above one each image repository has its own.",
    ),
  rootless: flag()
    .default(false)
    .describe("Builders without privileges, in user namespaces: a build cannot become root on its node."),
  registryConcurrency: whole(1, 64, "connections")
    .default(4)
    .describe("Connections of a warm builder to one registry at once; BuildKit's own default is 4."),
  maxConcurrent: whole(1, 100, "builders")
    .default(2)
    .describe(
      "Builder pods of jobs that may run at once: the namespace's quota and the capacity check count on it.",
    ),
  cpu: quantity(0.5, 192, 0.25, "CPUs").default(2).describe("CPUs of a builder pod (requests = limits)."),
  memoryGib: quantity(1, 768, 0.5, "GiB").default(7).describe("Memory of a builder pod (requests = limits)."),
  volumeGib: whole(10, 16384, "GiB")
    .optional()
    .describe(
      `Encrypted gp3 volume of a warm builder, ${DEFAULT_WARM_VOLUME_GIB} GiB unless given; a builder of one job works on its node's disk.`,
    ),
  rootInMemoryGib: whole(2, 512, "GiB")
    .optional()
    .describe(
      "BuildKit's root of a per-job builder in memory instead of on disk, of this size; part of `memoryGib`, so for machines with memory to spare.",
    ),
  volumeIops: whole(3000, 16000, "IOPS").default(3000).describe("IOPS of a warm builder's volume."),
  volumeThroughputMibps: whole(125, 1000, "MiB/s")
    .default(DEFAULT_VOLUME_MIBPS)
    .describe("Throughput of that volume."),
});

const nodesSchema = group({
  minSize: whole(0, 100, "nodes").default(1).describe("Builder nodes at least."),
  maxSize: whole(1, MOST_BUILDER_NODES, "nodes")
    .default(4)
    .describe("Builder nodes at most; capacity is checked against it."),
  autoscaled: flag()
    .default(false)
    .describe(
      "An autoscaler that you run in the cluster sets the number of nodes between the two. Otherwise every deploy sets as many as all runners and builders need at once.",
    ),
  volumeGib: whole(50, 16384, "GiB")
    .default(DEFAULT_VOLUME_GIB)
    .describe("Root volume of a builder node (encrypted gp3)."),
  volumeIops: whole(3000, 16000, "IOPS").default(3000).describe("IOPS of that volume."),
  volumeThroughputMibps: whole(125, 1000, "MiB/s")
    .default(DEFAULT_VOLUME_MIBPS)
    .describe("Throughput of that volume."),
});

const buildSchema = group({
  image: text(
    PATH_PATTERN,
    "must be a folder of this repository with a Dockerfile, or the path of one, without ..",
  )
    .default(VARIANTS.fast.image)
    .describe(
      `What the workflow builds: a folder with a Dockerfile, or the path of one (\`${VARIANTS.original.image}\` is the original article's way).`,
    ),
  context: text(PATH_PATTERN, "must be a folder of this repository, such as . for all of it, without ..")
    .optional()
    .describe("Folder that the build may read, such as `.`; without it, the Dockerfile's own."),
  args: z
    .record(
      text(/^[A-Za-z_]\w{0,99}$/, "must have names of letters, digits and _ that begin with no digit"),
      text(
        /^(?!.*\$\{\{)\P{Cc}{0,500}$/u,
        "must be one line of at most 500 characters, without ${{, which GitHub would evaluate",
      ),
      "must be an object of strings",
    )
    .default({})
    .describe(
      "Build arguments (`--build-arg`) of every build. They are in the workflow and in the image's history: never a secret.",
    ),
  target: text(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/, "must be the name of a stage of the Dockerfile")
    .optional()
    .describe("Stage of the Dockerfile to build; without it, the last."),
  secrets: list(
    text(
      /^(?!GITHUB_)[A-Z_][A-Z0-9_]{0,99}$/,
      "must be names of GitHub secrets: capital letters, digits and _, not beginning with a digit or GITHUB_",
    ),
    "must be a list of at most 20 names of GitHub secrets",
  )
    .default([])
    .describe(
      "Names of the repository's GitHub secrets that a build may read, each as `RUN --mount=type=secret,id=NAME`. Their values are in no file.",
    ),
  platforms: list(choice(["linux/amd64", "linux/arm64"]), "must be a list of one platform", 1, 1)
    .optional()
    .describe(
      "Platform of the image, one; without it, the builders' own, linux/amd64. They emulate no other processor: for linux/arm64 the Dockerfile must cross-compile.",
    ),
  output: text(
    OUTPUT_PATTERN,
    'must be "default", or attributes of layers such as compression=zstd,compression-level=3,force-compression=true',
  )
    .default(VARIANTS.fast.output)
    .describe("How the image exporter writes layers; `default` is gzip, for runtimes that cannot read zstd."),
  cache: choice(CACHES)
    .default("none")
    .describe(
      "Build cache: `none` measures a build from scratch, `registry-min` keeps the final image's layers beside it and is what `pipeline/image/Dockerfile` needs, `registry` those of every stage too, `inline` the final image's in itself, `local` what a warm builder kept.",
    ),
});

const imagesSchema = group({
  repositories: list(
    text(
      IMAGE_NAME,
      "must be an ECR repository's name: lower-case letters and digits, separated by single . _ - or /",
    ),
    "must be a list of 1 to 20 repository names",
    1,
  )
    .default(["large-python-container"])
    .describe("ECR repositories; the environment's name is put before each (`c5n/large-python-container`)."),
  immutableTags: flag()
    .default(true)
    .describe("Tags cannot be overwritten, but for those that begin with `cache-`."),
  encryption: choice(["AES256", "KMS"])
    .default("AES256")
    .describe("Encryption at rest: S3-managed keys, or a KMS key of the environment ($1 a month)."),
  untaggedExpiryDays: whole(1, 3650, "days")
    .default(7)
    .describe("Days after which untagged images are deleted."),
  keepPerConfiguration: whole(1, 1000, "images")
    .default(10)
    .describe("The newest images kept of each configuration (tags `<configuration>-...`)."),
});

const apiEndpointSchema = group({
  publicAccessCidrs: list(
    cidr("must be an IPv4 network such as 203.0.113.0/24"),
    "must be a list of 1 to 40 CIDR blocks",
    1,
    40,
  )
    .default(["0.0.0.0/0"])
    .describe(
      "Who reaches the public API endpoint, which exists only with hosted-kubernetes. GitHub's runners have too many addresses to list.",
    ),
  privateAccessCidrs: list(
    cidr("must be an IPv4 network such as 10.0.0.0/8"),
    "must be a list of at most 40 CIDR blocks",
    0,
    40,
  )
    .default([])
    .describe(
      "Networks that reach the private API endpoint beside the cluster's own nodes: the VPC, a VPN, a peered network.",
    ),
});

const stateSchema = z
  .discriminatedUnion(
    "type",
    [
      group({ type: z.literal("local") }),
      group({
        type: z.literal("s3"),
        bucket: text(/^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "must be an S3 bucket's name").describe(
          "Bucket, versioned, that exists already.",
        ),
        region: text(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be an AWS region").describe("Region of the bucket."),
        prefix: text(
          /^[A-Za-z0-9!_.*'()/-]{1,200}$/,
          "must be a key prefix: letters, digits and ! _ . * ' ( ) / -",
        )
          .default("buildx-on-eks")
          .describe("Keys are `<prefix>/<stack>.tfstate`."),
      }),
    ],
    { error: 'must be { type: "local" } or { type: "s3", bucket, region }' },
  )
  .default({ type: "local" })
  .describe(
    "Where Terraform keeps state: files under state/, or S3 with native locking. The same for all environments, which share the account stack.",
  );

/** The props of an environment, in the order of the README. */
export const environmentShape = {
  name: text(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/, NAME_RULE).describe(
    "Prefix of every stack and of every name in AWS.",
  ),
  accountId: text(/^\d{12}$/, "must be an AWS account id: 12 digits, as a string").describe(
    "The only account that this environment can be deployed to.",
  ),
  region: text(
    /^(?!us-gov-|us-iso|cn-|eu-isoe)[a-z]{2}(-[a-z]+)+-\d$/,
    'must be a region of the commercial AWS partition such as "us-west-2"',
  ).describe(`Region. Zones are known for ${[...REGION_ZONES.keys()].join(", ")}; elsewhere name the zones.`),
  availabilityZones: z
    .union(
      [
        z.int(ZONES_RULE).min(2, ZONES_RULE).max(MAX_ZONES, ZONES_RULE),
        list(text(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, "must be a zone's name"), ZONES_RULE, 2, MAX_ZONES),
      ],
      ZONES_RULE,
    )
    .default(2)
    .describe(
      "How many zones, or which. EKS asks for two; more cost interface endpoints. Zone letters differ between accounts: where EKS says that a zone is not supported, name others.",
    ),
  vpcCidr: cidr("must be an IPv4 network such as 10.20.0.0/16, its host bits zero")
    .refine((value) => {
      const block = parseCidr(value);
      // What is no network at all has been said to be none.
      return block === undefined || (block.prefix >= 16 && block.prefix <= LARGEST_VPC_PREFIX);
    }, `must be a network from /16 (the largest VPC) to /${LARGEST_VPC_PREFIX} (the smallest that holds its subnets)`)
    .describe(`The VPC's range, /16 to /${LARGEST_VPC_PREFIX}; split into a sixteenth for each zone's pods.`),
  natGateways: choice(["one", "per-zone"])
    .default("one")
    .describe("One NAT gateway for all zones, or one in each (dearer, survives a zone)."),
  flowLogs: flag().default(false).describe("VPC flow logs to CloudWatch."),
  configurations: z
    .array(choice(CONFIGURATIONS), "must be a list of configurations")
    .min(1, `must list at least one of ${CONFIGURATIONS.join(", ")}`)
    .refine((values) => new Set(values).size === values.length, "must not list the same value twice")
    .describe("What the environment can run. Only what these need is provisioned."),
  instanceType: z
    .string("must be an instance type's name")
    .describe(
      `Instance type of the builder nodes: ${BUILDER_INSTANCE_TYPES.map((type) => `\`${type.name}\``).join(", ")}, or one of \`otherInstanceTypes\`.`,
    ),
  otherInstanceTypes: z
    .array(instanceTypeSchema, "must be a list of instance types with their vCPUs, memory, pods and price")
    .default([])
    .describe("Facts of further compute-optimized instance types that `instanceType` may name."),
  kubernetesVersion: choice(
    KUBERNETES_VERSIONS as [string, ...string[]],
    `must be one of ${KUBERNETES_VERSIONS.map((version) => `"${version}"`).join(", ")}`,
  )
    .default("1.35")
    .describe(
      "Kubernetes minor version; those in standard support. EKS goes up by one at a time, and never down.",
    ),
  github: githubSchema.describe("Who may push, and who registers runners."),
  runners: runnersSchema.prefault({}).describe("Runners in the cluster; used by custom-*."),
  builders: buildersSchema
    .prefault({})
    .describe("Builder pods of the kubernetes driver; used by *-kubernetes."),
  nodes: nodesSchema.prefault({}).describe("The node group that builds."),
  build: buildSchema
    .prefault({})
    .describe("What the workflow builds and how, unless its inputs say otherwise."),
  images: imagesSchema.prefault({}).describe("Image repositories."),
  clusterAdmins: list(
    roleArn('must be an IAM role\'s ARN such as "arn:aws:iam::111122223333:role/platform-admin"'),
    "must be a list of at most 20 IAM role ARNs",
  )
    .default([])
    .describe(
      "IAM roles that administer the cluster, each with its whole path (a role of IAM Identity Center: `role/aws-reserved/sso.amazonaws.com/...`); needed wherever there is one, and one of them must be who deploys: the cluster's creator gets no rights.",
    ),
  apiEndpoint: apiEndpointSchema.prefault({}).describe("Who reaches the Kubernetes API."),
  logRetentionDays: z
    .literal([...LOG_RETENTION_DAYS], `must be one of ${LOG_RETENTION_DAYS.join(", ")} (days)`)
    .default(30)
    .describe("How long the control plane's logs are kept."),
  removalPolicy: choice(["destroy", "retain"])
    .default("destroy")
    .describe(
      "`destroy`: `cdktf destroy` leaves nothing, images included. `retain`: the cluster is protected from deletion and repositories that hold images stay.",
    ),
  tags: z
    .record(
      text(
        new RegExp(`^(?!aws:)${TAG_CHARACTER}{1,128}$`, "iu"),
        "must have keys of letters, digits, spaces and + - = . _ : / @, at most 128, not beginning with aws:",
      ),
      text(
        new RegExp(`^(?!aws:)${TAG_CHARACTER}{0,256}$`, "iu"),
        "must be letters, digits, spaces and + - = . _ : / @, at most 256, not beginning with aws:",
      ),
      "must be an object of strings",
    )
    .default({})
    .describe("Further tags of every resource, beside Project, Environment and ManagedBy."),
  state: stateSchema,
} as const;

export const environmentSchema = z.strictObject(environmentShape);

/** An environment as its file writes it: defaults may be left out. */
export type EnvironmentInput = z.input<typeof environmentSchema>;
/** A valid environment with every default filled in. */
export type Environment = Readonly<z.output<typeof environmentSchema>>;
