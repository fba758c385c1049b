import { needsOf } from "../../environment/configurations";
import type { Environment } from "../../environment/environment";
import { runnerLabels } from "../../environment/names";
import { experimentWorkflow } from "./experiment";
import { sweepWorkflow } from "./sweep";
import { toYaml } from "./yaml";

export interface WorkflowFile {
  /** Path in the repository. */
  readonly path: string;
  readonly content: string;
}

/** Where GitHub looks for workflows. */
export const WORKFLOWS = ".github/workflows";

/** Whether a file is one that an environment made. */
export const isMade = (content: string) =>
  /^# Made from environment \S+ by: (npm run|npx buildx-on-eks) workflow/.test(content);

/** What actionlint must know: the labels of runners that are not GitHub's. */
export function actionlintFile(environments: readonly Environment[]): WorkflowFile {
  const labels = environments
    .filter(({ configurations }) => needsOf(configurations).runners)
    .flatMap(({ name, runners }) => runnerLabels(name, runners.labels));
  const config = { "self-hosted-runner": { labels: [...new Set(labels)] } };
  const notice = "Made from all environments by: npx buildx-on-eks workflow.";
  return { path: ".github/actionlint.yaml", content: toYaml(config, notice) };
}

/** The workflow files of one environment. */
export function workflowFiles(environment: Environment): WorkflowFile[] {
  const { name } = environment;
  const notice = `Made from environment ${name} by: npx buildx-on-eks workflow ${name}. Change the environment, not this file.`;
  const sweep = sweepWorkflow(environment);
  return [
    {
      path: `${WORKFLOWS}/experiment-${name}.yml`,
      content: toYaml(experimentWorkflow(environment), notice),
    },
    ...(sweep ? [{ path: `${WORKFLOWS}/sweep-${name}.yml`, content: toYaml(sweep, notice) }] : []),
  ];
}
