import { fnv1a } from "../util/fnv1a";
import { type Configuration, needsOf } from "./configurations";
import { DEFAULT_WARM_VOLUME_GIB, type Environment } from "./environment";

/** Jobs on GitHub's machines and jobs on self-hosted runners each have warm builders of their own. */
export type RunnerClass = "hosted" | "custom";

type Builders = Pick<Environment, "builders" | "configurations">;

export const runnerClassOf = (configuration: Configuration): RunnerClass =>
  configuration.startsWith("hosted-") ? "hosted" : "custom";

/** Names of the warm builders of a class, `warm-hosted-a` and so on. */
function namesOfClass(runnerClass: RunnerClass, replicas: number): string[] {
  return Array.from({ length: replicas }, (_, i) => `warm-${runnerClass}-${String.fromCharCode(97 + i)}`);
}

/** Names of all warm builders that an environment's configurations use; none where each job makes its own. */
export function warmBuilderNames({ builders, configurations }: Builders): string[] {
  if (builders.mode !== "warm" || !needsOf(configurations).builders) return [];
  return configurations
    .filter((configuration) => configuration.endsWith("-kubernetes"))
    .flatMap((configuration) => namesOfClass(runnerClassOf(configuration), builders.replicas));
}

/**
 * The warm builder that builds an image: the same each time, so that it finds its own state there. A hash of the
 * repository's name spreads images over the builders of a class.
 */
export function warmBuilderFor(
  environment: Builders,
  configuration: Configuration,
  imageRepository: string,
): string {
  const { replicas } = environment.builders;
  return namesOfClass(runnerClassOf(configuration), replicas)[fnv1a(imageRepository) % replicas] ?? "";
}

/** Warm builders that build none of the environment's image repositories. */
export function idleWarmBuilders(environment: Builders & Pick<Environment, "images">): string[] {
  const used = environment.configurations.flatMap((configuration) =>
    environment.images.repositories.map((image) => warmBuilderFor(environment, configuration, image)),
  );
  return warmBuilderNames(environment).filter((name) => !used.includes(name));
}

/** GiB of each warm builder's volume; undefined where builders work on their node's disk. */
export function builderVolumeGib({ builders, configurations }: Builders): number | undefined {
  if (builders.mode !== "warm" || !needsOf(configurations).builders) return undefined;
  return builders.volumeGib ?? DEFAULT_WARM_VOLUME_GIB;
}

/** The warm builders that a configuration's jobs may use; undefined where each job makes its own. */
export function warmBuildersOfClass({ builders }: Builders, runnerClass: RunnerClass): string[] | undefined {
  return builders.mode === "warm" ? namesOfClass(runnerClass, builders.replicas) : undefined;
}

/** Builder pods that may be there at once. */
export function builderCount(environment: Builders): number {
  if (!needsOf(environment.configurations).builders) return 0;
  return environment.builders.mode === "warm"
    ? warmBuilderNames(environment).length
    : environment.builders.maxConcurrent;
}
