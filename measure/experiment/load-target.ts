import { githubOf } from "../../environment/github-host";
import { InvalidInput, show } from "../../util/invalid-input";
import { didYouMean } from "../../util/suggest";
import type { ExperimentTarget } from "./target";

/** For the estimate of the cost: the original's slowest build took 9m16s. */
const EXPECTED_MINUTES = 9;

/**
 * The experiment's view of one of the project's environments. Rejects with an InvalidInput when there is no
 * such environment, or when one of them is not valid.
 */
export async function loadTarget(name: string): Promise<ExperimentTarget> {
  const { environments, requiredVariables, buildCost } = await load();
  const environment = environments.find((candidate) => candidate.name === name);
  if (environment === undefined) {
    const names = environments.map((candidate) => candidate.name);
    throw new InvalidInput("no such environment:", [
      `no environment ${show(name)}; there are ${names.join(", ")}.${didYouMean(name, names)}`,
    ]);
  }
  return {
    environment: environment.name,
    owner: environment.github.owner,
    repository: environment.github.repository,
    ownerId: environment.github.ownerId,
    repositoryId: environment.github.repositoryId,
    workflowFile: `experiment-${environment.name}.yml`,
    configurations: environment.configurations,
    imageRepositories: environment.images.repositories,
    instanceType: environment.instanceType,
    region: environment.region,
    build: environment.build,
    apiUrl: githubOf(environment.github.issuer).apiUrl,
    requiredVariables: requiredVariables(environment),
    costPerBuildUsd: Object.fromEntries(
      environment.configurations.map((configuration) => [
        configuration,
        buildCost(environment, configuration, EXPECTED_MINUTES),
      ]),
    ),
  };
}

/** Imported late: `report` reads no environment. */
async function load() {
  const [{ projectEnvironments }, { requiredVariables }, { buildCost }] = await Promise.all([
    import("../../environment/project.js"),
    import("../../pipeline/workflow/variables.js"),
    import("../../environment/cost.js"),
  ]);
  return { environments: await projectEnvironments(), requiredVariables, buildCost };
}
