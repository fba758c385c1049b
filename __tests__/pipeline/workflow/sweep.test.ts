import { expect, test } from "vitest";
import { needsOf } from "../../../environment/configurations";
import { workflowFiles } from "../../../pipeline/workflow/files";
import { loadOne, SUBSETS } from "../../helpers/input";
import { asObject, asText } from "../../helpers/json";
import { jobsOf, stepOf, stepsOf, workflowOf } from "./rendered";

const named = SUBSETS.map((configurations) => ({ configurations, label: configurations.join(" + ") }));

test.each(named)("$label: a sweep exactly where there are builders to leave", ({ configurations }) => {
  const paths = workflowFiles(loadOne({ configurations: [...configurations] })).map(({ path }) => path);
  const expected = needsOf(configurations).builders ? [".github/workflows/sweep-demo.yml"] : [];
  expect(paths).toEqual([".github/workflows/experiment-demo.yml", ...expected]);
});

test("no sweep where builders are warm: no job makes one", () => {
  const paths = workflowFiles(loadOne({ builders: { mode: "warm" } })).map(({ path }) => path);
  expect(paths).toEqual([".github/workflows/experiment-demo.yml"]);
});

function sweepJob(...configurations: Parameters<typeof needsOf>[0]) {
  return asObject(jobsOf(workflowOf(loadOne({ configurations: [...configurations] }), "sweep")).sweep);
}

test("runs outside of the cluster where its API is public", () => {
  const job = sweepJob("hosted-kubernetes", "custom-kubernetes");
  expect(job["runs-on"]).toBe("ubuntu-24.04");
  expect(job.permissions).toEqual({ contents: "read", "id-token": "write" });
  expect(stepsOf(job).map((step) => step.name)).toEqual([
    "Check out",
    "Assume the role of hosted jobs",
    "Sweep",
  ]);
  expect(stepOf(job, "Sweep").run).toBe(
    "python3 pipeline/scripts/sweep.py --namespace buildx --older-than 90 --cluster buildx-demo --region us-west-2",
  );
});

test("runs in the cluster where its API is private, with nothing but the pod's own rights", () => {
  const job = sweepJob("hosted-default", "custom-kubernetes");
  expect(job["runs-on"]).toEqual(["self-hosted", "custom-runner", "buildx-demo"]);
  expect(job.permissions).toEqual({ contents: "read" });
  expect(stepsOf(job).map((step) => step.name)).toEqual(["Check out", "Sweep"]);
  expect(stepOf(job, "Sweep").run).toBe(
    "python3 pipeline/scripts/sweep.py --namespace buildx --older-than 90",
  );
});

test("every hour, one at a time, and not before the environment is deployed", () => {
  const workflow = workflowOf(loadOne(), "sweep");
  expect(workflow.on).toEqual({ schedule: [{ cron: "17 * * * *" }], workflow_dispatch: null });
  expect(workflow.permissions).toEqual({});
  expect(workflow.concurrency).toEqual({ group: "sweep-demo", "cancel-in-progress": false });
  const job = sweepJob("custom-kubernetes");
  expect(job.if).toBe("vars.BUILDX_DEMO_IMAGE_REPOSITORY != ''");
  expect(job["timeout-minutes"]).toBe(10);
});

test("takes no builder that a job may still use", () => {
  const experiment = Object.values(jobsOf(workflowOf(loadOne())));
  const age = Number(
    /--older-than (\d+)/.exec(asText(stepOf(sweepJob("custom-kubernetes"), "Sweep").run))?.[1],
  );
  for (const job of experiment) expect(age).toBeGreaterThan(Number(job["timeout-minutes"]));
});
