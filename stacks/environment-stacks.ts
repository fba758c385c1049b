import type { App, TerraformStack } from "cdktf";
import type { PodAllowance } from "../constructs/build-namespace";
import type { Resources } from "../constructs/quantity";
import type { Toleration } from "../constructs/toleration";
import { nodesNeeded, usable } from "../environment/capacity";
import { needsOf } from "../environment/configurations";
import type { Environment } from "../environment/environment";
import { DEFAULT_WARM_VOLUME_GIB } from "../environment/environment";
import { githubOf, isGithubCom } from "../environment/github-host";
import { instanceTypeOf } from "../environment/instance-type";
import {
  BUILD_NAMESPACE,
  BUILDERS_LABEL,
  CACHE_TAG_PREFIX,
  CONTROLLER_NAMESPACE,
  HOSTED_GROUP,
  namesOf,
  RUNNER_SERVICE_ACCOUNT,
  repositoryName,
  runnerLabels,
} from "../environment/names";
import { subnetsOf } from "../environment/network";
import { placeholdersIn } from "../environment/placeholders";
import { buildPods, gibToMib, toMilliCpu } from "../environment/pods";
import { SYSTEM_NODES } from "../environment/system-nodes";
import { buildkitImage } from "../environment/toolchain";
import { builderVolumeGib, warmBuilderNames, warmBuildersOfClass } from "../environment/warm-builders";
import { zoneNames } from "../environment/zones";
import { AccountStack, type TokenIssuer } from "./account-stack";
import { ClusterStack } from "./cluster-stack";
import { type BuilderUsers, PlatformStack, type WarmBuildersSettings } from "./platform-stack";
import { RegistryStack } from "./registry-stack";
import { RunnersStack } from "./runners-stack";

/** Days for which AWS can restore a deleted key: the shortest time where nothing is to be left, the longest otherwise. */
const KEY_DELETION_DAYS = { destroy: 7, retain: 30 } as const;
/** New runners must be ready before the controller removes the old ones. */
const RUNNER_ROLLOUT_FACTOR = 2;
/** Where the pods of builds run. */
const BUILDER_NODES = { [BUILDERS_LABEL.key]: BUILDERS_LABEL.value };
const BUILDERS_TOLERATION: Toleration = { ...BUILDERS_LABEL, operator: "Equal", effect: "NoSchedule" };

/** Makes what all environments of the account share. */
export function addAccountStack(app: App, environments: readonly Environment[]): AccountStack {
  const [first] = environments;
  if (!first) throw new Error("an app needs at least one environment");
  return new AccountStack(app, "account", {
    ...location(first),
    regions: [...new Set(environments.map(({ region }) => region))],
    issuers: issuersOf(environments),
  });
}

/** Issuers of the tokens of hosted jobs, each once. Environments with one issuer name the same provider. */
function issuersOf(environments: readonly Environment[]): TokenIssuer[] {
  const hosted = environments.filter(({ configurations }) => needsOf(configurations).hostedRole);
  return [...new Map(hosted.map(({ github }) => [github.issuer, github])).values()];
}

/** Makes an environment's stacks, those that its configurations need, in the order in which they are deployed. */
export function addEnvironmentStacks(
  app: App,
  environment: Environment,
  account: AccountStack,
): TerraformStack[] {
  const needs = needsOf(environment.configurations);
  const registry = new RegistryStack(
    app,
    `${environment.name}-registry`,
    registryProps(environment, account),
  );
  if (!needs.cluster) return [registry];

  const clusterStack = new ClusterStack(
    app,
    `${environment.name}-cluster`,
    clusterProps(environment, registry),
  );
  const platform = new PlatformStack(
    app,
    `${environment.name}-platform`,
    platformProps(environment, clusterStack),
  );
  if (!needs.runners) return [registry, clusterStack, platform];

  const runners = new RunnersStack(
    app,
    `${environment.name}-runners`,
    runnersProps(environment, clusterStack),
  );
  // The controller's resource definitions before its runners; and on destroy its runners before the controller.
  runners.addDependency(platform);
  return [registry, clusterStack, platform, runners];
}

const location = ({ region, accountId }: Environment) => ({ region, accountId });

function registryProps(environment: Environment, account: AccountStack) {
  const { name, github, images, configurations, removalPolicy } = environment;
  const needs = needsOf(configurations);
  const names = namesOf(name);
  const oidcProvider = account.oidcProviderOf(github.issuer);
  return {
    ...location(environment),
    repositories: images.repositories.map((image) => ({ image, name: repositoryName(name, image) })),
    immutableTags: images.immutableTags,
    mutableTagPrefix: CACHE_TAG_PREFIX,
    untaggedExpiryDays: images.untaggedExpiryDays,
    keep: {
      tagPrefixes: configurations.map((configuration) => `${configuration}-`),
      images: images.keepPerConfiguration,
    },
    forceDelete: removalPolicy === "destroy",
    encryptionKey:
      images.encryption === "KMS"
        ? { alias: names.imagesKey.value, deletionWindowInDays: KEY_DELETION_DAYS[removalPolicy] }
        : undefined,
    hostedJobs:
      needs.hostedRole && oidcProvider
        ? {
            ...github,
            roleName: names.hostedRole.value,
            oidcProvider,
            clusterName: needs.publicApiEndpoint ? names.cluster.value : undefined,
          }
        : undefined,
    needsGithubAppKey: needs.runners,
    placeholders: placeholdersIn(environment),
  };
}

function clusterProps(environment: Environment, { hostedRole, repositories }: RegistryStack) {
  const { name, region, nodes, apiEndpoint, removalPolicy } = environment;
  const needs = needsOf(environment.configurations);
  const names = namesOf(name);
  return {
    ...location(environment),
    clusterName: names.cluster.value,
    kubernetesVersion: environment.kubernetesVersion,
    vpcCidr: environment.vpcCidr,
    subnets: subnetsOf(environment.vpcCidr, zoneNames(region, environment.availabilityZones)),
    natGateways: environment.natGateways,
    flowLogs: environment.flowLogs,
    publicAccessCidrs: needs.publicApiEndpoint ? apiEndpoint.publicAccessCidrs : undefined,
    // Without a public endpoint a machine in the VPC is the nearest that can deploy the platform.
    privateAccessCidrs: needs.publicApiEndpoint
      ? apiEndpoint.privateAccessCidrs
      : [...new Set([environment.vpcCidr, ...apiEndpoint.privateAccessCidrs])],
    clusterAdmins: environment.clusterAdmins,
    logRetentionDays: environment.logRetentionDays,
    deletionProtection: removalPolicy === "retain",
    deletionWindowInDays: KEY_DELETION_DAYS[removalPolicy],
    instanceType: environment.instanceType,
    builderNodes: {
      name: names.builderNodes.value,
      desiredSize: neededNodes(environment),
      ...nodes,
    },
    systemInstanceType: SYSTEM_NODES.instanceType.name,
    systemNodes: {
      name: names.systemNodes.value,
      minSize: SYSTEM_NODES.minSize,
      maxSize: SYSTEM_NODES.maxSize,
      volumeGib: SYSTEM_NODES.volumeGib,
    },
    buildersLabel: BUILDERS_LABEL,
    hostedJobs:
      needs.publicApiEndpoint && hostedRole ? { role: hostedRole, kubernetesGroup: HOSTED_GROUP } : undefined,
    runners: needs.runners
      ? {
          roleName: names.runnerRole.value,
          namespace: BUILD_NAMESPACE,
          serviceAccount: RUNNER_SERVICE_ACCOUNT,
          repositories,
        }
      : undefined,
  };
}

/** As many nodes as all runners and builders need at once, so that no build waits for a machine. */
export function neededNodes(environment: Environment): number {
  const { minSize, maxSize } = environment.nodes;
  const needed = nodesNeeded(usable(instanceTypeOf(environment)), maxSize, buildPods(environment));
  return Math.max(minSize, needed ?? maxSize);
}

function platformProps(environment: Environment, { cluster }: ClusterStack) {
  const { configurations, github } = environment;
  const needs = needsOf(configurations);
  return {
    region: environment.region,
    cluster,
    namespace: BUILD_NAMESPACE,
    allowances: allowancesOf(environment),
    nodeLabel: BUILDERS_LABEL,
    warmBuilders: warmBuildersOf(environment),
    builderUsers: builderUsersOf(environment),
    runners:
      needs.runners && github.app
        ? {
            serviceAccount: RUNNER_SERVICE_ACCOUNT,
            controllerNamespace: CONTROLLER_NAMESPACE,
            app: github.app,
            githubUrl: isGithubCom(github.issuer) ? undefined : githubOf(github.issuer).url,
          }
        : undefined,
  };
}

function builderUsersOf(environment: Environment): BuilderUsers {
  const { configurations } = environment;
  return {
    ...(configurations.includes("hosted-kubernetes") && {
      hosted: { user: { group: HOSTED_GROUP }, warmBuilders: warmBuildersOfClass(environment, "hosted") },
    }),
    ...(configurations.includes("custom-kubernetes") && {
      runner: {
        user: { serviceAccount: RUNNER_SERVICE_ACCOUNT },
        warmBuilders: warmBuildersOfClass(environment, "custom"),
      },
    }),
  };
}

function warmBuildersOf(environment: Environment): WarmBuildersSettings | undefined {
  const names = warmBuilderNames(environment);
  if (names.length === 0) return undefined;
  const { cpu, memoryGib, rootless, registryConcurrency, volumeIops, volumeThroughputMibps } =
    environment.builders;
  return {
    names,
    image: buildkitImage({ rootless }),
    resources: { milliCpu: toMilliCpu(cpu), memoryMib: gibToMib(memoryGib) },
    registryConcurrency,
    rootless,
    volumeGib: builderVolumeGib(environment) ?? DEFAULT_WARM_VOLUME_GIB,
    volumeIops,
    volumeThroughputMibps,
    nodeSelector: BUILDER_NODES,
    tolerations: [BUILDERS_TOLERATION],
  };
}

function allowancesOf(environment: Environment): PodAllowance[] {
  const { runners, builders } = environment;
  const docker = needsOf(environment.configurations).dockerInRunner;
  const largest = {
    runner: {
      milliCpu: toMilliCpu(Math.max(runners.agentCpu, docker ? runners.cpu : 0)),
      memoryMib: gibToMib(Math.max(runners.agentMemoryGib, docker ? runners.memoryGib : 0)),
    },
    builder: { milliCpu: toMilliCpu(builders.cpu), memoryMib: gibToMib(builders.memoryGib) },
  };
  return buildPods(environment)
    .filter(({ count }) => count > 0)
    .map(({ name, count, milliCpu, memoryMib }) => ({
      milliCpu,
      memoryMib,
      count: name === "runner" ? count * RUNNER_ROLLOUT_FACTOR : count,
      largestContainer: name === "runner" ? largest.runner : largest.builder,
    }));
}

function runnersProps(environment: Environment, { cluster }: ClusterStack) {
  const { name, github, runners, configurations } = environment;
  const resources = (cpu: number, gib: number): Resources => ({
    milliCpu: toMilliCpu(cpu),
    memoryMib: gibToMib(gib),
  });
  return {
    region: environment.region,
    cluster,
    deployment: {
      name: "runner",
      namespace: BUILD_NAMESPACE,
      repository: `${github.owner}/${github.repository}`,
      labels: runnerLabels(name, runners.labels),
      minReplicas: runners.minReplicas,
      maxReplicas: runners.maxReplicas,
      resources: resources(runners.agentCpu, runners.agentMemoryGib),
      dockerResources: needsOf(configurations).dockerInRunner
        ? resources(runners.cpu, runners.memoryGib)
        : undefined,
      serviceAccountName: RUNNER_SERVICE_ACCOUNT,
      kubernetesAccess: configurations.includes("custom-kubernetes"),
      nodeSelector: BUILDER_NODES,
      tolerations: [BUILDERS_TOLERATION],
    },
  };
}
