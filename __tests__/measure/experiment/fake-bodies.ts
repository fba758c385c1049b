import type { Configuration } from "../../../environment/configurations";
import { type RunScript, timesOf } from "./fake-timeline";

export const OWNER = "your-organization";
export const REPOSITORY = "large-python-container";
export const OWNER_ID = 9919;
export const REPOSITORY_ID = 1296269;
export const SHA = "009b8a3a9ccbb128af87f9b1c0f4c62e8a304f6d";

/** One run, and how often it was looked at: that is what its time passes by. */
export interface FakeRun {
  readonly id: number;
  readonly inputs: Readonly<Record<string, string>>;
  readonly configuration: Configuration;
  readonly createdAt: number;
  readonly script: RunScript;
  looks: number;
  listPolls: number;
  jobPolls: number;
  artifactPolls: number;
  cancelled: boolean;
}

type Status = "queued" | "in_progress" | "completed";

export function statusOf({ looks, cancelled, script }: FakeRun): Status {
  if (cancelled) return "completed";
  const queued = script.queuedPolls ?? 0;
  if (looks <= queued) return "queued";
  return looks <= queued + (script.runningPolls ?? 1) ? "in_progress" : "completed";
}

function conclusionOf(run: FakeRun): string {
  return run.cancelled ? "cancelled" : (run.script.conclusion ?? "success");
}

export function jobBody(run: FakeRun, index: number, status: Status) {
  const times = timesOf(run.configuration, run.inputs.image);
  const at = (seconds: number) => iso(run.createdAt + seconds * 1_000);
  const started = times.queue;
  const building = started + times.setup;
  const built = building + times.build;
  const ended = built + times.after;
  const done = status === "completed";
  const conclusion = run.cancelled ? "cancelled" : (run.script.jobConclusion ?? conclusionOf(run));
  const step = (name: string, number: number, from: number, to: number, result: string) => ({
    name,
    status: done ? "completed" : number === 2 ? "in_progress" : "queued",
    conclusion: done ? result : null,
    number,
    started_at: done ? at(from) : null,
    completed_at: done ? at(to) : null,
  });
  return {
    id: run.id * 100 + index,
    run_id: run.id,
    run_attempt: 1,
    name: run.configuration,
    head_branch: "main",
    workflow_name: "Experiment",
    status,
    conclusion: done ? conclusion : null,
    created_at: at(0),
    started_at: status === "queued" ? at(0) : at(started),
    completed_at: done ? at(ended) : null,
    steps:
      status === "queued" || conclusion === "skipped"
        ? []
        : [
            step("Set up job", 1, started, building, "success"),
            step("Build and push", 2, building, built, run.script.stepConclusion ?? conclusion),
            step("Complete job", 3, built, ended, "success"),
          ],
    labels: ["ubuntu-24.04"],
    runner_id: 1,
    runner_name: "runner-1",
  };
}

export function skippedJob(run: FakeRun, configuration: Configuration, index: number) {
  return {
    id: run.id * 100 + index,
    run_id: run.id,
    run_attempt: 1,
    name: configuration,
    status: "completed",
    conclusion: "skipped",
    created_at: iso(run.createdAt),
    started_at: iso(run.createdAt),
    completed_at: iso(run.createdAt),
    steps: [],
    labels: [],
    runner_id: null,
    runner_name: null,
  };
}

export function htmlOf(run: FakeRun): string {
  return `https://github.com/${OWNER}/${REPOSITORY}/actions/runs/${run.id}`;
}

export function iso(time: number): string {
  return new Date(time).toISOString().replace(".000Z", "Z");
}

export function runBody(run: FakeRun, url: string) {
  const status = statusOf(run);
  return {
    id: run.id,
    name: `Experiment [${run.inputs.request}]`,
    node_id: "MDEyOldvcmtmbG93IFJ1bjI2OTI4OQ==",
    head_branch: "main",
    head_sha: SHA,
    path: ".github/workflows/experiment-c5n.yml",
    display_title: `${run.inputs.experiment} round ${run.inputs.round} [${run.inputs.request}]`,
    run_number: run.id - 30_433_000,
    event: "workflow_dispatch",
    status,
    conclusion: status === "completed" ? conclusionOf(run) : null,
    workflow_id: 161335,
    url,
    html_url: htmlOf(run),
    created_at: iso(run.createdAt),
    updated_at: iso(run.createdAt),
    run_started_at: iso(run.createdAt),
    run_attempt: 1,
    jobs_url: `${url}/jobs`,
    cancel_url: `${url}/cancel`,
    artifacts_url: `${url}/artifacts`,
  };
}
