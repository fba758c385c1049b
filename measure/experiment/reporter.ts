import { styleText } from "node:util";
import type { Output } from "../../util/standard-streams";
import { count, duration } from "../../util/words";
import type { BuildRecord } from "../record/record";
import type { BuildProgress, BuildRef, Emit, RunEvent } from "./events";
import type { PlannedBuild } from "./plan";
import type { Redact } from "./redact";

export interface Reporter {
  readonly emit: Emit;
  /** Leaves the terminal on a fresh line. */
  close(): void;
}

/** One JSON event per line on stdout, and nothing else there. */
export function jsonReporter(stdout: Output, redact: Redact): Reporter {
  return {
    emit: (event) => stdout.write(redact(`${JSON.stringify(event)}\n`)),
    close: () => undefined,
  };
}

export interface TextReporterOptions {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly redact: Redact;
  readonly colour: boolean;
}

/**
 * For people: results go to stdout, what happens meanwhile to stderr. On a terminal the builds under way share
 * one line that is written over; elsewhere a build says a line when it starts, gets a runner and ends.
 */
export function textReporter({ stdout, stderr, redact, colour }: TextReporterOptions): Reporter {
  const live = new Map<string, BuildProgress>();
  /** Said by the plan, which comes first. */
  let rounds = 0;
  const toldRunning = new Set<string>();
  let shown = false;

  const clear = () => {
    if (shown) stderr.write("\r\u001b[2K");
    shown = false;
  };
  const line = (output: Output, text: string) => {
    clear();
    output.write(redact(`${text}\n`));
  };
  const draw = () => {
    if (stderr.isTTY !== true || live.size === 0) return;
    const text = [...live.values()].map((event) => statusOf(event, placeOf(event))).join("  |  ");
    const width = (stderr.columns ?? 80) - 1;
    stderr.write(redact(`\r\u001b[2K${text.length > width ? `${text.slice(0, width - 1)}…` : text}`));
    shown = true;
  };
  const placeOf = ({ round, configuration, variant, attempt }: BuildRef) =>
    `round ${round}/${rounds}, ${configuration} ${variant}${attempt > 1 ? `, attempt ${attempt}` : ""}`;
  const progress = (event: BuildProgress) => {
    live.set(keyOf(event), event);
    if (stderr.isTTY === true || event.status !== "in_progress" || toldRunning.has(attemptKey(event))) return;
    toldRunning.add(attemptKey(event));
    line(stderr, `${placeOf(event)}: running after ${duration(event.queueSeconds ?? 0)} in the queue`);
  };

  const emit = (event: RunEvent) => {
    switch (event.event) {
      case "plan":
        rounds = event.rounds.length;
        line(event.dryRun ? stdout : stderr, planText(event));
        break;
      case "dispatched":
        live.delete(keyOf(event));
        if (stderr.isTTY !== true) line(stderr, `${placeOf(event)}: dispatched`);
        break;
      case "run":
        line(stderr, `${placeOf(event)}: ${event.url}`);
        break;
      case "progress":
        progress(event);
        break;
      case "record":
        live.delete(keyOf(event));
        line(stderr, `${placeOf(event)}: ${recordText(event.record, colour)}`);
        break;
      case "wait":
        line(stderr, `${event.reason}: waiting ${duration(event.seconds)}`);
        break;
      case "warning":
        line(stderr, `${paint("yellow", "warning:", colour)} ${event.message}`);
        break;
      case "interrupted":
        line(stderr, event.message);
        break;
      case "error":
        line(stderr, `${paint("red", "error:", colour)} ${event.message}`);
        break;
      case "finished":
        live.clear();
        line(stdout, finishedText(event, colour));
        break;
    }
    draw();
  };
  return { emit, close: clear };
}

function keyOf({ round, configuration, variant }: PlannedBuild): string {
  return `${round} ${configuration} ${variant}`;
}

function attemptKey(ref: BuildRef): string {
  return `${keyOf(ref)} ${ref.attempt}`;
}

function statusOf(progress: BuildProgress, place: string): string {
  const parts = [
    place,
    progress.queueSeconds === null ? undefined : `queue ${duration(progress.queueSeconds)}`,
    progress.step ?? progress.status,
    `${duration(progress.elapsedSeconds)} elapsed`,
    progress.remainingSeconds === null ? undefined : `about ${duration(progress.remainingSeconds)} left`,
  ];
  return parts.filter((part) => part !== undefined).join(" · ");
}

function planText(plan: Extract<RunEvent, { event: "plan" }>): string {
  const cost = plan.costUsd === null ? "cost unknown" : `about $${plan.costUsd.toFixed(2)}`;
  const left = plan.done > 0 ? `, ${plan.done} of them done` : "";
  return [
    `${plan.experiment}: ${count(plan.builds, "build")} in ${count(plan.rounds.length, "round")}${left}, seed ${plan.seed}, ${cost}`,
    ...(plan.dryRun
      ? [
          ...plan.variants.map(({ name, image, output }) => `  ${name}: image ${image}, output ${output}`),
          ...plan.rounds.map((round, index) => `  round ${index + 1}: ${round.map(pairText).join(", ")}`),
        ]
      : []),
  ].join("\n");
}

function pairText({ configuration, variant }: Pick<PlannedBuild, "configuration" | "variant">): string {
  return `${configuration} ${variant}`;
}

function recordText(record: BuildRecord, colour: boolean): string {
  if (record.outcome === "success") {
    return `${paint("green", "success", colour)}, built in ${duration(record.seconds.build)}`;
  }
  return `${paint("red", record.outcome, colour)} (${record.detail ?? "no detail"})`;
}

function finishedText(event: Extract<RunEvent, { event: "finished" }>, colour: boolean): string {
  const { succeeded, builds, failed, results } = event;
  const names = failed.map((build) => `round ${build.round} ${pairText(build)}`).join(", ");
  return [
    `${paint(failed.length === 0 ? "green" : "red", `${succeeded} of ${count(builds, "build")} succeeded`, colour)}`,
    ...(failed.length === 0 ? [] : [`never succeeded: ${names}`]),
    `records: ${results}`,
    `next: npx buildx-on-eks report ${results}`,
  ].join("\n");
}

function paint(style: "red" | "green" | "yellow", text: string, colour: boolean): string {
  // The decision is the caller's: styleText would look at this process's stdout.
  return colour ? styleText(style, text, { validateStream: false }) : text;
}
