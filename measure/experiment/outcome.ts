import type { Configuration } from "../../environment/configurations";
import type { Outcome } from "../record/record";
import type { Job, Run, Step } from "./github/shapes";

/** The step whose time is the build. */
export const BUILD_STEP = "Build and push";

/** What a finished run says of one configuration's build. The artifact may still spoil a success. */
export type Verdict =
  | { readonly outcome: "success"; readonly job: Job; readonly step: Step }
  | { readonly outcome: Exclude<Outcome, "success">; readonly detail: string; readonly job?: Job };

/** The job of one configuration: its name is the configuration, or holds it as a word of its own. */
export function jobOf(jobs: readonly Job[], configuration: Configuration): Job | undefined {
  const word = new RegExp(`(^|[^a-z0-9-])${configuration}($|[^a-z0-9-])`);
  return jobs.find(({ name }) => name === configuration) ?? jobs.find(({ name }) => word.test(name));
}

/** Judges a completed run. Only a job and a build step that both succeeded are a success. */
export function judge(run: Run, jobs: readonly Job[], configuration: Configuration): Verdict {
  const job = jobOf(jobs, configuration);
  if (job === undefined) {
    const outcome = run.conclusion === "success" ? "skipped" : unsuccessful(run.conclusion);
    return { outcome, detail: `the run ended as ${run.conclusion} without a job for ${configuration}` };
  }
  if (job.conclusion !== "success") {
    // A run that was cancelled or timed out as a whole may leave its job without a word.
    const conclusion = job.conclusion ?? run.conclusion;
    return { outcome: unsuccessful(conclusion), detail: describe(job, conclusion), job };
  }
  const step = job.steps.find(({ name }) => name === BUILD_STEP);
  if (step?.conclusion === "success") return { outcome: "success", job, step };
  if (step === undefined) {
    return { outcome: "failure", detail: `the job has no step named "${BUILD_STEP}"`, job };
  }
  return {
    outcome: unsuccessful(step.conclusion),
    detail: `the step "${BUILD_STEP}" ended as ${step.conclusion}`,
    job,
  };
}

/** GitHub's other conclusions (startup_failure, action_required, stale, neutral) are failures of the build too. */
function unsuccessful(conclusion: string | null): Exclude<Outcome, "success"> {
  return conclusion === "cancelled" || conclusion === "timed_out" || conclusion === "skipped"
    ? conclusion
    : "failure";
}

function describe(job: Job, conclusion: string | null): string {
  const step = job.steps.find((candidate) => candidate.conclusion === conclusion && conclusion !== "skipped");
  return `the job ended as ${conclusion}${step === undefined ? "" : ` in the step "${step.name}"`}`;
}
