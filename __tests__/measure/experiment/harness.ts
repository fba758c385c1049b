import { EventEmitter } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { experimentCommand } from "../../../cli/experiment";
import { main } from "../../../cli/program";
import { VARIANTS } from "../../../environment/variants";
import type { RunEvent } from "../../../measure/experiment/events";
import type { PollOptions } from "../../../measure/experiment/poll-options";
import type { ExperimentTarget } from "../../../measure/experiment/target";
import { type BuildRecord, parseRecords } from "../../../measure/record/record";
import { InvalidInput } from "../../../util/invalid-input";
import { OWNER, REPOSITORY } from "./fake-bodies";
import { FakeGithub, type FakeOptions, TOKEN, VARIABLES } from "./fake-github";

/** Milliseconds in place of seconds. */
export const FAST: PollOptions = {
  pollIntervalMs: 1,
  appearPollIntervalMs: 1,
  appearAttempts: 4,
  artifactAttempts: 3,
  outageAttempts: 3,
  requestTimeoutMs: 10_000,
  secondMs: 1,
  writeGapMs: 0,
  graceMs: 5_000,
};

export function targetOf(apiUrl: string): ExperimentTarget {
  return {
    environment: "c5n",
    owner: OWNER,
    repository: REPOSITORY,
    workflowFile: "experiment-c5n.yml",
    configurations: ["hosted-default", "hosted-kubernetes", "custom-default", "custom-kubernetes"],
    imageRepositories: ["large-python-container"],
    instanceType: "c5n.2xlarge",
    region: "us-west-2",
    build: { ...VARIANTS.fast, cache: "none" },
    apiUrl,
    requiredVariables: VARIABLES,
    costPerBuildUsd: {
      "hosted-default": 0.1,
      "hosted-kubernetes": 0.2,
      "custom-default": 0.3,
      "custom-kubernetes": 0.4,
    },
  };
}

/** Tests run side by side (they wait on timers), so each cleans up through its own context. */
export type Cleanup = Pick<TestContext, "onTestFinished">;

/** A directory of its own for one test. */
export function resultsDirectory({ onTestFinished }: Cleanup): string {
  const directory = mkdtempSync(join(tmpdir(), "experiment-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export async function fakeGithub(
  { onTestFinished }: Cleanup,
  options: FakeOptions = {},
): Promise<FakeGithub> {
  const fake = await FakeGithub.start(options);
  onTestFinished(() => fake.stop());
  return fake;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly exits: readonly number[];
}

export interface RunSettings {
  readonly env?: Readonly<Record<string, string>>;
  readonly poll?: Partial<PollOptions>;
  readonly signals?: EventEmitter;
  readonly target?: Partial<ExperimentTarget>;
  readonly tty?: boolean;
}

/** The whole command line in this process, against the fake. */
export async function experiment(
  fake: FakeGithub,
  words: readonly string[],
  {
    env = { GITHUB_TOKEN: TOKEN },
    poll,
    signals = new EventEmitter(),
    target,
    tty = false,
  }: RunSettings = {},
): Promise<RunResult> {
  let stdout = "";
  let stderr = "";
  const exits: number[] = [];
  const out = { write: (text: string) => (stdout += text), isTTY: tty };
  const err = { write: (text: string) => (stderr += text), isTTY: tty, columns: 200 };
  const command = experimentCommand(async () => ({
    loadTarget: async (name) => {
      if (name === "c5n") return { ...targetOf(fake.url), ...target };
      throw new InvalidInput("no such environment:", [`no environment "${name}"; there are c5n, c5.`]);
    },
    env,
    stdout: out,
    stderr: err,
    poll: { ...FAST, ...poll },
    signals,
    exitNow: (exit) => exits.push(exit),
  }));
  const code = await main(
    ["experiment", ...words],
    { write: out.write, writeError: err.write },
    { experiment: { summary: "", load: async () => command } },
  );
  return { code, stdout, stderr, exits };
}

/** The records of an environment; fails on a line that is none. */
export function recordsIn(directory: string): readonly BuildRecord[] {
  const { records, problems } = parseRecords(readFileSync(join(directory, "c5n.jsonl"), "utf8"), "c5n.jsonl");
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return records;
}

export function journalIn(directory: string): string {
  return readFileSync(join(directory, "c5n.journal.jsonl"), "utf8");
}

export function eventsIn(stdout: string): RunEvent[] {
  return stdout
    .trimEnd()
    .split("\n")
    .map((line): RunEvent => JSON.parse(line));
}
