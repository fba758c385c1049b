import { describe, expect, test } from "vitest";
import type { Job, Run, Step } from "../../../measure/experiment/github/shapes";
import { jobOf, judge } from "../../../measure/experiment/outcome";
import { timingsOf } from "../../../measure/experiment/timings";

const RUN: Run = {
  id: 1,
  status: "completed",
  conclusion: "success",
  html_url: "https://github.com/o/r/actions/runs/1",
  created_at: "2026-01-20T09:42:40Z",
};
const STEP: Step = {
  name: "Build and push",
  status: "completed",
  conclusion: "success",
  started_at: "2026-01-20T17:43:00.000Z",
  completed_at: "2026-01-20T17:50:00.000Z",
};
const JOB: Job = {
  id: 2,
  name: "hosted-default",
  status: "completed",
  conclusion: "success",
  created_at: "2026-01-20T17:42:00Z",
  started_at: "2026-01-20T17:42:30Z",
  completed_at: "2026-01-20T17:50:10Z",
  steps: [STEP],
};

describe("the job of a configuration", () => {
  test.each(["hosted-default", "Build (hosted-default)", "experiment / hosted-default"])("is %s", (name) => {
    expect(
      jobOf(
        [
          { ...JOB, name: "sweep" },
          { ...JOB, name },
        ],
        "hosted-default",
      )?.name,
    ).toBe(name);
  });

  test.each(["hosted-kubernetes", "hosted-default-2", "not-hosted-default"])("is not %s", (name) => {
    expect(jobOf([{ ...JOB, name }], "hosted-default")).toBeUndefined();
  });

  test("is the one of that very name when another holds it too", () => {
    expect(jobOf([{ ...JOB, id: 9, name: "check hosted-default" }, JOB], "hosted-default")?.id).toBe(2);
  });
});

describe("the verdict", () => {
  test.each([
    ["success", "success"],
    ["failure", "failure"],
    ["cancelled", "cancelled"],
    ["timed_out", "timed_out"],
    ["skipped", "skipped"],
    ["neutral", "failure"],
    ["stale", "failure"],
    ["action_required", "failure"],
  ])("on a job that ended as %s is %s", (conclusion, outcome) => {
    expect(judge(RUN, [{ ...JOB, conclusion }], "hosted-default").outcome).toBe(outcome);
  });

  test("is the job's and not the run's: a clean-up that failed spoils no build", () => {
    expect(judge({ ...RUN, conclusion: "failure" }, [JOB], "hosted-default").outcome).toBe("success");
    expect(judge(RUN, [{ ...JOB, conclusion: "failure" }], "hosted-default").outcome).toBe("failure");
  });

  test("on a job without a word of its own is the run's, and never a success", () => {
    const silent = [{ ...JOB, conclusion: null }];
    expect(judge({ ...RUN, conclusion: "cancelled" }, silent, "hosted-default").outcome).toBe("cancelled");
    expect(judge(RUN, silent, "hosted-default").outcome).toBe("failure");
  });

  test.each([
    ["success", "success"],
    ["skipped", "skipped"],
    ["cancelled", "cancelled"],
    ["failure", "failure"],
    [null, "failure"],
  ])("on a job that succeeded around a build step that ended as %s is %s", (conclusion, outcome) => {
    expect(judge(RUN, [{ ...JOB, steps: [{ ...STEP, conclusion }] }], "hosted-default").outcome).toBe(
      outcome,
    );
  });

  test("needs the build step", () => {
    const verdict = judge(RUN, [{ ...JOB, steps: [{ ...STEP, name: "Build" }] }], "hosted-default");
    expect(verdict).toMatchObject({
      outcome: "failure",
      detail: 'the job has no step named "Build and push"',
    });
  });
});

describe("the times", () => {
  test("are the differences in seconds", () => {
    expect(timingsOf(JOB, STEP)).toEqual({
      ok: true,
      startedAt: "2026-01-20T17:43:00.000Z",
      seconds: { queue: 30, setup: 30, build: 420, job: 460 },
    });
  });

  test("leave out what an older server does not tell", () => {
    const { created_at: _, ...older } = JOB;
    expect(timingsOf(older, STEP)).toMatchObject({ ok: true, seconds: { setup: 30, build: 420, job: 460 } });
    expect(timingsOf(older, STEP)).not.toHaveProperty("seconds.queue");
  });

  test("need the build's own", () => {
    expect(timingsOf(JOB, { ...STEP, completed_at: null })).toMatchObject({ ok: false });
    expect(timingsOf(JOB, { ...STEP, started_at: null })).toMatchObject({ ok: false });
  });

  test("may run backwards by the second of rounding, and by no more", () => {
    const by = (seconds: number) => ({ ...JOB, created_at: `2026-01-20T17:42:${30 + seconds}Z` });
    expect(timingsOf(by(1), STEP)).toMatchObject({ ok: true, seconds: { queue: 0 } });
    expect(timingsOf(by(2), STEP)).toEqual({ ok: false, problem: "GitHub's times run backwards: queue" });
  });
});
