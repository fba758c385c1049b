import { expect, test } from "vitest";
import { successRecord } from "../../../measure/experiment/build-record";
import { newPlan } from "../../../measure/experiment/experiment-plan";
import { parseRunOptions } from "../../../measure/experiment/options";
import { type Progress, parseProgress } from "../../../measure/record/progress";
import { targetOf } from "./harness";

const target = targetOf("http://127.0.0.1:1");
const plan = newPlan(parseRunOptions({ rounds: "1" }), target, "main", 0);
const context = {
  ...{ target, plan, recordedAt: "2026-01-02T03:04:05Z" },
  build: {
    round: 1,
    configuration: "hosted-default",
    variant: plan.variants[0]?.name ?? "custom",
    attempt: 1,
  },
} as const;
const recordOf = (progress: Progress) =>
  successRecord(context, {
    timings: { ok: true, startedAt: "2026-01-02T03:00:00Z", seconds: { build: 300 } },
    facts: {
      ...{ schema: 1, environment: "c5n", configuration: "hosted-default", round: 1, cache: "none" },
      ...{ experiment: plan.experiment, output: "default", dockerfile: "image" },
      ...{ startedAt: "2026-01-02T03:00:00Z", finishedAt: "2026-01-02T03:05:00Z" },
      machine: { cpus: 2, memoryBytes: 8e9, instanceType: null, region: null },
      limits: { cpus: 2, memoryBytes: 7e9 },
      versions: { buildx: "v1", buildkit: "v2" },
      image: {
        reference: "r",
        digest: `sha256:${"a".repeat(64)}`,
        compressedBytes: 1,
        unpackedBytes: null,
        layers: [1],
      },
    },
    progress,
  });
const lasting = (seconds: number): Progress => ({ ...parseProgress(""), wallSeconds: seconds });

test("leaves phases out that take longer than GitHub saw the build take, and says so", () => {
  const record = recordOf(lasting(3 * 3600));
  expect(record).not.toHaveProperty("phases");
  expect(record.detail).toMatch(/the builder's clock was set meanwhile/);
});

test("keeps phases that end within the two seconds that rounding takes", () => {
  const record = recordOf(lasting(301.9));
  expect(record.phases).toBeDefined();
  expect(record).not.toHaveProperty("detail");
});
