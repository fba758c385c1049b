import { needsOf } from "../../environment/configurations";
import type { Environment } from "../../environment/environment";
import { BUILD_NAMESPACE, namesOf, runnerLabels } from "../../environment/names";
import { JOB_TIMEOUT_MINUTES } from "./experiment";
import { assumeRole, checkOut } from "./steps";
import { HOSTED_RUNNER } from "./toolchain";
import { variableNames } from "./variables";

/** A builder older than this is nobody's: its job has timed out. */
const OLD_MINUTES = JOB_TIMEOUT_MINUTES + 30;

/**
 * The workflow that removes builders which a cancelled or lost job left behind, every hour.
 *
 * @returns undefined for an environment in which no job makes a builder pod
 */
export function sweepWorkflow(environment: Environment): object | undefined {
  const needs = needsOf(environment.configurations);
  if (!needs.builders || environment.builders.mode === "warm") return undefined;
  const { name, region } = environment;
  const hosted = needs.publicApiEndpoint;
  const cluster = namesOf(name).cluster.value;
  return {
    name: `Sweep builders ${name}`,
    on: { schedule: [{ cron: "17 * * * *" }], workflow_dispatch: null },
    permissions: {},
    concurrency: { group: `sweep-${name}`, "cancel-in-progress": false },
    jobs: {
      sweep: {
        name: "Remove builders that were left",
        // Set by the deploy; without it there is no cluster to sweep.
        if: [...variableNames(environment).imageRepositories.values()]
          .map((variable) => `vars.${variable} != ''`)
          .join(" || "),
        "runs-on": hosted
          ? HOSTED_RUNNER
          : ["self-hosted", ...runnerLabels(name, environment.runners.labels)],
        "timeout-minutes": 10,
        permissions: { contents: "read", ...(hosted && { "id-token": "write" }) },
        steps: [
          checkOut,
          ...(hosted ? [assumeRole(environment)] : []),
          {
            name: "Sweep",
            run: `python3 pipeline/scripts/sweep.py --namespace ${BUILD_NAMESPACE} --older-than ${OLD_MINUTES}${hosted ? ` --cluster ${cluster} --region ${region}` : ""}`,
          },
        ],
      },
    },
  };
}
