import { describe, expect, it } from "vitest";
import type { EnvironmentInput } from "../../environment/environment";
import { loadEnvironments } from "../../environment/load";
import { InvalidInput } from "../../util/invalid-input";
import { DEMO } from "../helpers/input";

const { github } = DEMO;
const C6IN = { name: "c6in.4xlarge", vcpu: 16, memoryGib: 32, maxPods: 234, usdPerHour: 0.9072 };

/** What is read from a file may be anything. */
const load = (inputs: unknown) => loadEnvironments(inputs as readonly EnvironmentInput[]);

function messageOf(inputs: unknown): string {
  try {
    load(inputs);
  } catch (error) {
    if (error instanceof InvalidInput) return error.message;
    throw error;
  }
  return "accepted";
}

/** What is wrong, and the props that make the demo environment wrong. */
type BadInput = readonly [what: string, change: Record<string, unknown>];

const TABLE: Readonly<Record<string, readonly BadInput[]>> = {
  name: [
    ["of the stack that all environments share", { name: "account" }],
    ["missing", { name: undefined }],
    ["empty", { name: "" }],
    ["in capitals", { name: "Demo" }],
    ["with a letter of another script", { name: "dėmo" }],
    ["that ends with a hyphen", { name: "demo-" }],
    ["that would colour a terminal", { name: "\u001b[31mdemo\n" }],
    ["that leaves no room for a role's name", { name: "demo-with-a-name-longer-than-aws-takes" }],
    ["of a number", { name: 5 }],
  ],
  accountId: [
    ["of eleven digits", { accountId: "44445555666" }],
    ["that is a number, and would lose its leading zeros", { accountId: 444455556666 }],
  ],
  region: [
    ["with underscores", { region: "us_west_2" }],
    ["with a space behind", { region: "us-west-2 " }],
    ["of another partition, whose ARNs begin differently", { region: "us-gov-west-1" }],
    ["whose zones are not known", { region: "eu-west-9" }],
  ],
  availabilityZones: [
    ["too few", { availabilityZones: 1 }],
    ["not whole", { availabilityZones: 2.5 }],
    ["more than the region has", { region: "eu-west-1", availabilityZones: 4 }],
    ["of one name only", { availabilityZones: ["us-west-2a"] }],
    ["twice the same", { availabilityZones: ["us-west-2a", "us-west-2a"] }],
    ["of another region", { availabilityZones: ["us-west-2a", "us-east-1a"] }],
    [
      "of another region whose own zones are not known",
      { region: "eu-south-2", availabilityZones: ["eu-south-2a", "eu-south-1a"] },
    ],
    ["in which EKS does not run", { availabilityZones: ["us-west-2a", "us-west-2e"] }],
    ["an object", { availabilityZones: {} }],
  ],
  vpcCidr: [
    ["no network", { vpcCidr: "foo" }],
    ["with host bits", { vpcCidr: "10.30.0.1/16" }],
    ["missing", { vpcCidr: null }],
    ["larger than a VPC", { vpcCidr: "10.0.0.0/8" }],
    ["too small for its subnets", { vpcCidr: "10.30.0.0/21" }],
    ["too small for the pods of its nodes", { vpcCidr: "10.30.0.0/20", nodes: { maxSize: 20 } }],
    ["over that of services", { vpcCidr: "172.20.0.0/16" }],
    ["over that of containers", { vpcCidr: "172.17.16.0/20" }],
    ["of link-local addresses", { vpcCidr: "169.254.0.0/16" }],
  ],
  "natGateways and flowLogs": [
    ["misspelt", { natGateways: "per-zon" }],
    ["a word for a boolean", { flowLogs: "yes" }],
  ],
  configurations: [
    ["none", { configurations: [] }],
    ["misspelt", { configurations: ["hosted-defalt"] }],
    ["twice the same", { configurations: ["hosted-default", "hosted-default"] }],
    ["a text", { configurations: "hosted-default" }],
    ["missing", { configurations: undefined }],
  ],
  instanceType: [
    ["misspelt", { instanceType: "c5n.2xlage" }],
    ["that is a name every object has", { instanceType: "constructor" }],
    ["of a number", { instanceType: 5 }],
    ["that is huge", { instanceType: "c".repeat(100_000) }],
  ],
  otherInstanceTypes: [
    [
      "on Graviton, whose nodes need another image",
      { otherInstanceTypes: [{ ...C6IN, name: "c7gn.4xlarge" }] },
    ],
    ["on the first Graviton", { otherInstanceTypes: [{ ...C6IN, name: "a1.4xlarge" }] }],
    ["on Apple's silicon", { otherInstanceTypes: [{ ...C6IN, name: "mac2-m2pro.metal" }] }],
    [
      "with an accelerator, which the nodes' image does not know",
      {
        otherInstanceTypes: ["g4dn.2xlarge", "p4d.24xlarge", "inf2.xlarge"].map((name) => ({
          ...C6IN,
          name,
        })),
      },
    ],
    ["one that is known already", { otherInstanceTypes: [{ ...C6IN, name: "c5.2xlarge" }] }],
    ["with units", { otherInstanceTypes: [{ ...C6IN, memoryGib: "32 GiB", usdPerHour: "$0.9" }] }],
    ["one listed twice", { otherInstanceTypes: [C6IN, { ...C6IN, usdPerHour: 1 }] }],
    ["an empty one", { otherInstanceTypes: [{}] }],
    ["with a misspelt fact", { otherInstanceTypes: [{ ...C6IN, memoryGiB: 32 }] }],
    ["an object", { otherInstanceTypes: { c6in: C6IN } }],
  ],
  kubernetesVersion: [
    ["out of support", { kubernetesVersion: "1.34" }],
    ["a number, which cannot tell 1.3 from 1.30", { kubernetesVersion: 1.35 }],
  ],
  github: [
    ["missing", { github: undefined }],
    ["a list", { github: [] }],
    ["owner with the repository", { github: { ...github, owner: "acme/images" } }],
    ["owner of a wildcard", { github: { ...github, owner: "*" } }],
    ["owner with two underscores", { github: { ...github, owner: "j_doe_acme" } }],
    ["owner of 40 characters", { github: { ...github, owner: `${"a".repeat(35)}_acme` } }],
    ["repository with the owner", { github: { ...github, repository: "acme/images" } }],
    ["repository of a folder", { github: { ...github, repository: ".." } }],
    ["owner's id alone", { github: { ...github, ownerId: 1001 } }],
    ["repository's id alone", { github: { ...github, repositoryId: 2002 } }],
    ["ids as texts", { github: { ...github, ownerId: "1001", repositoryId: "2002" } }],
    ["branch with a wildcard", { github: { ...github, branches: ["main", "release/*"] } }],
    ["branch with its ref", { github: { ...github, branches: ["refs/heads/main"] } }],
    ["tag among the branches", { github: { ...github, branches: ["main", "refs/tags/v1"] } }],
    [
      "branches that no trust policy holds",
      {
        github: {
          ...github,
          ownerId: 1001,
          repositoryId: 2002,
          branches: Array.from({ length: 20 }, (_, i) => `release/2026.${i + 10}`),
        },
      },
    ],
    [
      "GitHub environments that no trust policy holds",
      {
        github: {
          ...github,
          branches: ["main"],
          deploymentEnvironments: Array.from({ length: 12 }, (_, i) => "e".repeat(150) + i),
        },
      },
    ],
    ["branches in a text", { github: { ...github, branches: "main" } }],
    ["neither branches nor environments", { github: { ...github, branches: [] } }],
    ["environment of a wildcard", { github: { ...github, deploymentEnvironments: ["*"] } }],
    [
      "OIDC provider of another account",
      {
        github: {
          ...github,
          oidcProviderArn: "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
        },
      },
    ],
    [
      "OIDC provider of another service",
      { github: { ...github, oidcProviderArn: "arn:aws:iam::444455556666:oidc-provider/gitlab.com" } },
    ],
    [
      "OIDC provider of another issuer than its own",
      {
        github: {
          ...github,
          issuer: "https://token.actions.githubusercontent.com/acme",
          oidcProviderArn: "arn:aws:iam::444455556666:oidc-provider/token.actions.githubusercontent.com",
        },
      },
    ],
    [
      "issuer with a slash at the end",
      { github: { ...github, issuer: "https://token.actions.githubusercontent.com/" } },
    ],
    ["issuer of somebody else", { github: { ...github, issuer: "https://gitlab.com" } }],
    ["issuer without its scheme", { github: { ...github, issuer: "github.example.com/_services/token" } }],
    ["no App for the runners", { github: { ...github, app: undefined } }],
    [
      "App with its private key",
      { github: { ...github, app: { id: 4711, installationId: 815, privateKey: "secret" } } },
    ],
    [
      "App whose numbers are none",
      { github: { ...github, app: { id: 0, installationId: 1.5, privateKeyRevision: Number.NaN } } },
    ],
  ],
  runners: [
    ["null", { runners: null }],
    ["more at least than at most", { runners: { minReplicas: 3, maxReplicas: 2 } }],
    ["none at most", { runners: { minReplicas: 0, maxReplicas: 0 } }],
    ["without labels", { runners: { labels: [] } }],
    ["labelled as GitHub's", { runners: { labels: ["custom-runner", "ubuntu-latest"] } }],
    ["labelled self-hosted, in capitals", { runners: { labels: ["Self-Hosted"] } }],
    ["labelled as another environment's", { runners: { labels: ["buildx-c5"] } }],
    ["labels that differ in case only", { runners: { labels: ["custom", "Custom"] } }],
    ["a label with a comma, which GitHub reads as two", { runners: { labels: ["a,b"] } }],
    ["a label in another script", { runners: { labels: ["实验"] } }],
    ["a CPU between two steps and below the least", { runners: { cpu: 0.1, agentCpu: 0.3 } }],
    ["memory as Kubernetes writes it", { runners: { memoryGib: "7Gi", agentMemoryGib: "1Gi" } }],
    [
      "memory and CPU with other units",
      { runners: { memoryGib: " 7.5 GB", agentMemoryGib: "512Mi", cpu: "2 cores", agentCpu: "500m" } },
    ],
    [
      "memory and CPU that no step has",
      { runners: { memoryGib: "7000Mi", agentMemoryGib: "1000GB", cpu: "7 apples", agentCpu: "a" } },
    ],
    ["larger than a node", { runners: { memoryGib: 20 } }],
    [
      "larger than a node, where a larger type is known",
      { runners: { memoryGib: 20 }, otherInstanceTypes: [C6IN] },
    ],
  ],
  builders: [
    ["none", { builders: { maxConcurrent: 0 } }],
    ["a volume too small", { builders: { volumeGib: 5 } }],
    ["larger than a node", { builders: { cpu: 8 } }],
    ["an unknown mode", { builders: { mode: "hot" } }],
    ["warm ones that are none", { builders: { mode: "warm", replicas: 0 } }],
    ["more warm ones than the nodes hold", { builders: { mode: "warm", replicas: 4 } }],
    ["a word for a boolean", { builders: { rootless: "no" } }],
    ["more connections than a registry likes", { builders: { registryConcurrency: 65 } }],
    [
      "more throughput than their volumes' IOPS carry",
      { builders: { mode: "warm", volumeGib: 50, volumeThroughputMibps: 1000 } },
    ],
    ["fewer IOPS than every gp3 volume has", { builders: { mode: "warm", volumeGib: 50, volumeIops: 1 } }],
    ["a root in memory that leaves nothing to the build", { builders: { rootInMemoryGib: 7 } }],
    ["a root in memory and on a volume", { builders: { rootInMemoryGib: 2, mode: "warm" } }],
    ["unlimited", { builders: { memoryGib: Number.POSITIVE_INFINITY } }],
  ],
  nodes: [
    ["more at least than at most", { nodes: { minSize: 5, maxSize: 4 } }],
    ["too few for all pods of a c5.2xlarge", { instanceType: "c5.2xlarge", nodes: { maxSize: 3 } }],
    [
      "fewer than any environment may have",
      {
        configurations: ["custom-kubernetes"],
        instanceType: "c5.2xlarge",
        nodes: { maxSize: 100 },
        runners: { maxReplicas: 100, agentCpu: 4 },
        builders: { maxConcurrent: 100, cpu: 7 },
      },
    ],
    [
      "too few for two runners of a c5.2xlarge",
      { instanceType: "c5.2xlarge", nodes: { maxSize: 1 }, configurations: ["custom-default"] },
    ],
    ["too few for all pods of a c5n.2xlarge", { nodes: { maxSize: 1 } }],
    ["more throughput than its IOPS carry", { nodes: { volumeThroughputMibps: 800 } }],
    ["a volume too small for an image", { nodes: { volumeGib: 20 } }],
    ["fewer IOPS than every gp3 volume has", { nodes: { volumeIops: 100 } }],
    [
      "numbers as texts",
      {
        nodes: {
          maxSize: "4",
          volumeGib: "200 GiB",
          volumeThroughputMibps: "250 MiB/s",
          volumeIops: "3000iops",
        },
      },
    ],
    ["a misspelt prop", { nodes: { maximum: 4 } }],
    ["a key that would be a prototype", { nodes: JSON.parse('{"__proto__":{"max":99}}') as unknown }],
  ],
  build: [
    ["an image outside of the repository", { build: { image: "../elsewhere" } }],
    ["a context outside of the repository", { build: { context: "apps/../.." } }],
    ["an argument whose name no shell takes", { build: { args: { "BUILD-ENV": "production" } } }],
    ["an argument that GitHub evaluates", { build: { args: { TOKEN: "$" + "{{ secrets.TOKEN }}" } } }],
    ["an argument of two lines", { build: { args: { LINES: "a\nb" } } }],
    ["a stage that is an option", { build: { target: "--push" } }],
    ["the value of a secret", { build: { secrets: ["hunter2"] } }],
    ["a secret that GitHub makes itself", { build: { secrets: ["GITHUB_TOKEN"] } }],
    ["two platforms", { build: { platforms: ["linux/amd64", "linux/arm64"] } }],
    ["a platform that nobody builds", { build: { platforms: ["windows/amd64"] } }],
    ["an output that is more than attributes of layers", { build: { output: "type=local,dest=/etc" } }],
    ["a cache that no builder keeps", { build: { cache: "local" } }],
    [
      "a cache that no warm builder of its configurations keeps",
      { build: { cache: "local" }, builders: { mode: "warm" }, configurations: ["hosted-default"] },
    ],
    ["an unknown cache", { build: { cache: "registri" } }],
  ],
  images: [
    ["no repository", { images: { repositories: [] } }],
    ["a repository in capitals", { images: { repositories: ["App"] } }],
    ["a repository twice", { images: { repositories: ["app", "app"] } }],
    ["repositories that one variable would stand for", { images: { repositories: ["a-b", "a/b"] } }],
    ["a repository whose name is too long", { images: { repositories: ["a".repeat(252)] } }],
    ["a number for a boolean", { images: { immutableTags: 1 } }],
    ["an unknown encryption", { images: { encryption: "AES-256" } }],
    ["days and images that are none", { images: { untaggedExpiryDays: 0, keepPerConfiguration: -1 } }],
  ],
  clusterAdmins: [
    [
      "by its former name",
      { operators: ["arn:aws:iam::444455556666:role/operator"] } as Record<string, unknown>,
    ],
    ["none", { clusterAdmins: [] }],
    ["a user", { clusterAdmins: ["arn:aws:iam::444455556666:user/me"] }],
    ["the runners' own role", { clusterAdmins: ["arn:aws:iam::444455556666:role/buildx-demo-runner"] }],
    [
      "the role of hosted jobs",
      { clusterAdmins: ["arn:aws:iam::444455556666:role/buildx-demo-hosted-jobs"] },
    ],
    [
      "a service-linked role",
      {
        clusterAdmins: [
          "arn:aws:iam::444455556666:role/operator",
          "arn:aws:iam::444455556666:role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS",
        ],
      },
    ],
    [
      "a role of IAM Identity Center as the aws-auth ConfigMap has it",
      { clusterAdmins: ["arn:aws:iam::444455556666:role/AWSReservedSSO_Admin_1234567890abcdef"] },
    ],
    ["none of the account", { clusterAdmins: ["arn:aws:iam::123456789012:role/operator"] }],
    ["one in a text", { clusterAdmins: "arn:aws:iam::444455556666:role/operator" }],
  ],
  apiEndpoint: [
    ["nobody", { apiEndpoint: { publicAccessCidrs: [] } }],
    ["an address without its prefix", { apiEndpoint: { publicAccessCidrs: ["203.0.113.7"] } }],
    [
      "private addresses at the public endpoint",
      { apiEndpoint: { publicAccessCidrs: ["0.0.0.0/0", "10.0.0.0/8"] } },
    ],
    ["host bits at the private endpoint", { apiEndpoint: { privateAccessCidrs: ["10.0.0.1/8"] } }],
    ["the same network twice", { apiEndpoint: { privateAccessCidrs: ["10.0.0.0/8", "10.0.0.0/8"] } }],
  ],
  "logRetentionDays and removalPolicy": [
    ["days that CloudWatch does not offer", { logRetentionDays: 31 }],
    ["days as a text", { logRetentionDays: "30" }],
    ["a policy in capitals", { removalPolicy: "Retain" }],
  ],
  tags: [
    ["a list", { tags: [] }],
    ["one that the stacks set", { tags: { environment: "other" } }],
    ["two that IAM takes for one", { tags: { Team: "a", team: "b" } }],
    ["one of AWS's own", { tags: { "AWS:owner": "a" } }],
    ["one of AWS's own in a value", { tags: { Team: "aws:build" } }],
    ["a key of one character too many", { tags: { ["é".repeat(129)]: "a" } }],
    ["a value of one character too many", { tags: { Team: "ü".repeat(257) } }],
    ["a line break in a value", { tags: { Team: "a\nb" } }],
    ["a comma in a key, and an emoji in a value", { tags: { "a,b": "a", Team: "🚀" } }],
    ["a huge key", { tags: { ["k".repeat(100_000)]: "a" } }],
    ["a reference of Terraform in a value", { tags: { Team: "$" + "{aws_vpc.x.id}" } }],
    ["a number for a value", { tags: { Team: 1 } }],
    [
      "more than a resource takes",
      { tags: Object.fromEntries(Array.from({ length: 41 }, (_, i) => [`key-${i}`, "a"])) },
    ],
  ],
  state: [
    ["a word", { state: "local" }],
    ["of an unknown type", { state: { type: "gcs" } }],
    ["in S3 without a bucket", { state: { type: "s3" } }],
    [
      "in S3 under a bad name",
      { state: { type: "s3", bucket: "My_Bucket", region: "us-west-2", prefix: "a b" } },
    ],
    ["local with a bucket", { state: { type: "local", bucket: "state" } }],
  ],
  "the environment": [
    ["a misspelt prop", { vpcCdir: "10.0.0.0/16" }],
    ["a prop of something else", { loadBalancer: true }],
    [
      "a key that would be a prototype",
      JSON.parse('{"__proto__":{"name":"other"},"constructor":1}') as Record<string, unknown>,
    ],
  ],
};

/** The demo environment with these props, `__proto__` among them as a key like any other. */
const changed = (change: Record<string, unknown>) => {
  const result: Record<string, unknown> = { ...DEMO };
  for (const [key, value] of Object.entries(change)) {
    Object.defineProperty(result, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return result;
};

const other = { ...DEMO, name: "other", vpcCidr: "10.31.0.0/16" };

const PAIRS: readonly (readonly [what: string, first: object, second: object])[] = [
  ["the same name", DEMO, { ...other, name: "demo" }],
  ["a name that continues the other's", DEMO, { ...other, name: "demo-2" }],
  ["a name that the other's continues", { ...DEMO, name: "other-2" }, other],
  ["overlapping networks", DEMO, { ...other, vpcCidr: "10.30.128.0/17" }],
  [
    "different accounts",
    DEMO,
    { ...other, accountId: "123456789012", clusterAdmins: ["arn:aws:iam::123456789012:role/operator"] },
  ],
  ["different states", DEMO, { ...other, state: { type: "s3", bucket: "state", region: "us-west-2" } }],
  [
    "different OIDC providers",
    DEMO,
    {
      ...other,
      github: {
        ...github,
        oidcProviderArn: "arn:aws:iam::444455556666:oidc-provider/token.actions.githubusercontent.com",
      },
    },
  ],
];

/** Every input beside the sentences that its user reads. */
function page(): string {
  const section = (title: string, cases: readonly (readonly [what: string, inputs: unknown])[]) =>
    [
      `## ${title}`,
      ...cases.map(([what, inputs]) => `${what}\n${messageOf(inputs).replace(/^\d+ problems? in .*\n/, "")}`),
    ].join("\n\n");
  return `${[
    "# What environments are refused for",
    ...Object.entries(TABLE).map(([prop, cases]) =>
      section(
        prop,
        cases.map(([what, change]) => [what, [changed(change)]] as const),
      ),
    ),
    section("what is no environment", [
      ["nothing", [null]],
      ["a list", [[]]],
      ["a text", ["demo"]],
      ["a number", [5]],
      ["a list without any", []],
    ]),
    section(
      "two environments",
      PAIRS.map(([what, first, second]) => [what, [first, second]] as const),
    ),
  ].join("\n\n")}\n`;
}

it("every input is refused in the words of bad-input.txt", async () => {
  expect(page()).not.toContain("accepted");
  await expect(page()).toMatchFileSnapshot("../__snapshots__/bad-input.txt");
});

describe("several problems", () => {
  it("of one environment are all said at once", () => {
    const input = {
      ...DEMO,
      nmae: "x",
      region: "us_west_2",
      instanceType: "c5n.2xlage",
      nodes: { mx: 1, minSize: -1 },
      runners: { labels: ["linux"] },
    };
    expect(messageOf([input])).toBe(
      [
        "6 problems in environments/. Nothing was written.",
        '  - demo: nmae is not a prop. Did you mean "name"?',
        '  - demo: region must be a region of the commercial AWS partition such as "us-west-2"; got "us_west_2".',
        "  - demo: nodes.minSize must be a whole number of nodes from 0 to 100; got -1.",
        "  - demo: nodes.mx is not a prop. Known props: minSize, maxSize, autoscaled, volumeGib, volumeIops, volumeThroughputMibps.",
        '  - demo: instanceType must be one of c5.2xlarge, c5n.2xlarge; got "c5n.2xlage". Did you mean "c5n.2xlarge"? Give the facts of any other type in otherInstanceTypes.',
        '  - demo: runners.labels[0] must not be a label that GitHub gives to machines itself; got "linux". Choose your own, for example "custom-runner".',
      ].join("\n"),
    );
  });

  it("of several environments are all said at once, each by its environment's name", () => {
    const first = { ...DEMO, flowLogs: "no" };
    const second = { ...DEMO, name: "other", vpcCidr: "10.31.0.0/16", natGateways: "none" };
    expect(messageOf([first, second, 7])).toBe(
      [
        "3 problems in environments/. Nothing was written.",
        '  - demo: flowLogs must be true or false; got "no".',
        '  - other: natGateways must be one of one, per-zone; got "none". Did you mean "one"?',
        "  - environment 3: must be an object; got 7.",
      ].join("\n"),
    );
  });

  it("that several environments share are said once, with the name of each", () => {
    const third = { ...other, name: "third", vpcCidr: "10.32.0.0/16" };
    const wrong = { region: "us_west_2", nodes: { maxSize: 0 } };
    expect(
      messageOf([
        { ...DEMO, ...wrong },
        { ...other, ...wrong, flowLogs: 1 },
        { ...third, ...wrong, nodes: { maxSize: 101 } },
      ]),
    ).toBe(
      [
        "4 problems in environments/. Nothing was written.",
        '  - demo, other and third: region must be a region of the commercial AWS partition such as "us-west-2"; got "us_west_2".',
        "  - demo and other: nodes.maxSize must be a whole number of nodes from 1 to 100; got 0.",
        "  - other: flowLogs must be true or false; got 1.",
        "  - third: nodes.maxSize must be a whole number of nodes from 1 to 100; got 101.",
      ].join("\n"),
    );
  });

  it("between one environment and several others are said once too", () => {
    const third = { ...other, name: "third", vpcCidr: "10.32.0.0/16" };
    const state = { type: "s3", bucket: "state", region: "us-west-2", prefix: "p" };
    expect(messageOf([DEMO, { ...other, state }, { ...third, state }])).toBe(
      [
        "1 problem in environments/. Nothing was written.",
        `  - other and third: state must be the same in all environments, which share the account stack; got ${JSON.stringify(state)}, and demo has {"type":"local"}.`,
      ].join("\n"),
    );
  });

  it("keep to one line each, whatever the input holds", () => {
    const nasty = "\n\r\u2028\u001b[2J".repeat(1000);
    const message = messageOf([
      changed({ [nasty]: 1, region: nasty, tags: { [nasty]: nasty }, images: { [nasty]: nasty } }),
    ]);
    const lines = message.split("\n");
    expect(lines).toHaveLength(5);
    expect(lines.filter((line) => line.length > 500)).toEqual([]);
    expect(message).not.toContain("\u001b");
  });
});

describe("environments beside each other", () => {
  it("are accepted when they differ in name and network", () => {
    expect(messageOf([DEMO, other])).toBe("accepted");
  });

  it("are compared even when one of them has a problem of its own", () => {
    expect(
      messageOf([
        { ...DEMO, flowLogs: 1 },
        { ...other, vpcCidr: DEMO.vpcCidr },
      ]),
    ).toBe(
      [
        "2 problems in environments/. Nothing was written.",
        "  - demo: flowLogs must be true or false; got 1.",
        '  - other: vpcCidr must not overlap that of demo (10.30.0.0/16), or the two could never be peered; got "10.30.0.0/16".',
      ].join("\n"),
    );
  });

  it("may share a network in two regions", () => {
    expect(messageOf([DEMO, { ...other, vpcCidr: DEMO.vpcCidr, region: "us-east-1" }])).toBe("accepted");
  });

  it("may have different OIDC providers of different issuers", () => {
    const provider = "oidc-provider/token.actions.githubusercontent.com";
    const own = {
      ...github,
      issuer: "https://token.actions.githubusercontent.com/acme",
      oidcProviderArn: `arn:aws:iam::444455556666:${provider}/acme`,
    };
    expect(messageOf([DEMO, { ...other, github: own }])).toBe("accepted");
  });

  it("may begin alike without a hyphen", () => {
    expect(
      messageOf([
        { ...DEMO, name: "c5" },
        { ...other, name: "c5n" },
      ]),
    ).toBe("accepted");
  });
});

describe("the good twin of each bad input", () => {
  const GOOD: readonly (readonly [string, Record<string, unknown>])[] = [
    ["the longest name", { name: "demo-with-as-long-a-name-as-may-bee" }],
    [
      "what a build may need",
      {
        build: {
          image: "apps/web (new)/.docker/Dockerfile",
          context: ".",
          args: { BUILD_ENVIRONMENT: "production", EMPTY: "" },
          target: "web",
          secrets: ["PIP_INDEX_URL"],
          platforms: ["linux/arm64"],
        },
      },
    ],
    ["a region with as many zones as it has", { region: "eu-west-1", availabilityZones: 3 }],
    [
      "a region whose zones are named",
      { region: "eu-south-2", availabilityZones: ["eu-south-2a", "eu-south-2b"] },
    ],
    ["zones by name", { availabilityZones: ["us-west-2d", "us-west-2b"] }],
    ["the smallest VPC", { vpcCidr: "10.30.0.0/20" }],
    ["a VPC beside the network of services", { vpcCidr: "172.21.0.0/16" }],
    ["a VPC of shared addresses", { vpcCidr: "100.64.0.0/16" }],
    ["a NAT gateway for each zone, and flow logs", { natGateways: "per-zone", flowLogs: true }],
    ["one configuration", { configurations: ["custom-kubernetes"] }],
    ["the other instance type", { instanceType: "c5.2xlarge" }],
    ["an instance type of one's own", { instanceType: "c6in.4xlarge", otherInstanceTypes: [C6IN] }],
    [
      "instance types whose names hold a g or an a elsewhere",
      {
        otherInstanceTypes: ["g6.2xlarge", "c5a.2xlarge", "u-6tb1.metal"].map((name) => ({
          ...C6IN,
          name,
        })),
      },
    ],
    ["the newer Kubernetes", { kubernetesVersion: "1.36" }],
    ["an owner that an enterprise manages", { github: { ...github, owner: "jane-doe_acme" } }],
    ["an owner of 39 characters", { github: { ...github, owner: `${"a".repeat(34)}_acme` } }],
    ["both ids", { github: { ...github, ownerId: 1001, repositoryId: 2002 } }],
    ["a branch with slashes and dots", { github: { ...github, branches: ["release/v1.2_x"] } }],
    ["a branch that begins like a ref", { github: { ...github, branches: ["refs-cleanup", "heads/x"] } }],
    [
      "GitHub environments only",
      { github: { ...github, branches: [], deploymentEnvironments: ["production"] } },
    ],
    [
      "an enterprise's issuer",
      { github: { ...github, issuer: "https://token.actions.githubusercontent.com/acme-corp" } },
    ],
    ["an issuer on ghe.com", { github: { ...github, issuer: "https://token.actions.acme.ghe.com" } }],
    [
      "a server's issuer with its provider",
      {
        github: {
          ...github,
          issuer: "https://github.example.com/_services/token",
          oidcProviderArn: "arn:aws:iam::444455556666:oidc-provider/github.example.com/_services/token",
        },
      },
    ],
    [
      "an OIDC provider of the account",
      {
        github: {
          ...github,
          oidcProviderArn: "arn:aws:iam::444455556666:oidc-provider/token.actions.githubusercontent.com",
        },
      },
    ],
    [
      "no App where no runner registers",
      { github: { ...github, app: undefined }, configurations: ["hosted-kubernetes"] },
    ],
    [
      "many branches where no job is hosted",
      {
        github: { ...github, branches: Array.from({ length: 20 }, (_, i) => "b".repeat(150) + i) },
        configurations: ["custom-default"],
      },
    ],
    [
      "no branch where no job is hosted",
      { github: { ...github, branches: [] }, configurations: ["custom-default"] },
    ],
    ["as many runners at least as at most", { runners: { minReplicas: 2, maxReplicas: 2 } }],
    ["no runner that waits", { runners: { minReplicas: 0, maxReplicas: 2 } }],
    ["labels of one's own", { runners: { labels: ["linux-big", "Custom_1.x"] } }],
    ["the largest runner of a node", { runners: { memoryGib: 17 }, configurations: ["custom-default"] }],
    ["the largest builder of a node", { builders: { cpu: 7.5, maxConcurrent: 1 } }],
    ["builders with volumes", { builders: { mode: "warm", volumeGib: 10 } }],
    ["warm builders", { builders: { mode: "warm", replicas: 2 } }],
    ["a root in memory beside a build", { builders: { rootInMemoryGib: 2 } }],
    [
      "the most throughput that a builder's IOPS carry",
      { builders: { mode: "warm", volumeGib: 50, volumeIops: 4000, volumeThroughputMibps: 1000 } },
    ],
    ["as many nodes as all pods of a c5.2xlarge need", { instanceType: "c5.2xlarge", nodes: { maxSize: 4 } }],
    [
      "one c5.2xlarge for one runner",
      {
        instanceType: "c5.2xlarge",
        configurations: ["custom-default"],
        runners: { minReplicas: 1, maxReplicas: 1 },
        nodes: { maxSize: 1 },
      },
    ],
    ["no node that waits", { nodes: { minSize: 0 } }],
    ["the most throughput that IOPS carry", { nodes: { volumeIops: 4000, volumeThroughputMibps: 1000 } }],
    ["another image and cache", { build: { image: "image", output: "default", cache: "inline" } }],
    ["a cache that warm builders keep", { build: { cache: "local" }, builders: { mode: "warm" } }],
    ["repositories in folders", { images: { repositories: ["team/app", "team/app.cache_1-x"] } }],
    ["encryption by KMS", { images: { encryption: "KMS", immutableTags: false } }],
    ["no operator where there is no cluster", { clusterAdmins: [], configurations: ["hosted-default"] }],
    [
      "a role of IAM Identity Center with its path",
      {
        clusterAdmins: [
          "arn:aws:iam::444455556666:role/aws-reserved/sso.amazonaws.com/eu-west-2/AWSReservedSSO_Admin_1234567890abcdef",
        ],
      },
    ],
    [
      "a role of another account beside one of this",
      { clusterAdmins: [...(DEMO.clusterAdmins ?? []), "arn:aws:iam::123456789012:role/operator"] },
    ],
    ["the example's role", { clusterAdmins: ["arn:aws:iam::111122223333:role/platform-admin"] }],
    ["a role of one's own beside the example's account", { accountId: "111122223333" }],
    ["an operator's role in a path", { clusterAdmins: ["arn:aws:iam::444455556666:role/team/admin"] }],
    [
      "networks at both endpoints",
      {
        apiEndpoint: { publicAccessCidrs: ["203.0.113.0/24"], privateAccessCidrs: ["10.0.0.0/8"] },
      },
    ],
    ["a year of logs, kept", { logRetentionDays: 365, removalPolicy: "retain" }],
    ["40 tags", { tags: Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`key-${i}`, "a"])) }],
    ["tags in other scripts", { tags: { Équipe: "Größe 2", チーム: "ビルド　一", Kostenträger: "٣" } }],
    ["tags as long as AWS takes", { tags: { ["é".repeat(128)]: "漢".repeat(256) } }],
    ["a tag with every sign that AWS takes", { tags: { "_.:/=+-@": "_.:/=+-@ x" } }],
    ["a tag called as every object's part", { tags: { constructor: "a" } }],
    ["state in S3", { state: { type: "s3", bucket: "my.state-1", region: "us-west-2", prefix: "a/b" } }],
  ];

  it.each(GOOD)("is accepted: %s", (_, change) => {
    expect(messageOf([changed(change)])).toBe("accepted");
  });
});

describe("every prop that may be left out", () => {
  const [filled] = load([DEMO]);
  const defaults = Object.entries(filled ?? {}).filter(([prop]) => !Object.hasOwn(DEMO, prop));

  it("is one of these", () => {
    expect(defaults.map(([prop]) => prop).sort()).toEqual([
      "apiEndpoint",
      "availabilityZones",
      "build",
      "builders",
      "flowLogs",
      "images",
      "kubernetesVersion",
      "logRetentionDays",
      "natGateways",
      "nodes",
      "otherInstanceTypes",
      "removalPolicy",
      "runners",
      "state",
      "tags",
    ]);
  });

  it.each(defaults)("is accepted when its default is written out: %s", (prop, value) => {
    expect(load([{ ...DEMO, [prop]: value }])).toEqual([filled]);
  });

  it("does not let one environment change another's defaults", () => {
    const [first, second] = load([DEMO, { ...DEMO, name: "other", vpcCidr: "10.31.0.0/16" }]);
    expect(first?.tags).toEqual({});
    expect(first?.tags).not.toBe(second?.tags);
  });
});
