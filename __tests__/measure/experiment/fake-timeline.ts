import type { Configuration } from "../../../environment/configurations";
import { VARIANTS } from "../../../environment/variants";

/** What becomes of one dispatched run; the defaults are a build that succeeds. */
export interface RunScript {
  /** False: GitHub takes the dispatch and no run ever shows. */
  readonly appears?: boolean;
  /** Looks at the list of runs before the run is in it. */
  readonly hiddenPolls?: number;
  /** Looks at the run while it is queued. @default 0 */
  readonly queuedPolls?: number;
  /** Looks at the run while it runs. @default 1 */
  readonly runningPolls?: number;
  /** Of the run; the job's is the same unless given. */
  readonly conclusion?: string;
  readonly jobConclusion?: string;
  /** Of the step "Build and push". */
  readonly stepConclusion?: string;
  /** No job of the configuration at all, as after a startup failure. */
  readonly noJob?: boolean;
  /** Looks at the jobs after the run's end in which its job still seems to run. */
  readonly laggingJobPolls?: number;
  readonly artifact?: ArtifactScript;
  /** Looks at the list of artifacts before the artifact is in it. */
  readonly artifactHiddenPolls?: number;
}

export type ArtifactScript =
  | "good"
  | "missing"
  | "expired"
  | "gone"
  | "not-a-zip"
  | "truncated-zip"
  | "no-facts"
  | "no-progress"
  | "facts-not-json"
  | "facts-newer"
  | "other-build"
  | "other-variant"
  | "other-digest"
  | "empty-progress";

/**
 * Seconds on the fake's own clock. A build is as long as its name, so that no two are equal; the original's image
 * takes three times as long.
 */
export function timesOf(configuration: Configuration, image: string = VARIANTS.fast.image) {
  const queue = configuration.startsWith("hosted") ? 6 : 31;
  const setup = configuration.endsWith("kubernetes") ? 95 : 14;
  const build = (300 + configuration.length) * (image === VARIANTS.original.image ? 3 : 1);
  return { queue, setup, build, after: 9 };
}
