import { INTERFACE_SERVICES } from "../constructs/interface-services";
import { PRICES } from "./aws-facts";
import { type Configuration, needsOf } from "./configurations";
import type { Environment } from "./environment";
import { instanceTypeOf } from "./instance-type";
import { SYSTEM_NODES } from "./system-nodes";
import { builderCount, builderVolumeGib } from "./warm-builders";
import { zoneNames } from "./zones";

/** One line of a bill. */
export interface CostItem {
  readonly what: string;
  readonly usd: number;
}

/** Hours of a month, as AWS's calculator has them. */
const HOURS = 730;
/**
 * Compressed size of the experiment's image in GB (pipeline/image/README.md, measured): what a build downloads, and what it
 * pushes. In the cluster the former comes through the NAT gateway, the latter leaves through ECR's interface endpoint.
 */
const IMAGE_GB = 2.9;

/** US dollars a month of a gp3 volume; 3,000 IOPS and 125 MiB/s are in the price of its size. */
const gp3Cost = (gib: number, iops: number, mibps: number) =>
  gib * PRICES.gp3PerGbMonth +
  (iops - 3000) * PRICES.gp3PerIopsMonthAbove3000 +
  (mibps - 125) * PRICES.gp3PerMibpsMonthAbove125;

/**
 * What an environment costs a month while nothing is built, in US dollars at the prices of
 * aws-facts.json. Without image storage, logs and traffic.
 */
export function monthlyCost(environment: Environment, builderNodes: number): CostItem[] {
  const needs = needsOf(environment.configurations);
  const images: CostItem[] =
    environment.images.encryption === "KMS"
      ? [{ what: "KMS key of the images", usd: PRICES.kmsKeyPerMonth }]
      : [];
  if (!needs.cluster) return images;

  const type = instanceTypeOf(environment);
  const zones = zoneNames(environment.region, environment.availabilityZones).length;
  const gateways = environment.natGateways === "one" ? 1 : zones;
  const { nodes } = environment;
  const builderVolume = gp3Cost(nodes.volumeGib, nodes.volumeIops, nodes.volumeThroughputMibps);
  const warmGib = builderVolumeGib(environment);
  const { builders } = environment;
  return [
    { what: "EKS control plane", usd: PRICES.controlPlanePerHour * HOURS },
    { what: `${builderNodes} x ${type.name}`, usd: builderNodes * type.usdPerHour * HOURS },
    {
      what: `${SYSTEM_NODES.minSize} x ${SYSTEM_NODES.instanceType.name}`,
      usd: SYSTEM_NODES.minSize * SYSTEM_NODES.instanceType.usdPerHour * HOURS,
    },
    {
      what: "node volumes",
      usd:
        builderNodes * builderVolume + SYSTEM_NODES.minSize * SYSTEM_NODES.volumeGib * PRICES.gp3PerGbMonth,
    },
    ...(warmGib === undefined
      ? []
      : [
          {
            what: "warm builders' volumes",
            usd:
              builderCount(environment) *
              gp3Cost(warmGib, builders.volumeIops, builders.volumeThroughputMibps),
          },
        ]),
    {
      what: gateways === 1 ? "NAT gateway" : `${gateways} NAT gateways`,
      usd: gateways * (PRICES.natGatewayPerHour + PRICES.publicIpv4PerHour) * HOURS,
    },
    {
      what: `${INTERFACE_SERVICES.length} interface endpoints in ${zones} zones`,
      usd: INTERFACE_SERVICES.length * zones * PRICES.interfaceEndpointPerHourAndZone * HOURS,
    },
    { what: "KMS key of the secrets", usd: PRICES.kmsKeyPerMonth },
    ...images,
  ];
}

/** What a build is given: CPUs, and memory in bytes. */
export interface BuildLimits {
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** The share of a node that a build takes from others: the larger of its CPU's and its memory's, at most 1. */
export function nodeShare(
  limits: BuildLimits,
  node: { readonly vcpu: number; readonly memoryGib: number },
): number {
  return Math.min(1, Math.max(limits.cpus / node.vcpu, limits.memoryBytes / (node.memoryGib * 2 ** 30)));
}

/**
 * What one build of some minutes costs in US dollars: GitHub's minutes (none for a public repository), its share of
 * a node, and the network. Idle nodes are in {@link monthlyCost}.
 */
export function buildCost(environment: Environment, configuration: Configuration, minutes: number): number {
  const needs = needsOf([configuration]);
  const hosted = needs.hostedRole ? Math.ceil(minutes) * PRICES.hostedRunnerPerMinute : 0;
  if (!needs.cluster) return hosted;

  const type = instanceTypeOf(environment);
  const { cpu, memoryGib } = needs.builders ? environment.builders : environment.runners;
  const share = nodeShare({ cpus: cpu, memoryBytes: memoryGib * 2 ** 30 }, type);
  const network = IMAGE_GB * (PRICES.natPerGb + PRICES.interfaceEndpointPerGb);
  return hosted + (minutes / 60) * share * type.usdPerHour + network;
}

export const total = (items: readonly CostItem[]) => items.reduce((sum, { usd }) => sum + usd, 0);
