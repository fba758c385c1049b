import type { Resources } from "../constructs/quantity";
import type { PodGroup } from "./capacity";
import { needsOf } from "./configurations";
import type { Environment } from "./environment";
import { builderCount } from "./warm-builders";

export const gibToMib = (gib: number) => gib * 1024;
export const toMilliCpu = (cpu: number) => cpu * 1000;

/** A runner pod: its agent and, where jobs build in it, the Docker sidecar. */
export function runnerPod(environment: Pick<Environment, "runners" | "configurations">): Resources {
  const { runners } = environment;
  const docker = needsOf(environment.configurations).dockerInRunner;
  return {
    milliCpu: toMilliCpu(runners.agentCpu + (docker ? runners.cpu : 0)),
    memoryMib: gibToMib(runners.agentMemoryGib + (docker ? runners.memoryGib : 0)),
  };
}

/** All pods that the builder nodes must hold at once. */
export function buildPods(
  environment: Pick<Environment, "runners" | "builders" | "configurations">,
): PodGroup[] {
  const needs = needsOf(environment.configurations);
  const { runners, builders } = environment;
  return [
    { name: "runner", count: needs.runners ? runners.maxReplicas : 0, ...runnerPod(environment) },
    {
      name: "builder",
      count: builderCount(environment),
      milliCpu: toMilliCpu(builders.cpu),
      memoryMib: gibToMib(builders.memoryGib),
    },
  ];
}
