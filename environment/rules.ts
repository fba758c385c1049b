import ipaddr from "ipaddr.js";
import { SERVICE_CIDR } from "../constructs/cidr";
import {
  branchesThatFit,
  issuerName,
  MOST_TRUST_CHARACTERS,
  trustCharacters,
} from "../constructs/github-trust";
import { show } from "../util/invalid-input";
import { didYouMean } from "../util/suggest";
import { count } from "../util/words";
import { BUILDER_INSTANCE_TYPES, type InstanceType, REGION_ZONES } from "./aws-facts";
import { nodesNeeded, type PodGroup, podsPerNode, usable } from "./capacity";
import { needsOf } from "./configurations";
import { type Environment, MOST_BUILDER_NODES } from "./environment";
import { instanceTypeOf, knownInstanceTypes } from "./instance-type";
import { longestName, namesOf, PROJECT, variableWord } from "./names";
import { ADDRESSES_PER_NODE, overlaps, parseCidr, privateAddresses } from "./network";
import { ofOtherAccounts } from "./placeholders";
import { buildPods } from "./pods";
import { SYSTEM_NODES } from "./system-nodes";
import { warmBuilderNames } from "./warm-builders";
import { zoneNames } from "./zones";

/** What is wrong with a prop, in the prop's own words. */
export interface Problem {
  /** Path of the prop, for example `nodes.maxSize`. */
  readonly prop: string;
  /** The rule, the value received and the fix. */
  readonly message: string;
}

type Prop = keyof Environment;

/** A rule over several props. It is checked as soon as each of them has the right shape. */
export interface Rule {
  readonly props: readonly Prop[];
  readonly check: (environment: Environment) => Problem[];
}

const rule = <P extends Prop>(
  props: readonly P[],
  check: (environment: Pick<Environment, P>) => Problem[],
): Rule => ({ props, check });

const when = (wrong: boolean, prop: string, message: string): Problem[] => (wrong ? [{ prop, message }] : []);

const gib = (mib: number) => Math.floor((mib / 1024) * 10) / 10;
const cpus = (milliCpu: number) => milliCpu / 1000;

/** Docker's default bridge, in which the sidecar of a runner puts its containers. */
const DOCKER_CIDR = "172.17.0.0/16";

/** Labels that GitHub gives to its own machines: a runner that carried one would take or lose jobs by accident. */
const GITHUB_LABEL = /^(self-hosted|linux|windows|macos|x64|arm|arm64)$|^(ubuntu|windows|macos)-/i;

/** Ranges that AWS takes for a VPC, in ipaddr.js's words: no loopback, link-local, multicast or reserved ones. */
const VPC_RANGES = ["private", "unicast", "carrierGradeNat"];

const RESERVED_TAGS = ["project", "environment", "managedby", "name"];

export const RULES: readonly Rule[] = [
  rule(["name", "images", "instanceType", "otherInstanceTypes"], ({ name, images, ...types }) => {
    const known = knownInstanceTypes(types).some((type) => type.name === types.instanceType);
    const reason = longestName(name, images.repositories, known ? types.instanceType : "");
    return when(
      reason !== undefined,
      "name",
      `must leave room for what the stacks add to it: ${reason}. Shorten the environment's or the repository's name`,
    );
  }),

  rule(["images"], ({ images }) => {
    const words = images.repositories.map(variableWord);
    const [alike] = images.repositories.filter((_, i) => words.indexOf(words[i] ?? "") < i);
    return when(
      alike !== undefined,
      "images.repositories",
      `must differ in more than . _ - and /, because GitHub variables are named after them; got ${show(alike)} beside another like it`,
    );
  }),

  rule(["name"], ({ name }) =>
    when(
      name === "account",
      "name",
      'must not be "account", which is the name of the stack that all environments share; got "account"',
    ),
  ),

  rule(["region", "availabilityZones"], ({ region, availabilityZones }) => {
    const letters = REGION_ZONES.get(region);
    if (typeof availabilityZones === "number") {
      if (!letters) {
        return [
          {
            prop: "availabilityZones",
            message: `must name the zones, because those of region ${show(region)} are not known here; got ${availabilityZones}. List them: aws ec2 describe-availability-zones --region ${region}.${didYouMean(region, [...REGION_ZONES.keys()])}`,
          },
        ];
      }
      return when(
        availabilityZones > letters.length,
        "availabilityZones",
        `must be at most ${letters.length}, the zones of ${region}; got ${availabilityZones}`,
      );
    }
    return availabilityZones.flatMap((zone, i) =>
      when(
        !zone.startsWith(region) || zone.length !== region.length + 1,
        `availabilityZones[${i}]`,
        `must be a zone of region ${region}${letters ? ` (${letters.map((l) => region + l).join(", ")})` : ""}; got ${show(zone)}`,
      ).concat(
        when(
          zone.startsWith(region) && letters !== undefined && !letters.includes(zone.slice(region.length)),
          `availabilityZones[${i}]`,
          `must be one of ${letters?.map((l) => region + l).join(", ")}, in which EKS runs; got ${show(zone)}`,
        ),
      ),
    );
  }),

  rule(["vpcCidr"], ({ vpcCidr }) => {
    const vpc = parseCidr(vpcCidr);
    const range = ipaddr.IPv4.parse(vpcCidr.split("/")[0] ?? "").range();
    if (!VPC_RANGES.includes(range)) {
      return [
        {
          prop: "vpcCidr",
          message: `must be a network that AWS takes for a VPC; got ${show(vpcCidr)}. Use a part of 10.0.0.0/8`,
        },
      ];
    }
    return [
      [SERVICE_CIDR, "Kubernetes gives to services"],
      [DOCKER_CIDR, "Docker gives to containers in a runner"],
    ].flatMap(([taken = "", use]) => {
      const block = parseCidr(taken);
      return when(
        vpc !== undefined && block !== undefined && overlaps(vpc, block),
        "vpcCidr",
        `must not overlap ${taken}, which ${use}; got ${show(vpcCidr)}. Use a part of 10.0.0.0/8`,
      );
    });
  }),

  rule(
    ["vpcCidr", "region", "availabilityZones", "nodes"],
    ({ vpcCidr, region, availabilityZones, nodes }) => {
      const vpc = parseCidr(vpcCidr);
      const zones = zoneNames(region, availabilityZones).length;
      if (!vpc || zones === 0) return [];
      const needed = (nodes.maxSize + SYSTEM_NODES.maxSize) * ADDRESSES_PER_NODE;
      const available = privateAddresses(vpc.prefix, zones);
      return when(
        available < needed,
        "vpcCidr",
        `must hold ${needed} pod addresses (${ADDRESSES_PER_NODE} for each of ${nodes.maxSize + SYSTEM_NODES.maxSize} nodes), and the private subnets of ${zones} zones in a /${vpc.prefix} hold ${available}; got ${show(vpcCidr)}. Use a larger network, for example a /16`,
      );
    },
  ),

  rule(["apiEndpoint"], ({ apiEndpoint }) =>
    apiEndpoint.publicAccessCidrs.flatMap((cidr, i) => {
      const first = cidr.split("/")[0] ?? "";
      return when(
        cidr !== "0.0.0.0/0" &&
          ipaddr.IPv4.isValid(first) &&
          // "reserved" are the networks of examples, such as the one in the message about a wrong shape.
          !["unicast", "reserved"].includes(ipaddr.IPv4.parse(first).range()),
        `apiEndpoint.publicAccessCidrs[${i}]`,
        `must be public addresses, which is what reaches a public endpoint; got ${show(cidr)}. Put it into apiEndpoint.privateAccessCidrs`,
      );
    }),
  ),

  rule(["otherInstanceTypes"], ({ otherInstanceTypes }) =>
    otherInstanceTypes.flatMap(({ name }, i) =>
      when(
        knownInstanceTypes({ otherInstanceTypes: otherInstanceTypes.slice(0, i) }).some(
          (t) => t.name === name,
        ),
        `otherInstanceTypes[${i}].name`,
        `must not repeat a type that is known already; got ${show(name)}. Remove the entry`,
      ),
    ),
  ),

  rule(["instanceType", "otherInstanceTypes"], ({ instanceType, otherInstanceTypes }) => {
    const known = knownInstanceTypes({ otherInstanceTypes }).map((type) => type.name);
    return when(
      !known.includes(instanceType),
      "instanceType",
      `must be one of ${known.join(", ")}; got ${show(instanceType)}.${didYouMean(instanceType, known)} Give the facts of any other type in otherInstanceTypes`,
    );
  }),

  rule(["configurations", "github"], ({ configurations, github }) => {
    const needs = needsOf(configurations);
    return [
      ...when(
        needs.runners && !github.app,
        "github.app",
        "must hold id and installationId of the GitHub App that registers the runners of custom-*; got nothing. See README, Deploy",
      ),
      ...when(
        needs.hostedRole && github.branches.length + github.deploymentEnvironments.length === 0,
        "github.branches",
        "must name a branch (or github.deploymentEnvironments an environment) whose hosted jobs may push; got none",
      ),
      ...when(
        (github.ownerId === undefined) !== (github.repositoryId === undefined),
        github.ownerId === undefined ? "github.ownerId" : "github.repositoryId",
        "must be given together with the other id: GitHub's OIDC subject holds both or neither; got nothing",
      ),
    ];
  }),

  rule(["github"], ({ github }) =>
    github.branches.flatMap((branch, i) => [
      ...when(
        branch.startsWith("refs/heads/"),
        `github.branches[${i}]`,
        `must be a branch's name without refs/heads/; got ${show(branch)}. Write ${show(branch.slice("refs/heads/".length))}`,
      ),
      ...when(
        branch.startsWith("refs/") && !branch.startsWith("refs/heads/"),
        `github.branches[${i}]`,
        `must be a branch; got ${show(branch)}. Let jobs of tags push through a GitHub environment, named in github.deploymentEnvironments`,
      ),
    ]),
  ),

  rule(["configurations", "github"], ({ configurations, github }) => {
    const characters = trustCharacters(github);
    const fit = branchesThatFit(github);
    return when(
      needsOf(configurations).hostedRole && characters > MOST_TRUST_CHARACTERS,
      "github.branches",
      `must fit the ${MOST_TRUST_CHARACTERS} characters that IAM takes of a role's trust policy, beside github.deploymentEnvironments; got ${count(github.branches.length, "branch", "branches")}, with which it has ${characters}. ${fit > 0 ? `The first ${fit} fit; let jobs of the others push through one GitHub environment, named in github.deploymentEnvironments` : "Name fewer of both"}`,
    );
  }),

  rule(["accountId", "github"], ({ accountId, github: { oidcProviderArn, issuer } }) => [
    ...when(
      oidcProviderArn !== undefined && !oidcProviderArn.startsWith(`arn:aws:iam::${accountId}:`),
      "github.oidcProviderArn",
      `must be in account ${accountId}; got ${show(oidcProviderArn)}`,
    ),
    ...when(
      oidcProviderArn !== undefined && !oidcProviderArn.endsWith(`:oidc-provider/${issuerName(issuer)}`),
      "github.oidcProviderArn",
      `must be the provider of github.issuer, arn:aws:iam::${accountId}:oidc-provider/${issuerName(issuer)}; got ${show(oidcProviderArn)}`,
    ),
  ]),

  rule(["configurations", "clusterAdmins"], ({ configurations, clusterAdmins }) =>
    when(
      needsOf(configurations).cluster && clusterAdmins.length === 0,
      "clusterAdmins",
      "must list at least one IAM role, or nobody could administer the cluster; got []. Add the role that you deploy with",
    ),
  ),

  rule(["clusterAdmins"], ({ clusterAdmins }) =>
    clusterAdmins.flatMap((arn, i) => [
      ...when(
        arn.includes(":role/aws-service-role/"),
        `clusterAdmins[${i}]`,
        `must be a role that a person or a deploy can take, and EKS takes no service-linked one; got ${show(arn)}. Name the role that you deploy with`,
      ),
      // The aws-auth ConfigMap wants roles without their path; an access entry wants the role's own ARN.
      ...when(
        arn.includes(":role/AWSReservedSSO_"),
        `clusterAdmins[${i}]`,
        `must have the path of a role of IAM Identity Center; got ${show(arn)}. Write role/aws-reserved/sso.amazonaws.com/REGION/AWSReservedSSO_..., as aws iam list-roles --path-prefix /aws-reserved/sso.amazonaws.com/ shows it`,
      ),
    ]),
  ),

  rule(["accountId", "clusterAdmins"], ({ accountId, clusterAdmins }) =>
    when(
      clusterAdmins.length > 0 && ofOtherAccounts(clusterAdmins, accountId).length === clusterAdmins.length,
      "clusterAdmins",
      `must list a role of account ${accountId}, as which the environment is deployed; got ${show(clusterAdmins)}`,
    ),
  ),

  rule(["clusterAdmins", "name"], ({ clusterAdmins, name }) =>
    clusterAdmins.flatMap((arn, i) =>
      when(
        [namesOf(name).hostedRole.value, namesOf(name).runnerRole.value].some((role) =>
          arn.endsWith(`/${role}`),
        ),
        `clusterAdmins[${i}]`,
        `must not be a role of CI jobs, which would then administer the cluster; got ${show(arn)}`,
      ),
    ),
  ),

  rule(["runners"], ({ runners }) => [
    ...when(
      runners.minReplicas > runners.maxReplicas,
      "runners.minReplicas",
      `must not exceed runners.maxReplicas (${runners.maxReplicas}); got ${runners.minReplicas}`,
    ),
    ...runners.labels.flatMap((label, i) => [
      ...when(
        GITHUB_LABEL.test(label),
        `runners.labels[${i}]`,
        `must not be a label that GitHub gives to machines itself; got ${show(label)}. Choose your own, for example "custom-runner"`,
      ),
      ...when(
        label.toLowerCase().startsWith(`${PROJECT}-`),
        `runners.labels[${i}]`,
        `must not begin with ${PROJECT}-, as the label does that each environment's runners get; got ${show(label)}. Choose another, for example "custom-runner"`,
      ),
      ...when(
        runners.labels.slice(0, i).some((other) => other.toLowerCase() === label.toLowerCase()),
        `runners.labels[${i}]`,
        `must differ from the others by more than case, which GitHub ignores; got ${show(label)}`,
      ),
    ]),
  ]),

  rule(["nodes"], ({ nodes }) => [
    ...when(
      nodes.minSize > nodes.maxSize,
      "nodes.minSize",
      `must not exceed nodes.maxSize (${nodes.maxSize}); got ${nodes.minSize}`,
    ),
    ...when(
      nodes.volumeThroughputMibps > nodes.volumeIops / 4,
      "nodes.volumeThroughputMibps",
      `must be at most a quarter of nodes.volumeIops (${nodes.volumeIops}), which gp3 asks for; got ${nodes.volumeThroughputMibps}`,
    ),
    ...when(
      nodes.volumeIops > nodes.volumeGib * 500,
      "nodes.volumeIops",
      `must be at most 500 for each GiB of nodes.volumeGib (${nodes.volumeGib}); got ${nodes.volumeIops}`,
    ),
  ]),

  rule(["builders"], ({ builders }) => [
    ...when(
      builders.rootInMemoryGib !== undefined && builders.rootInMemoryGib >= builders.memoryGib,
      "builders.rootInMemoryGib",
      `must be less than builders.memoryGib (${builders.memoryGib}), of which it is a part; got ${builders.rootInMemoryGib}. Raise builders.memoryGib`,
    ),
    ...when(
      builders.rootInMemoryGib !== undefined && builders.mode === "warm",
      "builders.rootInMemoryGib",
      `must be left out with builders.mode "warm", whose root is on a volume; got ${builders.rootInMemoryGib}`,
    ),
    // buildx leaves the claim of a builder that it removes, so every job would leave a volume behind.
    ...when(
      builders.volumeGib !== undefined && builders.mode !== "warm",
      "builders.volumeGib",
      `must be left out unless builders.mode is "warm": nothing removes the volume of a job's builder; got ${builders.volumeGib}`,
    ),
    ...when(
      builders.volumeGib !== undefined && builders.volumeIops > builders.volumeGib * 500,
      "builders.volumeIops",
      `must be at most 500 for each GiB of builders.volumeGib (${builders.volumeGib}); got ${builders.volumeIops}`,
    ),
    ...when(
      builders.volumeThroughputMibps > builders.volumeIops / 4,
      "builders.volumeThroughputMibps",
      `must be at most a quarter of builders.volumeIops (${builders.volumeIops}), which gp3 asks for; got ${builders.volumeThroughputMibps}`,
    ),
  ]),

  rule(["configurations", "builders", "build"], ({ configurations, builders, build }) =>
    when(
      build.cache === "local" && warmBuilderNames({ configurations, builders }).length === 0,
      "build.cache",
      'must be another without warm builders, which alone keep a local cache from one build to the next; got "local". Write "registry-min", or builders: { mode: "warm" } with a *-kubernetes configuration',
    ),
  ),

  rule(["tags"], ({ tags }) => [
    ...Object.keys(tags).flatMap((key) =>
      when(
        RESERVED_TAGS.includes(key.toLowerCase()),
        `tags.${key}`,
        "must not be Project, Environment, ManagedBy or Name, which the stacks set; got this key. Remove it",
      ),
    ),
    ...Object.keys(tags).flatMap((key, i, keys) =>
      when(
        keys.slice(0, i).some((other) => other.toLowerCase() === key.toLowerCase()),
        `tags.${key}`,
        "must differ from the others by more than case, which IAM ignores; got this key. Remove it",
      ),
    ),
    ...when(
      Object.keys(tags).length > 40,
      "tags",
      `must be at most 40, so that all fit the 50 of a resource; got ${Object.keys(tags).length}`,
    ),
  ]),

  rule(
    ["configurations", "instanceType", "otherInstanceTypes", "nodes", "runners", "builders"],
    (environment) => {
      const known = knownInstanceTypes(environment).some((t) => t.name === environment.instanceType);
      const valid = environment.runners.minReplicas <= environment.runners.maxReplicas;
      return known && valid ? capacityProblems(environment) : [];
    },
  ),
];

/** One node for each pod suffices: as many as there may be pods. */
const MOST_NODES = 200;

function capacityProblems(
  environment: Pick<
    Environment,
    "configurations" | "instanceType" | "otherInstanceTypes" | "nodes" | "runners" | "builders"
  >,
): Problem[] {
  const type = instanceTypeOf(environment);
  const node = usable(type);
  const groups = buildPods(environment).filter((group) => group.count > 0);

  const impossible = groups.filter((group) => podsPerNode(node, group) === 0);
  if (impossible.length > 0) {
    return impossible.map((group) => ({
      prop: group.name === "runner" ? "runners" : "builders",
      message: `must fit a ${type.name}, which gives ${cpus(node.milliCpu)} CPU and ${gib(node.memoryMib)} GiB to pods; got a ${group.name} pod of ${cpus(group.milliCpu)} CPU and ${gib(group.memoryMib)} GiB. ${largerTypes(environment, group)}`,
    }));
  }
  const needed = nodesNeeded(node, MOST_NODES, groups) ?? MOST_NODES;
  if (needed <= environment.nodes.maxSize) return [];
  const asked = groups
    .map(
      (g) =>
        `${g.count} ${g.name}${g.count === 1 ? "" : "s"} of ${cpus(g.milliCpu)} CPU, ${gib(g.memoryMib)} GiB`,
    )
    .join(" and ");
  const holds = groups.map(
    (g) => `${podsPerNode(node, g)} ${g.name}${podsPerNode(node, g) === 1 ? "" : "s"}`,
  );
  return [
    {
      prop: "nodes.maxSize",
      message: `must hold ${asked}, and one ${type.name} gives ${cpus(node.milliCpu)} CPU, ${gib(node.memoryMib)} GiB to pods beside the system's: ${holds.join(" or ")}; got ${environment.nodes.maxSize}. ${needed <= MOST_BUILDER_NODES ? `Raise it to ${needed}, or lower` : "Lower"} ${groups.map(countProp(environment)).join(" or ")}`,
    },
  ];
}

/** The prop that says how many pods of a group there are. */
const countProp =
  ({ builders }: Pick<Environment, "builders">) =>
  ({ name }: PodGroup) => {
    if (name === "runner") return "runners.maxReplicas";
    return builders.mode === "warm" ? "builders.replicas" : "builders.maxConcurrent";
  };

function largerTypes(environment: Pick<Environment, "otherInstanceTypes">, pod: PodGroup): string {
  const larger = knownInstanceTypes(environment).filter(
    (type: InstanceType) => podsPerNode(usable(type), pod) > 0,
  );
  return larger.length > 0
    ? `Lower its CPU or memory, or set instanceType to ${larger.map((t) => t.name).join(" or ")}`
    : `Lower its CPU or memory, or give a larger type than ${BUILDER_INSTANCE_TYPES.map((t) => t.name).join(", ")} in otherInstanceTypes`;
}
