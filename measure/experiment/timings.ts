import type { SuccessRecord } from "../record/record";
import type { Job, Step } from "./github/shapes";

export type Seconds = SuccessRecord["seconds"];

export type Timings =
  | { readonly ok: true; readonly seconds: Seconds; readonly startedAt: string }
  | { readonly ok: false; readonly problem: string };

/**
 * Wall times of a successful job, from the Jobs API, which rounds to whole seconds. The build's own time is
 * needed; the others are left out where the API leaves a time out. A time that runs backwards is no time:
 * beyond the one second that rounding explains, the record is refused.
 */
export function timingsOf(job: Job, step: Step): Timings {
  const build = between(step.started_at, step.completed_at);
  const queue = between(job.created_at, job.started_at);
  const setup = between(job.started_at, step.started_at);
  const whole = between(job.started_at, job.completed_at);
  if (build === undefined || step.started_at == null) {
    return { ok: false, problem: `GitHub gave no start or end of the step "${step.name}"` };
  }
  const all = { queue, setup, build, job: whole };
  const backwards = Object.entries(all).flatMap(([name, value]) =>
    value !== undefined && value < -1 ? [name] : [],
  );
  if (backwards.length > 0)
    return { ok: false, problem: `GitHub's times run backwards: ${backwards.join(", ")}` };
  return {
    ok: true,
    startedAt: step.started_at,
    seconds: {
      ...(queue !== undefined && { queue: Math.max(0, queue) }),
      ...(setup !== undefined && { setup: Math.max(0, setup) }),
      build: Math.max(0, build),
      ...(whole !== undefined && { job: Math.max(0, whole) }),
    },
  };
}

/** Seconds, or undefined when an end is missing. */
function between(from: string | null | undefined, to: string | null | undefined): number | undefined {
  return from == null || to == null ? undefined : (Date.parse(to) - Date.parse(from)) / 1_000;
}
