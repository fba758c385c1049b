import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestContext } from "vitest";
import { type FakeGithub, TOKEN } from "../../measure/experiment/fake-github";

export const PROJECT = resolve(__dirname, "../../..");
export type Cleanup = Pick<TestContext, "onTestFinished">;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** Standard error so far. */
  stderr(): string;
  /** Resolves once standard error has the text, and rejects when the program ends without it. */
  says(text: string): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

export interface StartOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Comes before the program: nsenter with its options, for instance. */
  readonly within?: readonly string[];
  /** File that standard output goes to, as a shell does it. It is opened where the program runs. */
  readonly outputTo?: string;
}

/** A folder of its own for one test; its path is short enough for sockets. */
export function scratchFolder({ onTestFinished }: Cleanup): string {
  const folder = mkdtempSync(join(tmpdir(), "faults-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Starts a TypeScript program of the project, without tsx's own process between. */
export function start(
  { onTestFinished }: Cleanup,
  file: string,
  words: readonly string[],
  { env = process.env, within = [], outputTo }: StartOptions = {},
): Running {
  const program = [process.execPath, "--import", "tsx", join(PROJECT, file), ...words];
  const redirected =
    outputTo === undefined ? program : ["sh", "-c", 'exec >"$0"; exec "$@"', outputTo, ...program];
  const [command = "", ...args] = [...within, ...redirected];
  const child: ChildProcess = spawn(command, args, { cwd: PROJECT, env, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let stdout = "";
  let stderr = "";
  const waiting = new Set<() => void>();
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    for (const look of waiting) look();
  });
  const ended = new Promise<Ended>((done, failed) => {
    child.once("error", failed);
    child.once("close", (code, signal) => done({ code, signal, stdout, stderr }));
  });
  return {
    pid: child.pid ?? 0,
    ended,
    stderr: () => stderr,
    says: (text) =>
      new Promise((done, failed) => {
        const look = () => {
          if (!stderr.includes(text)) return;
          waiting.delete(look);
          done();
        };
        waiting.add(look);
        look();
        void ended.then(() => failed(new Error(`it ended without saying "${text}":\n${stderr}`)));
      }),
    signal: (name) => child.kill(name),
  };
}

/** `npx buildx-on-eks experiment run`, at the fake's pace and against the fake, in a process of its own. */
export function startRun(
  context: Cleanup,
  fake: FakeGithub,
  words: readonly string[],
  { env, ...options }: StartOptions = {},
): Running {
  return start(context, "__tests__/measure/experiment/child.ts", words, {
    ...options,
    env: { PATH: process.env.PATH, FAKE_GITHUB_URL: fake.url, GITHUB_TOKEN: TOKEN, ...env },
  });
}

/** `npx buildx-on-eks report`. */
export function startReport(context: Cleanup, words: readonly string[], options: StartOptions = {}): Running {
  return start(context, "cli/bin.mjs", ["report", ...words], options);
}

/** Asks until there is an answer, and says what was missing when there is none in time. */
export async function until<T>(what: string, look: () => T | undefined, deadlineMs = 20_000): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`not within ${deadlineMs / 1_000} s: ${what}`);
    await sleep(10);
  }
}

export interface FoundProcess {
  readonly pid: number;
  /** Its words, with spaces between. */
  readonly command: string;
}

/** Processes that have the text in their command line. */
export function processesWith(text: string): readonly FoundProcess[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      return command.includes(text) ? [{ pid: Number(name), command }] : [];
    } catch {
      return [];
    }
  });
}

/** Mounts of this namespace that have the text in their line. */
export function mountsWith(text: string): readonly string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.includes(text));
}

/** The one line that says what went wrong; fails on none, on two and on a stack trace. */
export function oneError(stderr: string): string {
  const errors = stderr.split("\n").filter((line) => line.startsWith("error:"));
  if (errors.length !== 1 || /^\s+at /m.test(stderr)) throw new Error(`not one error in words:\n${stderr}`);
  return errors[0] ?? "";
}
