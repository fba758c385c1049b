import { randomBytes } from "node:crypto";
import { pause, Stopped, withGrace } from "../../util/stop";
import type { BuildRecord, Outcome } from "../record/record";
import { artifactName, readArtifact } from "./artifact";
import { type RecordContext, successRecord, unsuccessfulRecord } from "./build-record";
import type { BuildRef, Emit } from "./events";
import type { GithubApi } from "./github/api";
import { hasStatus, isRequestFailure, messageOf } from "./github/failure";
import type { Artifact, Job, Run } from "./github/shapes";
import { variantOf } from "./journal";
import type { Ledger } from "./ledger";
import { jobOf, judge, type Verdict } from "./outcome";
import type { PlannedBuild } from "./plan";
import type { PollOptions } from "./poll-options";
import type { Results } from "./results";
import { CannotGoOn, retry } from "./retry";
import type { Attempt } from "./state";
import type { ExperimentTarget } from "./target";
import { timingsOf } from "./timings";

/** What an attempt needs; one object for the whole experiment. */
export interface AttemptContext {
  readonly api: GithubApi;
  readonly target: ExperimentTarget;
  readonly ledger: Ledger;
  readonly results: Results;
  readonly poll: PollOptions;
  readonly stop: AbortSignal;
  readonly cancelOnInterrupt: boolean;
  readonly emit: Emit;
  /** Seconds that the whole experiment will still take, given how long this build runs already. */
  readonly remaining: (build: BuildRef, elapsedSeconds: number) => number | null;
}

/** The list of runs is filtered by GitHub's clock, and this machine's may be wrong. */
const CLOCK_MARGIN_MS = 24 * 60 * 60_000;

/** Given-up attempts that are searched for before each dispatch, a request each. */
const LATE_RUNS = 3;

/** A finished run, with the jobs of its last attempt. */
interface Finished {
  readonly run: Run;
  readonly jobs: readonly Job[];
}

/** A signal for work under `withGrace`, whose own waits must not break off. */
const NEVER = new AbortController().signal;

/**
 * Takes one attempt from its dispatch to its record. Each step is in the journal before the next one begins, so
 * `resume` can go on from anywhere. Both reject with Stopped after a stop, with CannotGoOn when nothing helps.
 */
export class AttemptRunner {
  /** Requests that were given up, and whose runs appeared and ended after all. */
  private readonly ended = new Set<string>();

  constructor(private readonly context: AttemptContext) {}

  async start(build: PlannedBuild, number: number): Promise<Outcome> {
    const { plan } = this.context.ledger;
    // 32 random bits: an abandoned experiment of the same second must not answer to the same request.
    const request = `${plan.experiment}-r${build.round}-${build.configuration}-${build.variant}-a${number}-${randomBytes(4).toString("hex")}`;
    return this.orCancel(request, this.dispatch({ ...build, attempt: number, request }));
  }

  async resume(attempt: Attempt): Promise<Outcome> {
    return this.orCancel(attempt.request, this.goOn(attempt));
  }

  private async goOn(attempt: Attempt): Promise<Outcome> {
    const { ledger, results } = this.context;
    const recorded = results.find(ledger.plan.experiment, attempt, variantOf(ledger.plan, attempt));
    if (recorded !== undefined) {
      // The earlier process died between the record and this line.
      ledger.write({ type: "recorded", request: attempt.request, outcome: recorded.outcome, spent: true });
      return recorded.outcome;
    }
    if (attempt.runId !== undefined) return this.follow(attempt, attempt.runId);
    if (attempt.accepted === false) return this.dispatch(attempt);
    const run = await this.locate(attempt);
    if (run !== undefined) return this.attach(attempt, run);
    // Without an answer on record the request may never have left: then this is still the same attempt.
    return attempt.accepted === undefined
      ? this.dispatch(attempt)
      : this.record(attempt, this.neverStarted(attempt, "GitHub took the dispatch, and no run appeared"));
  }

  private async dispatch(ref: BuildRef & { readonly request: string }): Promise<Outcome> {
    const { api, ledger, poll, stop, emit } = this.context;
    const { plan } = ledger;
    await this.cancelLateRuns();
    const { request } = ref;
    const build = refOf(ref);
    const { image, context, output } = variantOf(plan, build);
    const attempt: Attempt = { request, ...build, at: new Date().toISOString() };
    for (let tries = 1; ; tries++) {
      if (stop.aborted) throw new Stopped();
      ledger.write({ type: "intent", ...attempt });
      emit({ event: "dispatched", request, ...build });
      const answer = await withGrace(
        api.dispatch(plan.ref, {
          experiment: plan.experiment,
          round: String(build.round),
          configurations: build.configuration,
          cache: plan.cache,
          output,
          image,
          ...(context !== undefined && { context }),
          ...(plan.imageRepository !== undefined && { repository: plan.imageRepository }),
          request,
        }),
        stop,
        poll.graceMs,
      );
      if (answer.kind === "accepted") {
        ledger.write({ type: "accepted", request });
        if (answer.runId !== undefined) {
          ledger.write({ type: "run", request, runId: answer.runId });
          return this.follow(attempt, answer.runId);
        }
        const run = await this.locate(attempt);
        return run === undefined
          ? this.record(attempt, this.neverStarted(attempt, "GitHub took the dispatch, and no run appeared"))
          : this.attach(attempt, run);
      }
      if (answer.kind === "unclear") {
        const run = await this.locate(attempt);
        return run === undefined
          ? this.record(attempt, this.neverStarted(attempt, `the dispatch failed (${answer.message})`))
          : this.attach(attempt, run);
      }
      ledger.write({ type: "refused", request });
      if (!answer.limited || tries >= poll.outageAttempts) {
        throw new CannotGoOn(
          `GitHub refuses to start ${plan.repository}'s ${this.context.target.workflowFile}: ${answer.message}`,
        );
      }
      await pause(poll.pollIntervalMs, stop);
    }
  }

  /** Polls until the run appears; undefined when it does not in time. */
  private async locate(attempt: Attempt): Promise<Run | undefined> {
    const { api, poll, stop } = this.context;
    for (let tries = 1; tries <= poll.appearAttempts; tries++) {
      const run = await this.ask(() => api.findRun(attempt.request, sinceOf(attempt)));
      if (run !== undefined) return run;
      this.progress(attempt, undefined);
      if (tries < poll.appearAttempts) await pause(poll.appearPollIntervalMs, stop);
    }
    return undefined;
  }

  private attach(attempt: Attempt, run: Run): Promise<Outcome> {
    this.context.ledger.write({ type: "run", request: attempt.request, runId: run.id });
    return this.follow(attempt, run.id);
  }

  private async follow(attempt: Attempt, runId: number): Promise<Outcome> {
    try {
      const finished = await this.waitForEnd(attempt, runId);
      const { stop, poll } = this.context;
      const record = await withGrace(this.collect(attempt, finished), stop, poll.graceMs);
      return this.record(attempt, record);
    } catch (error) {
      if (hasStatus(error, 404)) {
        return this.record(
          attempt,
          unsuccessfulRecord(this.recordContext(attempt), "failure", `run ${runId} is no longer on GitHub`),
        );
      }
      if (isRequestFailure(error))
        throw new CannotGoOn(`GitHub refuses to show run ${runId}: ${messageOf(error)}`);
      throw error;
    } finally {
      this.context.api.forget(runId);
    }
  }

  private async waitForEnd(attempt: Attempt, runId: number): Promise<Finished> {
    const { api, poll, stop, emit } = this.context;
    let told = false;
    let pollsAfterEnd = 0;
    for (;;) {
      const run = await this.ask(() => api.run(runId));
      if (!told) emit({ event: "run", runId, url: run.html_url, ...refOf(attempt) });
      told = true;
      const jobs = await this.ask(() => api.jobs(runId));
      this.progress(attempt, { run, jobs });
      if (run.status === "completed") {
        // The list of jobs may lag behind the run that it belongs to.
        const job = jobOf(jobs, attempt.configuration);
        pollsAfterEnd++;
        if (job === undefined || job.status === "completed" || pollsAfterEnd >= poll.artifactAttempts)
          return { run, jobs };
      }
      await pause(poll.pollIntervalMs, stop);
    }
  }

  private async collect(attempt: Attempt, { run, jobs }: Finished): Promise<BuildRecord> {
    const verdict = judge(run, jobs, attempt.configuration);
    const github = { run: { id: run.id, url: run.html_url }, ...(verdict.job && { jobId: verdict.job.id }) };
    const context: RecordContext = { ...this.recordContext(attempt), ...github };
    if (verdict.outcome !== "success") return unsuccessfulRecord(context, verdict.outcome, verdict.detail);
    return this.measure(attempt, context, run, verdict);
  }

  private async measure(
    attempt: Attempt,
    context: RecordContext,
    run: Run,
    { job, step }: Extract<Verdict, { outcome: "success" }>,
  ): Promise<BuildRecord> {
    const { api, target, ledger } = this.context;
    const name = artifactName(attempt.configuration, attempt.round);
    const artifact = await this.findArtifact(run.id, name);
    if (artifact === undefined)
      return unsuccessfulRecord(context, "artifact_missing", `the run has no artifact ${name}`);
    if (artifact.expired)
      return unsuccessfulRecord(context, "artifact_expired", `the artifact ${name} has expired`);
    let archive: Uint8Array;
    try {
      archive = await this.ask(() => api.downloadArtifact(artifact.id), NEVER);
    } catch (error) {
      if (hasStatus(error, 410))
        return unsuccessfulRecord(context, "artifact_expired", `the artifact ${name} has expired`);
      if (hasStatus(error, 404))
        return unsuccessfulRecord(context, "artifact_missing", `the artifact ${name} is gone`);
      throw error;
    }
    const { experiment, cache } = ledger.plan;
    const { output, image } = variantOf(ledger.plan, attempt);
    const { round, configuration } = attempt;
    const expected = {
      environment: target.environment,
      experiment,
      round,
      configuration,
      cache,
      output,
      dockerfile: image,
    };
    const content = readArtifact(archive, artifact.digest ?? undefined, expected);
    if (!content.ok)
      return unsuccessfulRecord(context, "artifact_malformed", `artifact ${name}: ${content.problem}`);
    const timings = timingsOf(job, step);
    if (!timings.ok) return unsuccessfulRecord(context, "artifact_malformed", timings.problem);
    return successRecord(context, { timings, facts: content.facts, progress: content.progress });
  }

  private async findArtifact(runId: number, name: string): Promise<Artifact | undefined> {
    const { api, poll } = this.context;
    for (let tries = 1; tries <= poll.artifactAttempts; tries++) {
      const artifact = await this.ask(() => api.artifact(runId, name), NEVER);
      if (artifact !== undefined) return artifact;
      if (tries < poll.artifactAttempts) await pause(poll.pollIntervalMs, NEVER);
    }
    return undefined;
  }

  /** First the record, then the journal: after a crash between the two, `resume` finds the record. */
  private record(attempt: Attempt, record: BuildRecord, spent = true): Outcome {
    const { results, ledger, emit } = this.context;
    results.append(record);
    ledger.write({ type: "recorded", request: attempt.request, outcome: record.outcome, spent });
    emit({ event: "record", record, ...refOf(attempt) });
    return record.outcome;
  }

  private async orCancel(request: string, work: Promise<Outcome>): Promise<Outcome> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof Stopped && this.context.cancelOnInterrupt) await this.cancel(request);
      throw error;
    }
  }

  /** After Ctrl-C, when that was asked for. A run that ended meanwhile is left to `--resume`. */
  private async cancel(request: string): Promise<void> {
    const { api, emit, ledger, poll, stop } = this.context;
    const attempt = ledger.attempts.find((candidate) => candidate.request === request);
    if (attempt === undefined || attempt.outcome !== undefined || attempt.accepted === false) return;
    try {
      const runId = attempt.runId ?? (await withGrace(this.idOf(attempt), stop, poll.graceMs));
      if (!(await withGrace(api.cancel(runId), stop, poll.graceMs))) return;
      const detail = `run ${runId} was cancelled by Ctrl-C`;
      this.record(attempt, unsuccessfulRecord(this.recordContext(attempt), "cancelled", detail), false);
    } catch (error) {
      emit({
        event: "warning",
        message: `the run of ${request} could not be cancelled: ${messageOf(error)}`,
      });
    }
  }

  private async idOf(attempt: Attempt): Promise<number> {
    const run = await this.context.api.findRun(attempt.request, sinceOf(attempt));
    if (run === undefined) throw new CannotGoOn("it has not appeared yet");
    return run.id;
  }

  /** A run that was given up on and appears after all would slow the next build down. */
  private async cancelLateRuns(): Promise<void> {
    const { api, ledger, emit } = this.context;
    const lost = ledger.attempts.filter(
      ({ request, outcome }) => outcome === "never_started" && !this.ended.has(request),
    );
    for (const attempt of lost.slice(-LATE_RUNS)) {
      const run = await this.ask(() => api.findRun(attempt.request, sinceOf(attempt)));
      if (run === undefined) continue;
      this.ended.add(attempt.request);
      if (run.status === "completed") continue;
      await this.ask(() => api.cancel(run.id));
      emit({ event: "warning", message: `run ${run.id} appeared after it was given up; it was cancelled` });
    }
  }

  private neverStarted(attempt: Attempt, detail: string): BuildRecord {
    return unsuccessfulRecord(this.recordContext(attempt), "never_started", detail);
  }

  private recordContext(attempt: Attempt): RecordContext {
    const { target, ledger } = this.context;
    return { target, plan: ledger.plan, build: refOf(attempt), recordedAt: new Date().toISOString() };
  }

  private ask<T>(question: () => Promise<T>, stop = this.context.stop): Promise<T> {
    const { poll, emit } = this.context;
    const answer = retry(question, poll, stop, (message) => emit({ event: "warning", message }));
    // A question may sit in a long wait for a rate limit; nothing is lost when a stop leaves it there.
    return withGrace(answer, stop, 0);
  }

  private progress(attempt: Attempt, seen: Finished | undefined): void {
    const { emit, remaining } = this.context;
    const elapsedSeconds = Math.max(0, Math.round((Date.now() - Date.parse(attempt.at)) / 1_000));
    const job = seen === undefined ? undefined : jobOf(seen.jobs, attempt.configuration);
    const ref = refOf(attempt);
    emit({
      event: "progress",
      ...ref,
      status: seen?.run.status ?? "dispatched",
      step: job?.steps.find(({ status }) => status === "in_progress")?.name ?? null,
      queueSeconds: queueSeconds(job, Date.now()),
      elapsedSeconds,
      remainingSeconds: remaining(ref, elapsedSeconds),
    });
  }
}

function refOf({ round, configuration, variant, attempt }: BuildRef): BuildRef {
  return { round, configuration, variant, attempt };
}

function sinceOf(attempt: Attempt): number {
  return Date.parse(attempt.at) - CLOCK_MARGIN_MS;
}

function queueSeconds(job: Job | undefined, now: number): number | null {
  if (job?.created_at == null) return null;
  const end = job.status === "queued" || job.started_at == null ? now : Date.parse(job.started_at);
  return Math.max(0, Math.round((end - Date.parse(job.created_at)) / 1_000));
}
