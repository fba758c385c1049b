import { monthlyCost, total } from "../../environment/cost";
import type { Environment } from "../../environment/environment";

/** Cost of each idle environment in US dollars a month, its least number of builder nodes included, by name. */
export function fixedCosts(environments: readonly Environment[]): ReadonlyMap<string, number> {
  return new Map(
    environments.map((environment) => [
      environment.name,
      total(monthlyCost(environment, environment.nodes.minSize)),
    ]),
  );
}
