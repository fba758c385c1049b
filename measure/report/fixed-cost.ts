import { monthlyCost, total } from "../../environment/cost";
import { projectEnvironments } from "../../environment/project";

/**
 * What each environment of this project costs a month in US dollars while it is idle, its least number of
 * builder nodes included; by name. Records may come from an environment that is none of them. Loaded only
 * when a report has records, since it validates every environment.
 *
 * @throws InvalidInput when environments/ is not valid
 */
export async function fixedCosts(): Promise<ReadonlyMap<string, number>> {
  return new Map(
    (await projectEnvironments()).map((environment) => [
      environment.name,
      total(monthlyCost(environment, environment.nodes.minSize)),
    ]),
  );
}
