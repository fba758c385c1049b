import type { Cache } from "../../environment/caches";
import type { Configuration } from "../../environment/configurations";
import type { BuildVariant } from "../../environment/variants";

/** What the runner has to know of one environment. Everything else it reads from GitHub. */
export interface ExperimentTarget {
  readonly environment: string;
  readonly owner: string;
  readonly repository: string;
  /** @default - the environment names no ids */
  readonly ownerId?: number | undefined;
  /** @default - the environment names no ids */
  readonly repositoryId?: number | undefined;
  /** File name below .github/workflows, `experiment-<environment>.yml`. */
  readonly workflowFile: string;
  /** The configurations that this environment provisions. */
  readonly configurations: readonly Configuration[];
  /** Image repositories that the workflow pushes to; the first unless the command line says otherwise. */
  readonly imageRepositories: readonly string[];
  readonly instanceType: string;
  readonly region: string;
  /** What the workflow builds, and how, unless the command line says otherwise. */
  readonly build: BuildVariant & { readonly cache: Cache };
  /** Base URL of the REST API; `https://HOST/api/v3` on GitHub Enterprise Server. */
  readonly apiUrl: string;
  /** Names of the repository (or organization) variables that the workflow reads. */
  readonly requiredVariables: readonly string[];
  /**
   * US dollars of one build, runner and node time included.
   * @default - the cost is not estimated
   */
  readonly costPerBuildUsd?: Readonly<Partial<Record<Configuration, number>>>;
}

/** Loads one environment's target. Rejects with an InvalidInput that names the environments there are. */
export type LoadTarget = (environment: string) => Promise<ExperimentTarget>;
