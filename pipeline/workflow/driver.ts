import { DO_NOT_DISRUPT } from "../../constructs/do-not-disrupt";
import { cpuQuantity, memoryQuantity } from "../../constructs/quantity";
import type { Configuration } from "../../environment/configurations";
import type { Environment } from "../../environment/environment";
import { instanceTypeOf } from "../../environment/instance-type";
import { BUILD_NAMESPACE, BUILDERS_LABEL } from "../../environment/names";
import { gibToMib, toMilliCpu } from "../../environment/pods";
import { buildkitImage } from "../../environment/toolchain";
import { builderVolumeGib } from "../../environment/warm-builders";

/** A fresh node takes about 90 s, and the driver's own default is 120 s. */
const BOOT_TIMEOUT = "10m";
/**
 * Lets no build ask for the host's network or for a privileged container. It must name some entitlement: without flags
 * setup-buildx-action grants both, and buildx itself grants network.host to flags that name none (parseBuildkitdFlags in
 * its builder/builder.go). BuildKit grants `device` anyway, which is nothing where no devices are set up.
 */
export const BUILDKITD_FLAGS = "--allow-insecure-entitlement=device";

/** CPUs and memory that a build gets, the same in every configuration of a sound environment. */
export function buildResources(environment: Environment, configuration: Configuration) {
  const { cpu, memoryGib } = configuration.endsWith("-kubernetes")
    ? environment.builders
    : environment.runners;
  return { cpu, memoryGib };
}

const keyValues = (pairs: Readonly<Record<string, string>>) =>
  Object.entries(pairs)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
/** An option whose value holds commas: buildx reads options as CSV. */
const quoted = (option: string) => `"${option}"`;

/** `driver-opts` of setup-buildx-action. */
export function driverOptions(environment: Environment, configuration: Configuration): string[] {
  const { cpu, memoryGib } = buildResources(environment, configuration);
  return configuration.endsWith("-kubernetes")
    ? kubernetesOptions(environment, cpu, memoryGib)
    : containerOptions(cpu, memoryGib);
}

/** Half a machine is kept from the build where the machine is larger than a builder pod. */
function containerOptions(cpu: number, memoryGib: number): string[] {
  return [
    `image=${buildkitImage({ rootless: false })}`,
    "cpu-period=100000",
    `cpu-quota=${cpu * 100_000}`,
    `memory=${gibToMib(memoryGib)}m`,
    `memory-swap=${gibToMib(memoryGib)}m`,
  ];
}

function kubernetesOptions(environment: Environment, cpu: number, memoryGib: number): string[] {
  const cpus = cpuQuantity(toMilliCpu(cpu));
  const memory = memoryQuantity(gibToMib(memoryGib));
  const { key, value } = BUILDERS_LABEL;
  const { rootless, rootInMemoryGib } = environment.builders;
  const volumeGib = builderVolumeGib(environment);
  return [
    `image=${buildkitImage({ rootless })}`,
    `namespace=${BUILD_NAMESPACE}`,
    "replicas=1",
    `timeout=${BOOT_TIMEOUT}`,
    `requests.cpu=${cpus}`,
    `requests.memory=${memory}`,
    `limits.cpu=${cpus}`,
    `limits.memory=${memory}`,
    `nodeselector=${key}=${value}`,
    quoted(`tolerations=key=${key},operator=Equal,value=${value},effect=NoSchedule`),
    quoted(`annotations=${keyValues(DO_NOT_DISRUPT)}`),
    ...(rootless ? ["rootless=true"] : []),
    ...(rootInMemoryGib === undefined ? [] : [`buildkit-root-volume-memory=${rootInMemoryGib}Gi`]),
    // A warm builder is looked for as a StatefulSet only when storage is asked for.
    ...(volumeGib === undefined ? [] : [`persistent-volume-claim.requests.storage=${volumeGib}Gi`]),
  ];
}

/** What the machine is, where the job cannot see it: a job that drives a pod knows its own machine only. */
export function machineFacts(environment: Environment, configuration: Configuration) {
  const type = instanceTypeOf(environment);
  if (configuration === "hosted-default") return {};
  return {
    MACHINE_TYPE: type.name,
    MACHINE_REGION: environment.region,
    ...(configuration === "hosted-kubernetes" && {
      MACHINE_CPUS: String(type.vcpu),
      MACHINE_MEMORY_BYTES: String(gibToMib(type.memoryGib) * 1024 * 1024),
    }),
  };
}
