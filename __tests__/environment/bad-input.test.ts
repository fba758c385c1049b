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

/** What a user reads. */
function report(...lines: string[]): string {
  const count = lines.length === 1 ? "1 problem" : `${lines.length} problems`;
  return [`${count} in environments/. Nothing was written.`, ...lines.map((line) => `  - ${line}`)].join(
    "\n",
  );
}

/** What is wrong, the props that make the demo environment wrong, and each line that its user reads. */
type BadInput = readonly [what: string, change: Record<string, unknown>, ...lines: string[]];

const KNOWN_PROPS =
  "Known props: name, accountId, region, availabilityZones, vpcCidr, natGateways, flowLogs, configurations, instanceType, otherInstanceTypes, kubernetesVersion, github, runners, builders, nodes, build, images, clusterAdmins, apiEndpoint, logRetentionDays, removalPolicy, tags, state.";

const TABLE: Readonly<Record<string, readonly BadInput[]>> = {
  name: [
    [
      "of the stack that all environments share",
      { name: "account" },
      'account: name must not be "account", which is the name of the stack that all environments share; got "account".',
    ],
    [
      "missing",
      { name: undefined },
      "environment 1: name must be lower-case letters, digits and single hyphens, starting with a letter and not ending with a hyphen; got nothing.",
    ],
    [
      "empty",
      { name: "" },
      'environment 1: name must be lower-case letters, digits and single hyphens, starting with a letter and not ending with a hyphen; got "".',
    ],
    [
      "in capitals",
      { name: "Demo" },
      'Demo: name must be lower-case letters, digits and single hyphens, starting with a letter and not ending with a hyphen; got "Demo".',
    ],
    [
      "with a letter of another script",
      { name: "dėmo" },
      'dėmo: name must be lower-case letters, digits and single hyphens, starting with a letter and not ending with a hyphen; got "dėmo".',
    ],
    [
      "that ends with a hyphen",
      { name: "demo-" },
      'demo-: name must be lower-case letters, digits and single hyphens, starting with a letter and not ending with a hyphen; got "demo-".',
    ],
    [
      "that would colour a terminal",
      { name: "\u001b[31mdemo\n" },
      '\\u001b[31mdemo\\n: name must be lower-case letters, digits and single hyphens, starting with a letter and not ending with a hyphen; got "\\u001b[31mdemo\\n".',
    ],
    [
      "that leaves no room for a role's name",
      { name: "demo-with-a-name-that-is-longer-than-aws-takes" },
      "demo-with-a-name-that-is-longer-than-aws-takes: name must leave room for what the stacks add to it: an IAM role may have 64 characters, and \"buildx-demo-with-a-name-that-is-longer-than-aws-takes-hosted-jobs\" has 65. Shorten the environment's or the repository's name.",
    ],
    [
      "of a number",
      { name: 5 },
      "environment 1: name must be lower-case letters, digits and single hyphens, starting with a letter and not ending with a hyphen; got 5.",
    ],
  ],
  accountId: [
    [
      "of eleven digits",
      { accountId: "44445555666" },
      'demo: accountId must be an AWS account id: 12 digits, as a string; got "44445555666".',
    ],
    [
      "that is a number, and would lose its leading zeros",
      { accountId: 444455556666 },
      "demo: accountId must be an AWS account id: 12 digits, as a string; got 444455556666.",
    ],
  ],
  region: [
    [
      "with underscores",
      { region: "us_west_2" },
      'demo: region must be a region of the commercial AWS partition such as "us-west-2"; got "us_west_2".',
    ],
    [
      "with a space behind",
      { region: "us-west-2 " },
      'demo: region must be a region of the commercial AWS partition such as "us-west-2"; got "us-west-2 ".',
    ],
    [
      "of another partition, whose ARNs begin differently",
      { region: "us-gov-west-1" },
      'demo: region must be a region of the commercial AWS partition such as "us-west-2"; got "us-gov-west-1".',
    ],
    [
      "whose zones are not known",
      { region: "eu-west-9" },
      'demo: availabilityZones must name the zones, because those of region "eu-west-9" are not known here; got 2. List them: aws ec2 describe-availability-zones --region eu-west-9. Did you mean "eu-west-1"?',
    ],
  ],
  availabilityZones: [
    [
      "too few",
      { availabilityZones: 1 },
      'demo: availabilityZones must be a number from 2 to 6, or a list of 2 to 6 different zone names such as "us-west-2a"; got 1.',
    ],
    [
      "not whole",
      { availabilityZones: 2.5 },
      'demo: availabilityZones must be a number from 2 to 6, or a list of 2 to 6 different zone names such as "us-west-2a"; got 2.5.',
    ],
    [
      "more than the region has",
      { region: "eu-west-1", availabilityZones: 4 },
      "demo: availabilityZones must be at most 3, the zones of eu-west-1; got 4.",
    ],
    [
      "of one name only",
      { availabilityZones: ["us-west-2a"] },
      'demo: availabilityZones must be a number from 2 to 6, or a list of 2 to 6 different zone names such as "us-west-2a"; got ["us-west-2a"].',
    ],
    [
      "twice the same",
      { availabilityZones: ["us-west-2a", "us-west-2a"] },
      'demo: availabilityZones must not list the same value twice; got ["us-west-2a","us-west-2a"].',
    ],
    [
      "of another region",
      { availabilityZones: ["us-west-2a", "us-east-1a"] },
      'demo: availabilityZones[1] must be a zone of region us-west-2 (us-west-2a, us-west-2b, us-west-2c, us-west-2d); got "us-east-1a".',
    ],
    [
      "of another region whose own zones are not known",
      { region: "eu-south-2", availabilityZones: ["eu-south-2a", "eu-south-1a"] },
      'demo: availabilityZones[1] must be a zone of region eu-south-2; got "eu-south-1a".',
    ],
    [
      "in which EKS does not run",
      { availabilityZones: ["us-west-2a", "us-west-2e"] },
      'demo: availabilityZones[1] must be one of us-west-2a, us-west-2b, us-west-2c, us-west-2d, in which EKS runs; got "us-west-2e".',
    ],
    [
      "an object",
      { availabilityZones: {} },
      'demo: availabilityZones must be a number from 2 to 6, or a list of 2 to 6 different zone names such as "us-west-2a"; got {}.',
    ],
  ],
  vpcCidr: [
    [
      "no network",
      { vpcCidr: "foo" },
      'demo: vpcCidr must be an IPv4 network such as 10.20.0.0/16, its host bits zero; got "foo".',
    ],
    [
      "with host bits",
      { vpcCidr: "10.30.0.1/16" },
      'demo: vpcCidr must be an IPv4 network such as 10.20.0.0/16, its host bits zero; got "10.30.0.1/16".',
    ],
    [
      "missing",
      { vpcCidr: null },
      "demo: vpcCidr must be an IPv4 network such as 10.20.0.0/16, its host bits zero; got null.",
    ],
    [
      "larger than a VPC",
      { vpcCidr: "10.0.0.0/8" },
      'demo: vpcCidr must be a network from /16 (the largest VPC) to /20 (the smallest that holds its subnets); got "10.0.0.0/8".',
    ],
    [
      "too small for its subnets",
      { vpcCidr: "10.30.0.0/21" },
      'demo: vpcCidr must be a network from /16 (the largest VPC) to /20 (the smallest that holds its subnets); got "10.30.0.0/21".',
    ],
    [
      "too small for the pods of its nodes",
      { vpcCidr: "10.30.0.0/20", nodes: { maxSize: 20 } },
      'demo: vpcCidr must hold 690 pod addresses (30 for each of 23 nodes), and the private subnets of 2 zones in a /20 hold 502; got "10.30.0.0/20". Use a larger network, for example a /16.',
    ],
    [
      "over that of services",
      { vpcCidr: "172.20.0.0/16" },
      'demo: vpcCidr must not overlap 172.20.0.0/16, which Kubernetes gives to services; got "172.20.0.0/16". Use a part of 10.0.0.0/8.',
    ],
    [
      "over that of containers",
      { vpcCidr: "172.17.16.0/20" },
      'demo: vpcCidr must not overlap 172.17.0.0/16, which Docker gives to containers in a runner; got "172.17.16.0/20". Use a part of 10.0.0.0/8.',
    ],
    [
      "of link-local addresses",
      { vpcCidr: "169.254.0.0/16" },
      'demo: vpcCidr must be a network that AWS takes for a VPC; got "169.254.0.0/16". Use a part of 10.0.0.0/8.',
    ],
  ],
  "natGateways and flowLogs": [
    [
      "misspelt",
      { natGateways: "per-zon" },
      'demo: natGateways must be one of one, per-zone; got "per-zon". Did you mean "per-zone"?',
    ],
    ["a word for a boolean", { flowLogs: "yes" }, 'demo: flowLogs must be true or false; got "yes".'],
  ],
  configurations: [
    [
      "none",
      { configurations: [] },
      "demo: configurations must list at least one of hosted-default, hosted-kubernetes, custom-default, custom-kubernetes; got [].",
    ],
    [
      "misspelt",
      { configurations: ["hosted-defalt"] },
      'demo: configurations[0] must be one of hosted-default, hosted-kubernetes, custom-default, custom-kubernetes; got "hosted-defalt". Did you mean "hosted-default"?',
    ],
    [
      "twice the same",
      { configurations: ["hosted-default", "hosted-default"] },
      'demo: configurations must not list the same value twice; got ["hosted-default","hosted-default"].',
    ],
    [
      "a text",
      { configurations: "hosted-default" },
      'demo: configurations must be a list of configurations; got "hosted-default".',
    ],
    [
      "missing",
      { configurations: undefined },
      "demo: configurations must be a list of configurations; got nothing.",
    ],
  ],
  instanceType: [
    [
      "misspelt",
      { instanceType: "c5n.2xlage" },
      'demo: instanceType must be one of c5.2xlarge, c5n.2xlarge; got "c5n.2xlage". Did you mean "c5n.2xlarge"? Give the facts of any other type in otherInstanceTypes.',
    ],
    [
      "that is a name every object has",
      { instanceType: "constructor" },
      'demo: instanceType must be one of c5.2xlarge, c5n.2xlarge; got "constructor". Give the facts of any other type in otherInstanceTypes.',
    ],
    ["of a number", { instanceType: 5 }, "demo: instanceType must be an instance type's name; got 5."],
    [
      "that is huge",
      { instanceType: "c".repeat(100_000) },
      'demo: instanceType must be one of c5.2xlarge, c5n.2xlarge; got "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc.... Give the facts of any other type in otherInstanceTypes.',
    ],
  ],
  otherInstanceTypes: [
    [
      "on Graviton, whose nodes need another image",
      { otherInstanceTypes: [{ ...C6IN, name: "c7gn.4xlarge" }] },
      'demo: otherInstanceTypes[0].name must be an x86_64 EC2 instance type such as "c6in.2xlarge"; got "c7gn.4xlarge".',
    ],
    [
      "one that is known already",
      { otherInstanceTypes: [{ ...C6IN, name: "c5.2xlarge" }] },
      'demo: otherInstanceTypes[0].name must not repeat a type that is known already; got "c5.2xlarge". Remove the entry.',
    ],
    [
      "one listed twice",
      { otherInstanceTypes: [C6IN, { ...C6IN, usdPerHour: 1 }] },
      'demo: otherInstanceTypes[1].name must not repeat a type that is known already; got "c6in.4xlarge". Remove the entry.',
    ],
    [
      "an empty one",
      { otherInstanceTypes: [{}] },
      'demo: otherInstanceTypes[0].name must be an x86_64 EC2 instance type such as "c6in.2xlarge"; got nothing.',
      "demo: otherInstanceTypes[0].vcpu must be a whole number of vCPUs from 2 to 448; got nothing.",
      "demo: otherInstanceTypes[0].memoryGib must be a number of GiB from 4 to 24576, in steps of 0.5; got nothing.",
      "demo: otherInstanceTypes[0].maxPods must be a whole number of pods from 4 to 737; got nothing.",
      "demo: otherInstanceTypes[0].usdPerHour must be a number of US dollars an hour from 0.0001 to 1000, in steps of 0.0001; got nothing.",
    ],
    [
      "with a misspelt fact",
      { otherInstanceTypes: [{ ...C6IN, memoryGiB: 32 }] },
      'demo: otherInstanceTypes[0].memoryGiB is not a prop. Did you mean "memoryGib"?',
    ],
    [
      "an object",
      { otherInstanceTypes: { c6in: C6IN } },
      'demo: otherInstanceTypes must be a list of instance types with their vCPUs, memory, pods and price; got {"c6in":{"name":"c6in.4xlarge","vcpu":16,"memoryGib":32,"maxPods":234,"usdPer...',
    ],
  ],
  kubernetesVersion: [
    [
      "out of support",
      { kubernetesVersion: "1.34" },
      'demo: kubernetesVersion must be one of "1.35", "1.36"; got "1.34". Did you mean "1.35"?',
    ],
    [
      "a number, which cannot tell 1.3 from 1.30",
      { kubernetesVersion: 1.35 },
      'demo: kubernetesVersion must be one of "1.35", "1.36"; got 1.35.',
    ],
  ],
  github: [
    ["missing", { github: undefined }, "demo: github must be an object; got nothing."],
    ["a list", { github: [] }, "demo: github must be an object; got []."],
    [
      "owner with the repository",
      { github: { ...github, owner: "acme/images" } },
      'demo: github.owner must be a GitHub user or organization: letters, digits and hyphens, at most 39; got "acme/images".',
    ],
    [
      "owner of a wildcard",
      { github: { ...github, owner: "*" } },
      'demo: github.owner must be a GitHub user or organization: letters, digits and hyphens, at most 39; got "*".',
    ],
    [
      "repository with the owner",
      { github: { ...github, repository: "acme/images" } },
      'demo: github.repository must be a repository\'s name without its owner: letters, digits, dots, hyphens and underscores, at most 100; got "acme/images".',
    ],
    [
      "repository of a folder",
      { github: { ...github, repository: ".." } },
      'demo: github.repository must be a repository\'s name without its owner: letters, digits, dots, hyphens and underscores, at most 100; got "..".',
    ],
    [
      "owner's id alone",
      { github: { ...github, ownerId: 1001 } },
      "demo: github.repositoryId must be given together with the other id: GitHub's OIDC subject holds both or neither; got nothing.",
    ],
    [
      "repository's id alone",
      { github: { ...github, repositoryId: 2002 } },
      "demo: github.ownerId must be given together with the other id: GitHub's OIDC subject holds both or neither; got nothing.",
    ],
    [
      "ids as texts",
      { github: { ...github, ownerId: "1001", repositoryId: "2002" } },
      'demo: github.ownerId must be a whole number from 1 to 9007199254740991; got "1001".',
      'demo: github.repositoryId must be a whole number from 1 to 9007199254740991; got "2002".',
    ],
    [
      "branch with a wildcard",
      { github: { ...github, branches: ["main", "release/*"] } },
      'demo: github.branches[1] must be a branch\'s exact name, without wildcards; got "release/*".',
    ],
    [
      "branches in a text",
      { github: { ...github, branches: "main" } },
      'demo: github.branches must be a list of at most 20 branch names; got "main".',
    ],
    [
      "neither branches nor environments",
      { github: { ...github, branches: [] } },
      "demo: github.branches must name a branch (or github.deploymentEnvironments an environment) whose hosted jobs may push; got none.",
    ],
    [
      "environment of a wildcard",
      { github: { ...github, deploymentEnvironments: ["*"] } },
      'demo: github.deploymentEnvironments[0] must be a GitHub environment\'s name: letters, digits, dots, hyphens and underscores; got "*".',
    ],
    [
      "OIDC provider of another account",
      {
        github: {
          ...github,
          oidcProviderArn: "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
        },
      },
      'demo: github.oidcProviderArn must be in account 444455556666; got "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com".',
    ],
    [
      "OIDC provider of another service",
      { github: { ...github, oidcProviderArn: "arn:aws:iam::444455556666:oidc-provider/gitlab.com" } },
      'demo: github.oidcProviderArn must be "arn:aws:iam::ACCOUNT:oidc-provider/token.actions.githubusercontent.com"; got "arn:aws:iam::444455556666:oidc-provider/gitlab.com".',
    ],
    [
      "no App for the runners",
      { github: { ...github, app: undefined } },
      "demo: github.app must hold id and installationId of the GitHub App that registers the runners of custom-*; got nothing. See README, Deploy.",
    ],
    [
      "App with its private key",
      { github: { ...github, app: { id: 4711, installationId: 815, privateKey: "secret" } } },
      "demo: github.app.privateKey is not a prop. Known props: id, installationId, privateKeyRevision.",
    ],
    [
      "App whose numbers are none",
      { github: { ...github, app: { id: 0, installationId: 1.5, privateKeyRevision: Number.NaN } } },
      "demo: github.app.id must be a whole number from 1 to 9007199254740991; got 0.",
      "demo: github.app.installationId must be a whole number from 1 to 9007199254740991; got 1.5.",
      "demo: github.app.privateKeyRevision must be a whole number from 1 to 1000000; got NaN.",
    ],
  ],
  runners: [
    ["null", { runners: null }, "demo: runners must be an object; got null."],
    [
      "more at least than at most",
      { runners: { minReplicas: 3, maxReplicas: 2 } },
      "demo: runners.minReplicas must not exceed runners.maxReplicas (2); got 3.",
    ],
    [
      "none at most",
      { runners: { minReplicas: 0, maxReplicas: 0 } },
      "demo: runners.maxReplicas must be a whole number of runners from 1 to 100; got 0.",
    ],
    [
      "without labels",
      { runners: { labels: [] } },
      "demo: runners.labels must be a list of 1 to 20 labels; got [].",
    ],
    [
      "labelled as GitHub's",
      { runners: { labels: ["custom-runner", "ubuntu-latest"] } },
      'demo: runners.labels[1] must not be a label that GitHub gives to machines itself; got "ubuntu-latest". Choose your own, for example "custom-runner".',
    ],
    [
      "labelled self-hosted, in capitals",
      { runners: { labels: ["Self-Hosted"] } },
      'demo: runners.labels[0] must not be a label that GitHub gives to machines itself; got "Self-Hosted". Choose your own, for example "custom-runner".',
    ],
    [
      "labelled as another environment's",
      { runners: { labels: ["buildx-c5"] } },
      'demo: runners.labels[0] must not begin with buildx-, as the label does that each environment\'s runners get; got "buildx-c5". Choose another, for example "custom-runner".',
    ],
    [
      "labels that differ in case only",
      { runners: { labels: ["custom", "Custom"] } },
      'demo: runners.labels[1] must differ from the others by more than case, which GitHub ignores; got "Custom".',
    ],
    [
      "a label with a comma, which GitHub reads as two",
      { runners: { labels: ["a,b"] } },
      'demo: runners.labels[0] must be a runner label: letters, digits, dots, hyphens and underscores, at most 256; got "a,b".',
    ],
    [
      "a label in another script",
      { runners: { labels: ["实验"] } },
      'demo: runners.labels[0] must be a runner label: letters, digits, dots, hyphens and underscores, at most 256; got "实验".',
    ],
    [
      "a CPU between two steps and below the least",
      { runners: { cpu: 0.1, agentCpu: 0.3 } },
      "demo: runners.cpu must be a number of CPUs from 0.5 to 192, in steps of 0.25; got 0.1.",
      "demo: runners.agentCpu must be a number of CPUs from 0.25 to 16, in steps of 0.25; got 0.3.",
    ],
    [
      "memory as Kubernetes writes it",
      { runners: { memoryGib: "7Gi", agentMemoryGib: "1Gi" } },
      'demo: runners.memoryGib must be a number of GiB from 1 to 768, in steps of 0.5; got "7Gi".',
      'demo: runners.agentMemoryGib must be a number of GiB from 0.5 to 64, in steps of 0.5; got "1Gi".',
    ],
    [
      "larger than a node",
      { runners: { memoryGib: 20 } },
      "demo: runners must fit a c5n.2xlarge, which gives 7.71 CPU and 18.2 GiB to pods; got a runner pod of 2.5 CPU and 21 GiB. Lower its CPU or memory, or give a larger type than c5.2xlarge, c5n.2xlarge in otherInstanceTypes.",
    ],
    [
      "larger than a node, where a larger type is known",
      { runners: { memoryGib: 20 }, otherInstanceTypes: [C6IN] },
      "demo: runners must fit a c5n.2xlarge, which gives 7.71 CPU and 18.2 GiB to pods; got a runner pod of 2.5 CPU and 21 GiB. Lower its CPU or memory, or set instanceType to c6in.4xlarge.",
    ],
  ],
  builders: [
    [
      "none",
      { builders: { maxConcurrent: 0 } },
      "demo: builders.maxConcurrent must be a whole number of builders from 1 to 100; got 0.",
    ],
    [
      "a volume too small",
      { builders: { volumeGib: 5 } },
      "demo: builders.volumeGib must be a whole number of GiB from 10 to 16384; got 5.",
    ],
    [
      "larger than a node",
      { builders: { cpu: 8 } },
      "demo: builders must fit a c5n.2xlarge, which gives 7.71 CPU and 18.2 GiB to pods; got a builder pod of 8 CPU and 7 GiB. Lower its CPU or memory, or give a larger type than c5.2xlarge, c5n.2xlarge in otherInstanceTypes.",
    ],
    [
      "an unknown mode",
      { builders: { mode: "hot" } },
      'demo: builders.mode must be one of per-job, warm; got "hot".',
    ],
    [
      "warm ones that are none",
      { builders: { mode: "warm", replicas: 0 } },
      "demo: builders.replicas must be a whole number of builders from 1 to 20; got 0.",
    ],
    [
      "more warm ones than the nodes hold",
      { builders: { mode: "warm", replicas: 4 } },
      "demo: nodes.maxSize must hold 2 runners of 2.5 CPU, 8 GiB and 8 builders of 2 CPU, 7 GiB, and one c5n.2xlarge gives 7.71 CPU, 18.2 GiB to pods beside the system's: 2 runners or 2 builders; got 4. Raise it to 5, or lower runners.maxReplicas or builders.replicas.",
    ],
    [
      "a word for a boolean",
      { builders: { rootless: "no" } },
      'demo: builders.rootless must be true or false; got "no".',
    ],
    [
      "more connections than a registry likes",
      { builders: { registryConcurrency: 65 } },
      "demo: builders.registryConcurrency must be a whole number of connections from 1 to 64; got 65.",
    ],
    [
      "more throughput than their volumes' IOPS carry",
      { builders: { mode: "warm", volumeGib: 50, volumeThroughputMibps: 1000 } },
      "demo: builders.volumeThroughputMibps must be at most a quarter of builders.volumeIops (3000), which gp3 asks for; got 1000.",
    ],
    [
      "fewer IOPS than every gp3 volume has",
      { builders: { mode: "warm", volumeGib: 50, volumeIops: 1 } },
      "demo: builders.volumeIops must be a whole number of IOPS from 3000 to 16000; got 1.",
    ],
    [
      "a root in memory that leaves nothing to the build",
      { builders: { rootInMemoryGib: 7 } },
      "demo: builders.rootInMemoryGib must be less than builders.memoryGib (7), of which it is a part; got 7. Raise builders.memoryGib.",
    ],
    [
      "a root in memory and on a volume",
      { builders: { rootInMemoryGib: 2, mode: "warm" } },
      'demo: builders.rootInMemoryGib must be left out with builders.mode "warm", whose root is on a volume; got 2.',
    ],
    [
      "unlimited",
      { builders: { memoryGib: Number.POSITIVE_INFINITY } },
      "demo: builders.memoryGib must be a number of GiB from 1 to 768, in steps of 0.5; got Infinity.",
    ],
  ],
  nodes: [
    [
      "more at least than at most",
      { nodes: { minSize: 5, maxSize: 4 } },
      "demo: nodes.minSize must not exceed nodes.maxSize (4); got 5.",
    ],
    [
      "too few for all pods of a c5.2xlarge",
      { instanceType: "c5.2xlarge", nodes: { maxSize: 3 } },
      "demo: nodes.maxSize must hold 2 runners of 2.5 CPU, 8 GiB and 2 builders of 2 CPU, 7 GiB, and one c5.2xlarge gives 7.71 CPU, 13.6 GiB to pods beside the system's: 1 runner or 1 builder; got 3. Raise it to 4, or lower runners.maxReplicas or builders.maxConcurrent.",
    ],
    [
      "fewer than any environment may have",
      {
        configurations: ["custom-kubernetes"],
        instanceType: "c5.2xlarge",
        nodes: { maxSize: 100 },
        runners: { maxReplicas: 100, agentCpu: 4 },
        builders: { maxConcurrent: 100, cpu: 7 },
      },
      "demo: nodes.maxSize must hold 100 runners of 4 CPU, 1 GiB and 100 builders of 7 CPU, 7 GiB, and one c5.2xlarge gives 7.71 CPU, 13.6 GiB to pods beside the system's: 1 runner or 1 builder; got 100. Lower runners.maxReplicas or builders.maxConcurrent.",
    ],
    [
      "too few for two runners of a c5.2xlarge",
      { instanceType: "c5.2xlarge", nodes: { maxSize: 1 }, configurations: ["custom-default"] },
      "demo: nodes.maxSize must hold 2 runners of 2.5 CPU, 8 GiB, and one c5.2xlarge gives 7.71 CPU, 13.6 GiB to pods beside the system's: 1 runner; got 1. Raise it to 2, or lower runners.maxReplicas.",
    ],
    [
      "too few for all pods of a c5n.2xlarge",
      { nodes: { maxSize: 1 } },
      "demo: nodes.maxSize must hold 2 runners of 2.5 CPU, 8 GiB and 2 builders of 2 CPU, 7 GiB, and one c5n.2xlarge gives 7.71 CPU, 18.2 GiB to pods beside the system's: 2 runners or 2 builders; got 1. Raise it to 2, or lower runners.maxReplicas or builders.maxConcurrent.",
    ],
    [
      "more throughput than its IOPS carry",
      { nodes: { volumeThroughputMibps: 800 } },
      "demo: nodes.volumeThroughputMibps must be at most a quarter of nodes.volumeIops (3000), which gp3 asks for; got 800.",
    ],
    [
      "a volume too small for an image",
      { nodes: { volumeGib: 20 } },
      "demo: nodes.volumeGib must be a whole number of GiB from 50 to 16384; got 20.",
    ],
    [
      "fewer IOPS than every gp3 volume has",
      { nodes: { volumeIops: 100 } },
      "demo: nodes.volumeIops must be a whole number of IOPS from 3000 to 16000; got 100.",
    ],
    [
      "a misspelt prop",
      { nodes: { maximum: 4 } },
      "demo: nodes.maximum is not a prop. Known props: minSize, maxSize, volumeGib, volumeIops, volumeThroughputMibps.",
    ],
    [
      "a key that would be a prototype",
      { nodes: JSON.parse('{"__proto__":{"max":99}}') as unknown },
      "demo: nodes.__proto__ is not a prop. Known props: minSize, maxSize, volumeGib, volumeIops, volumeThroughputMibps.",
    ],
  ],
  build: [
    [
      "an image outside of the repository",
      { build: { image: "../elsewhere" } },
      'demo: build.image must be a folder of this repository with a Dockerfile, or the path of one, without ..; got "../elsewhere".',
    ],
    [
      "an output that is more than attributes of layers",
      { build: { output: "type=local,dest=/etc" } },
      'demo: build.output must be "default", or attributes of layers such as compression=zstd,compression-level=3,force-compression=true; got "type=local,dest=/etc".',
    ],
    [
      "an unknown cache",
      { build: { cache: "registri" } },
      'demo: build.cache must be one of none, local, inline, registry-min, registry; got "registri". Did you mean "registry"?',
    ],
  ],
  images: [
    [
      "no repository",
      { images: { repositories: [] } },
      "demo: images.repositories must be a list of 1 to 20 repository names; got [].",
    ],
    [
      "a repository in capitals",
      { images: { repositories: ["App"] } },
      'demo: images.repositories[0] must be an ECR repository\'s name: lower-case letters and digits, separated by single . _ - or /; got "App".',
    ],
    [
      "a repository twice",
      { images: { repositories: ["app", "app"] } },
      'demo: images.repositories must not list the same value twice; got ["app","app"].',
    ],
    [
      "a repository whose name is too long",
      { images: { repositories: ["a".repeat(252)] } },
      "demo: name must leave room for what the stacks add to it: an ECR repository may have 256 characters, and \"demo/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa... has 257. Shorten the environment's or the repository's name.",
    ],
    [
      "a number for a boolean",
      { images: { immutableTags: 1 } },
      "demo: images.immutableTags must be true or false; got 1.",
    ],
    [
      "an unknown encryption",
      { images: { encryption: "AES-256" } },
      'demo: images.encryption must be one of AES256, KMS; got "AES-256". Did you mean "AES256"?',
    ],
    [
      "days and images that are none",
      { images: { untaggedExpiryDays: 0, keepPerConfiguration: -1 } },
      "demo: images.untaggedExpiryDays must be a whole number of days from 1 to 3650; got 0.",
      "demo: images.keepPerConfiguration must be a whole number of images from 1 to 1000; got -1.",
    ],
  ],
  clusterAdmins: [
    [
      "by its former name",
      { operators: ["arn:aws:iam::444455556666:role/operator"] } as Record<string, unknown>,
      "demo: operators is not a prop. It is now called clusterAdmins.",
    ],
    [
      "none",
      { clusterAdmins: [] },
      "demo: clusterAdmins must list at least one IAM role, or nobody could administer the cluster; got []. Add the role that you deploy with.",
    ],
    [
      "a user",
      { clusterAdmins: ["arn:aws:iam::444455556666:user/me"] },
      'demo: clusterAdmins[0] must be an IAM role\'s ARN such as "arn:aws:iam::111122223333:role/platform-admin"; got "arn:aws:iam::444455556666:user/me".',
    ],
    [
      "the runners' own role",
      { clusterAdmins: ["arn:aws:iam::444455556666:role/buildx-demo-runner"] },
      'demo: clusterAdmins[0] must not be a role of CI jobs, which would then administer the cluster; got "arn:aws:iam::444455556666:role/buildx-demo-runner".',
    ],
    [
      "the role of hosted jobs",
      { clusterAdmins: ["arn:aws:iam::444455556666:role/buildx-demo-hosted-jobs"] },
      'demo: clusterAdmins[0] must not be a role of CI jobs, which would then administer the cluster; got "arn:aws:iam::444455556666:role/buildx-demo-hosted-jobs".',
    ],
    [
      "one in a text",
      { clusterAdmins: "arn:aws:iam::444455556666:role/operator" },
      'demo: clusterAdmins must be a list of at most 20 IAM role ARNs; got "arn:aws:iam::444455556666:role/operator".',
    ],
  ],
  apiEndpoint: [
    [
      "nobody",
      { apiEndpoint: { publicAccessCidrs: [] } },
      "demo: apiEndpoint.publicAccessCidrs must be a list of 1 to 40 CIDR blocks; got [].",
    ],
    [
      "an address without its prefix",
      { apiEndpoint: { publicAccessCidrs: ["203.0.113.7"] } },
      'demo: apiEndpoint.publicAccessCidrs[0] must be an IPv4 network such as 203.0.113.0/24; got "203.0.113.7".',
    ],
    [
      "private addresses at the public endpoint",
      { apiEndpoint: { publicAccessCidrs: ["0.0.0.0/0", "10.0.0.0/8"] } },
      'demo: apiEndpoint.publicAccessCidrs[1] must be public addresses, which is what reaches a public endpoint; got "10.0.0.0/8". Put it into apiEndpoint.privateAccessCidrs.',
    ],
    [
      "host bits at the private endpoint",
      { apiEndpoint: { privateAccessCidrs: ["10.0.0.1/8"] } },
      'demo: apiEndpoint.privateAccessCidrs[0] must be an IPv4 network such as 10.0.0.0/8; got "10.0.0.1/8".',
    ],
    [
      "the same network twice",
      { apiEndpoint: { privateAccessCidrs: ["10.0.0.0/8", "10.0.0.0/8"] } },
      'demo: apiEndpoint.privateAccessCidrs must not list the same value twice; got ["10.0.0.0/8","10.0.0.0/8"].',
    ],
  ],
  "logRetentionDays and removalPolicy": [
    [
      "days that CloudWatch does not offer",
      { logRetentionDays: 31 },
      "demo: logRetentionDays must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653 (days); got 31.",
    ],
    [
      "days as a text",
      { logRetentionDays: "30" },
      'demo: logRetentionDays must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653 (days); got "30".',
    ],
    [
      "a policy in capitals",
      { removalPolicy: "Retain" },
      'demo: removalPolicy must be one of destroy, retain; got "Retain". Did you mean "retain"?',
    ],
  ],
  tags: [
    ["a list", { tags: [] }, "demo: tags must be an object of strings; got []."],
    [
      "one that the stacks set",
      { tags: { environment: "other" } },
      "demo: tags.environment must not be Project, Environment, ManagedBy or Name, which the stacks set; got this key. Remove it.",
    ],
    [
      "two that IAM takes for one",
      { tags: { Team: "a", team: "b" } },
      "demo: tags.team must differ from the others by more than case, which IAM ignores; got this key. Remove it.",
    ],
    [
      "one of AWS's own",
      { tags: { "AWS:owner": "a" } },
      'demo: tags.AWS:owner must have keys of letters, digits, spaces and + - = . _ : / @, at most 128, not beginning with aws:; got "a".',
    ],
    [
      "a huge key",
      { tags: { ["k".repeat(100_000)]: "a" } },
      'demo: tags.kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk... must have keys of letters, digits, spaces and + - = . _ : / @, at most 128, not beginning with aws:; got "a".',
    ],
    [
      "a reference of Terraform in a value",
      { tags: { Team: "$" + "{aws_vpc.x.id}" } },
      'demo: tags.Team must be letters, digits, spaces and + - = . _ : / @, at most 256; got "$' +
        '{aws_vpc.x.id}".',
    ],
    [
      "a number for a value",
      { tags: { Team: 1 } },
      "demo: tags.Team must be letters, digits, spaces and + - = . _ : / @, at most 256; got 1.",
    ],
    [
      "more than a resource takes",
      { tags: Object.fromEntries(Array.from({ length: 41 }, (_, i) => [`key-${i}`, "a"])) },
      "demo: tags must be at most 40, so that all fit the 50 of a resource; got 41.",
    ],
  ],
  state: [
    [
      "a word",
      { state: "local" },
      'demo: state must be { type: "local" } or { type: "s3", bucket, region }; got "local".',
    ],
    [
      "of an unknown type",
      { state: { type: "gcs" } },
      'demo: state.type must be { type: "local" } or { type: "s3", bucket, region }; got "gcs".',
    ],
    [
      "in S3 without a bucket",
      { state: { type: "s3" } },
      "demo: state.bucket must be an S3 bucket's name; got nothing.",
      "demo: state.region must be an AWS region; got nothing.",
    ],
    [
      "in S3 under a bad name",
      { state: { type: "s3", bucket: "My_Bucket", region: "us-west-2", prefix: "a b" } },
      'demo: state.bucket must be an S3 bucket\'s name; got "My_Bucket".',
      'demo: state.prefix must be a key prefix: letters, digits and ! _ . * \' ( ) / -; got "a b".',
    ],
    [
      "local with a bucket",
      { state: { type: "local", bucket: "state" } },
      "demo: state.bucket is not a prop. Known props: type.",
    ],
  ],
  "the environment": [
    ["a misspelt prop", { vpcCdir: "10.0.0.0/16" }, 'demo: vpcCdir is not a prop. Did you mean "vpcCidr"?'],
    ["a prop of something else", { loadBalancer: true }, `demo: loadBalancer is not a prop. ${KNOWN_PROPS}`],
    [
      "a key that would be a prototype",
      JSON.parse('{"__proto__":{"name":"other"},"constructor":1}') as Record<string, unknown>,
      `demo: __proto__ is not a prop. ${KNOWN_PROPS}`,
      `demo: constructor is not a prop. ${KNOWN_PROPS}`,
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

describe.each(Object.entries(TABLE))("%s", (_, cases) => {
  const rows = cases.map(([what, change, ...lines]) => ({ what, change, lines }));
  it.each(rows)("is refused: $what", ({ change, lines }) => {
    expect(messageOf([changed(change)])).toBe(report(...lines));
  });
});

describe("what is no environment", () => {
  it.each([
    ["nothing", null, "environment 1: must be an object; got null."],
    ["a list", [], "environment 1: must be an object; got []."],
    ["a text", "demo", 'environment 1: must be an object; got "demo".'],
    ["a number", 5, "environment 1: must be an object; got 5."],
  ])("is refused: %s", (_, input, line) => {
    expect(messageOf([input])).toBe(report(line));
  });

  it("is refused: a list without any", () => {
    expect(messageOf([])).toBe(report("environments/index.ts must list at least one environment; got none."));
  });
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
        "  - demo: nodes.mx is not a prop. Known props: minSize, maxSize, volumeGib, volumeIops, volumeThroughputMibps.",
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
  const other = { ...DEMO, name: "other", vpcCidr: "10.31.0.0/16" };

  it("are accepted when they differ in name and network", () => {
    expect(messageOf([DEMO, other])).toBe("accepted");
  });

  const PAIRS: readonly (readonly [string, object, object, ...string[]])[] = [
    [
      "the same name",
      DEMO,
      { ...other, name: "demo" },
      'demo: name must be given once; got "demo" in environments 1 and 2.',
    ],
    [
      "a name that continues the other's",
      DEMO,
      { ...other, name: "demo-2" },
      'demo-2: name must not continue another\'s name with a hyphen; got "demo-2" beside "demo": cdktf destroy \'demo-*\' would take demo-2 too.',
    ],
    [
      "a name that the other's continues",
      { ...DEMO, name: "other-2" },
      other,
      'other: name must not continue another\'s name with a hyphen; got "other" beside "other-2": cdktf destroy \'other-*\' would take other-2 too.',
    ],
    [
      "overlapping networks",
      DEMO,
      { ...other, vpcCidr: "10.30.128.0/17" },
      'other: vpcCidr must not overlap that of demo (10.30.0.0/16), or the two could never be peered; got "10.30.128.0/17".',
    ],
    [
      "different accounts",
      DEMO,
      { ...other, accountId: "123456789012" },
      'other: accountId must be the same in all environments, which share the account stack; got "123456789012", and demo has "444455556666".',
    ],
    [
      "different states",
      DEMO,
      { ...other, state: { type: "s3", bucket: "state", region: "us-west-2" } },
      'other: state must be the same in all environments, which share the account stack; got {"type":"s3","bucket":"state","region":"us-west-2","prefix":"buildx-on-eks"}, and demo has {"type":"local"}.',
    ],
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
      'other: github.oidcProviderArn must be the same in all environments, which share the account stack; got "arn:aws:iam::444455556666:oidc-provider/token.actions.githubusercontent.com", and demo has nothing.',
    ],
  ];

  const rows = PAIRS.map(([what, first, second, ...lines]) => ({ what, first, second, lines }));
  it.each(rows)("are refused with $what", ({ first, second, lines }) => {
    expect(messageOf([first, second])).toBe(report(...lines));
  });

  it("are compared even when one of them has a problem of its own", () => {
    expect(
      messageOf([
        { ...DEMO, flowLogs: 1 },
        { ...other, vpcCidr: DEMO.vpcCidr },
      ]),
    ).toBe(
      report(
        "demo: flowLogs must be true or false; got 1.",
        'other: vpcCidr must not overlap that of demo (10.30.0.0/16), or the two could never be peered; got "10.30.0.0/16".',
      ),
    );
  });

  it("may share a network in two regions", () => {
    expect(messageOf([DEMO, { ...other, vpcCidr: DEMO.vpcCidr, region: "us-east-1" }])).toBe("accepted");
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
    ["the longest name", { name: "demo-with-a-name-that-is-as-long-as-aws-takes" }],
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
    ["the newer Kubernetes", { kubernetesVersion: "1.36" }],
    ["both ids", { github: { ...github, ownerId: 1001, repositoryId: 2002 } }],
    ["a branch with slashes and dots", { github: { ...github, branches: ["release/v1.2_x"] } }],
    [
      "GitHub environments only",
      { github: { ...github, branches: [], deploymentEnvironments: ["production"] } },
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
    ["repositories in folders", { images: { repositories: ["team/app", "team/app.cache_1-x"] } }],
    ["encryption by KMS", { images: { encryption: "KMS", immutableTags: false } }],
    ["no operator where there is no cluster", { clusterAdmins: [], configurations: ["hosted-default"] }],
    ["an operator's role in a path", { clusterAdmins: ["arn:aws:iam::444455556666:role/team/admin"] }],
    [
      "networks at both endpoints",
      {
        apiEndpoint: { publicAccessCidrs: ["203.0.113.0/24"], privateAccessCidrs: ["10.0.0.0/8"] },
      },
    ],
    ["a year of logs, kept", { logRetentionDays: 365, removalPolicy: "retain" }],
    ["40 tags", { tags: Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`key-${i}`, "a"])) }],
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
