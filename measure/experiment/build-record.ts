import type { Facts } from "../record/facts";
import type { Progress } from "../record/progress";
import {
  type BuildRecord,
  RECORD_SCHEMA,
  type SuccessRecord,
  type UnsuccessfulRecord,
} from "../record/record";
import type { BuildRef } from "./events";
import { type JournalPlan, variantOf } from "./journal";
import type { ExperimentTarget } from "./target";
import type { Timings } from "./timings";

export interface RecordContext {
  readonly target: ExperimentTarget;
  readonly plan: JournalPlan;
  readonly build: BuildRef;
  /** ISO 8601. */
  readonly recordedAt: string;
  readonly run?: { readonly id: number; readonly url: string };
  readonly jobId?: number;
}

export interface Measured {
  readonly timings: Extract<Timings, { ok: true }>;
  readonly facts: Facts;
  readonly progress: Progress;
}

export function unsuccessfulRecord(
  context: RecordContext,
  outcome: UnsuccessfulRecord["outcome"],
  detail: string,
): UnsuccessfulRecord {
  return { ...common(context), outcome, detail: cut(detail) };
}

export function successRecord(context: RecordContext, { timings, facts, progress }: Measured): SuccessRecord {
  const { instanceType } = facts.machine;
  const { unpackedBytes, ...image } = facts.image;
  // The whole time is of GitHub's clock, the phases of the builder's: both in whole seconds at either end.
  const clockWasSet = (progress.wallSeconds ?? 0) > timings.seconds.build + CLOCK_TOLERANCE;
  const remarks = clockWasSet ? CLOCK_WAS_SET : remarksOf(progress);
  return {
    ...common(context),
    outcome: "success",
    ...(remarks !== "" && { detail: remarks }),
    startedAt: timings.startedAt,
    seconds: timings.seconds,
    ...(!clockWasSet && { phases: progress.phases }),
    machine: {
      cpus: facts.machine.cpus,
      memoryBytes: facts.machine.memoryBytes,
      ...(instanceType !== null && { instanceType }),
    },
    limits: facts.limits,
    versions: facts.versions,
    image: { ...image, ...(unpackedBytes !== null && { unpackedBytes }) },
  };
}

function common({ target, plan, build, recordedAt, run, jobId }: RecordContext) {
  const { image, output } = variantOf(plan, build);
  return {
    schema: RECORD_SCHEMA,
    kind: "build",
    experiment: plan.experiment,
    round: build.round,
    attempt: build.attempt,
    configuration: build.configuration,
    environment: target.environment,
    instanceType: target.instanceType,
    region: target.region,
    variant: { image, cache: plan.cache, output },
    ...(run !== undefined && {
      github: {
        repository: plan.repository,
        workflowRunId: run.id,
        ...(jobId !== undefined && { jobId }),
        url: run.url,
      },
    }),
    recordedAt,
  } satisfies Partial<BuildRecord>;
}

const CLOCK_TOLERANCE = 2;
const CLOCK_WAS_SET =
  "the phases take longer than the build: the builder's clock was set meanwhile, and they are left out";

/** What the phases leave out, in words; "" when they leave nothing out. */
function remarksOf({ problems }: Progress): string {
  const parts = [
    [problems.unreadableLines, "unreadable lines"],
    [problems.unknownEntries, "unknown entries"],
    [problems.unfinished, "intervals without an end"],
    [problems.reversed, "intervals that run backwards"],
  ].flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]));
  return parts.length === 0 ? "" : `the phases leave out: ${parts.join(", ")}`;
}

/** A proxy's error page may be long. */
function cut(text: string): string {
  return text.length > 500 ? `${text.slice(0, 497)}...` : text;
}
