import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Configuration } from "../../environment/configurations";
import { CannotWrite } from "../../util/cannot-write";
import { repairLines } from "../../util/durable-file";
import { EXIT } from "../../util/exit";
import { onInterrupt, type SignalSource } from "../../util/interrupt";
import { InvalidInput, show } from "../../util/invalid-input";
import { acquireLock, type Lock, Locked } from "../../util/lock";
import type { Output } from "../../util/standard-streams";
import { Stopped } from "../../util/stop";
import { didYouMean } from "../../util/suggest";
import { wantsColor } from "../../util/terminal";
import { runPlan } from "./experiment";
import { newPlan, planEvent, planOf, resumable, resumeCommand } from "./experiment-plan";
import { GithubApi } from "./github/api";
import { createClient } from "./github/client";
import { messageOf } from "./github/failure";
import { DamagedJournal, Journal, type JournalPlan, readJournal } from "./journal";
import { Ledger } from "./ledger";
import { apiUrl, parseRunOptions, type RawRunOptions, type RunOptions } from "./options";
import type { PollOptions } from "./poll-options";
import { preflight } from "./preflight";
import { redactor } from "./redact";
import { jsonReporter, type Reporter, textReporter } from "./reporter";
import { Results } from "./results";
import { CannotGoOn } from "./retry";
import { type ExperimentState, stateOf } from "./state";
import type { ExperimentTarget, LoadTarget } from "./target";

export const EXIT_OK = 0;
/** A planned build never succeeded, GitHub could not be reached for too long, or the disk is full. */
export const EXIT_FAILED = 1;
/** Nothing was dispatched: usage, pre-flight, another instance, or an unfinished experiment. */
export const EXIT_USAGE = 2;

/** Everything of the outside world that a run touches, besides the results directory and GitHub. */
export interface RunDependencies {
  readonly loadTarget: LoadTarget;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly poll: PollOptions;
  readonly signals: SignalSource;
  readonly exitNow: (code: number) => void;
}

/** Runs the sub-command and returns the exit code. Reports every error; never rejects. */
export async function run(environment: string, raw: RawRunOptions, deps: RunDependencies): Promise<number> {
  const token = tokenOf(deps.env);
  const redact = redactor(token);
  const { stdout, stderr, env } = deps;
  const reporter =
    raw.json === true
      ? jsonReporter(stdout, redact)
      : textReporter({ stdout, stderr, redact, colour: wantsColor(stderr, env) });
  const stop = new AbortController();
  const interrupts = onInterrupt(
    deps.signals,
    stop,
    (message) => reporter.emit({ event: "interrupted", message }),
    deps.exitNow,
  );
  const session = new Session(environment, raw, deps, token, reporter, stop);
  try {
    return await session.run();
  } catch (error) {
    if (error instanceof Stopped) {
      const next = session.planned
        ? `Go on with: ${resumeCommand(environment, raw)}`
        : "Nothing was started.";
      reporter.emit({ event: "interrupted", message: `stopped. ${next}` });
      return EXIT.interrupted;
    }
    const canGoOn = error instanceof CannotGoOn || (error instanceof CannotWrite && session.planned);
    const hint = canGoOn ? `\nGo on with: ${resumeCommand(environment, raw)}` : "";
    reporter.emit({ event: "error", message: `${messageOf(error)}${hint}` });
    const usage = [InvalidInput, Locked, DamagedJournal].some((type) => error instanceof type);
    return usage ? EXIT_USAGE : EXIT_FAILED;
  } finally {
    interrupts.dispose();
    reporter.close();
  }
}

/** One call of `run`: checks, then the lock, then the plan. */
class Session {
  /** Whether the journal holds a plan: from then on there is something to resume. */
  planned = false;

  constructor(
    private readonly environment: string,
    private readonly raw: RawRunOptions,
    private readonly deps: RunDependencies,
    private readonly token: string | undefined,
    private readonly reporter: Reporter,
    private readonly stop: AbortController,
  ) {}

  async run(): Promise<number> {
    const { options, target, url } = await this.localChecks();
    const paths = pathsOf(options.resultsDir, target.environment);
    if (options.dryRun) return this.dryRun(options, target, paths);

    const client = await createClient({
      apiUrl: url,
      // Checked by localChecks.
      token: this.token ?? "",
      poll: this.deps.poll,
      onWait: (reason, seconds) => this.reporter.emit({ event: "wait", reason, seconds }),
    });
    const api = new GithubApi(client, target);
    const ref = await this.remoteChecks(api, { ...target, apiUrl: url }, options);

    mkdirSync(options.resultsDir, { recursive: true });
    const lock = acquireLock(paths.lock);
    return whileLocked(lock, async () => {
      this.repair(paths.results);
      this.repair(paths.journal);
      const redact = redactor(this.token);
      const journal = new Journal(paths.journal, redact);
      const state = this.stateFor(options, target, paths, () => newPlan(options, target, ref, Date.now()));
      // A resumed plan is in the journal already.
      if (!options.resume) journal.write(state.plan);
      this.planned = true;
      const ledger = new Ledger(journal, state);
      const plan = planOf(state.plan);
      this.reporter.emit(planEvent(state, plan, target, options));
      const failed = await runPlan(plan, {
        api,
        target,
        ledger,
        results: new Results(paths.results, redact),
        poll: this.deps.poll,
        stop: this.stop,
        cancelOnInterrupt: options.cancelOnInterrupt,
        emit: this.reporter.emit,
        maxAttempts: options.maxAttempts ?? state.plan.maxAttempts,
        parallel: options.parallel || state.plan.parallel,
      });
      ledger.write({ type: "finished", at: new Date().toISOString() });
      const builds = plan.flat().length;
      this.reporter.emit({
        event: "finished",
        succeeded: builds - failed.length,
        builds,
        failed,
        results: paths.results,
      });
      return failed.length === 0 ? EXIT_OK : EXIT_FAILED;
    });
  }

  /** Options, environment and token: all of their problems at once. */
  private async localChecks(): Promise<{ options: RunOptions; target: ExperimentTarget; url: string }> {
    const problems: string[] = [];
    const options = gather(problems, () => parseRunOptions(this.raw));
    const target = await this.deps.loadTarget(this.environment).catch((error: unknown) => {
      problems.push(...problemsOf(error));
      return undefined;
    });
    const given = this.deps.env.GITHUB_API_URL;
    // An empty variable is how CI systems say "not set".
    const fromEnv =
      given === undefined || given === "" ? undefined : apiUrl("GITHUB_API_URL", given, problems);
    const fromTarget = target && apiUrl("the environment's apiUrl", target.apiUrl, problems);
    const url = options?.apiUrl ?? fromEnv ?? fromTarget;
    if (this.raw.dryRun !== true) problems.push(...tokenProblems(this.token));
    if (options?.configurations !== undefined && target !== undefined) {
      problems.push(...notProvisioned(options.configurations, target));
    }
    if (options?.repository !== undefined && target !== undefined) {
      const { imageRepositories } = target;
      if (!imageRepositories.includes(options.repository)) {
        problems.push(
          `--repository must be one of ${imageRepositories.join(", ")}; got ${show(options.repository)}.${didYouMean(options.repository, imageRepositories)}`,
        );
      }
    }
    if (problems.length > 0 || options === undefined || target === undefined || url === undefined) {
      // What GitHub would say is worth hearing in the same breath, when it can be asked.
      throw new InvalidInput("cannot run the experiment:", [
        ...problems,
        ...(await this.remoteProblems(target, url)),
      ]);
    }
    return { options, target, url };
  }

  /** Only after local problems: nothing is thrown from here. */
  private async remoteProblems(
    target: ExperimentTarget | undefined,
    url: string | undefined,
  ): Promise<readonly string[]> {
    if (target === undefined || url === undefined || this.raw.dryRun === true) return [];
    if (this.token === undefined || tokenProblems(this.token).length > 0) return [];
    try {
      const { poll } = this.deps;
      const client = await createClient({
        apiUrl: url,
        token: this.token,
        poll,
        onWait: () => undefined,
      });
      return (await preflight(new GithubApi(client, target), { ...target, apiUrl: url }, undefined)).problems;
    } catch (error) {
      return [`GitHub does not answer at ${url}: ${messageOf(error)}`];
    }
  }

  private async remoteChecks(api: GithubApi, target: ExperimentTarget, options: RunOptions): Promise<string> {
    const found = await preflight(api, target, options.ref).catch((error: unknown) => ({
      problems: [`GitHub does not answer at ${target.apiUrl}: ${messageOf(error)}`],
      ref: "",
    }));
    if (this.stop.signal.aborted) throw new Stopped();
    if (found.problems.length > 0) throw new InvalidInput("cannot run the experiment:", found.problems);
    return found.ref;
  }

  private repair(path: string): void {
    const bytes = repairLines(path);
    if (bytes === 0) return;
    const message = `the last line of ${path} was cut off; its ${bytes} bytes are in ${path}.partial now`;
    this.reporter.emit({ event: "warning", message });
  }

  private stateFor(
    options: RunOptions,
    target: ExperimentTarget,
    paths: Paths,
    fresh: () => JournalPlan,
  ): ExperimentState {
    const state = stateOf(readJournal(paths.journal));
    if (options.resume) return resumable(state, options, target, paths.journal);
    if (state !== undefined && !state.finished) {
      throw new InvalidInput(`the experiment ${state.plan.experiment} is not finished. Either`, [
        `go on with it: ${resumeCommand(this.environment, this.raw)}`,
        `or give it up and start afresh: mv ${paths.journal} ${paths.journal}.abandoned (its records stay in ${paths.results}; look on GitHub for a build that still runs)`,
      ]);
    }
    return { plan: fresh(), attempts: [], finished: false };
  }

  private dryRun(options: RunOptions, target: ExperimentTarget, paths: Paths): number {
    const state = this.stateForDryRun(options, target, paths);
    this.reporter.emit(planEvent(state, planOf(state.plan), target, options));
    return EXIT_OK;
  }

  private stateForDryRun(options: RunOptions, target: ExperimentTarget, paths: Paths): ExperimentState {
    if (options.resume) return resumable(stateOf(readJournal(paths.journal)), options, target, paths.journal);
    const plan = newPlan(options, target, options.ref ?? "the default branch", Date.now());
    return { plan, attempts: [], finished: false };
  }
}

interface Paths {
  readonly results: string;
  readonly journal: string;
  readonly lock: string;
}

function pathsOf(directory: string, environment: string): Paths {
  const path = (suffix: string) => join(directory, `${environment}${suffix}`);
  return { results: path(".jsonl"), journal: path(".journal.jsonl"), lock: path(".lock") };
}

async function whileLocked(lock: Lock, work: () => Promise<number>): Promise<number> {
  // Also on a second Ctrl-C, which leaves through process.exit. After a SIGKILL the next start takes it over.
  const release = () => lock.release();
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.off("exit", release);
    release();
  }
}

function tokenOf(env: RunDependencies["env"]): string | undefined {
  return env.GITHUB_TOKEN || env.GH_TOKEN || undefined;
}

function tokenProblems(token: string | undefined): string[] {
  if (token === undefined) {
    return ["no token: set GITHUB_TOKEN or GH_TOKEN, for example GH_TOKEN=$(gh auth token)"];
  }
  // fetch would refuse the header and print the token with its complaint.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    return ["the token holds a space, a line break or a letter that no token has: copy it again"];
  }
  return [];
}

function notProvisioned(
  chosen: readonly Configuration[],
  { configurations, environment }: ExperimentTarget,
): string[] {
  const missing = chosen.filter((configuration) => !configurations.includes(configuration));
  if (missing.length === 0) return [];
  return [
    `--configurations: ${environment} does not provision ${missing.join(", ")}; it has ${configurations.join(", ")}`,
  ];
}

function gather<T>(problems: string[], work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    problems.push(...problemsOf(error));
    return undefined;
  }
}

function problemsOf(error: unknown): readonly string[] {
  return error instanceof InvalidInput ? error.problems : [messageOf(error)];
}
