import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly stop?: AbortSignal;
  /** Standard error goes to a file. */
  readonly errorsTo?: string;
}

/** Text of one stream kept for error messages. */
const KEPT = 1 << 20;

/** Before a program: the kernel ends it when this process is gone, even by SIGKILL. */
const WITH_PARENT = ["setpriv", "--pdeathsig"] as const;

/**
 * Runs a program to its end, whatever its exit code. The program gets a process group of its own, so that
 * Ctrl-C reaches it through `stop` alone.
 *
 * @throws the signal's reason when it fires, once the program is gone
 */
export async function run(
  program: string,
  args: readonly string[],
  { cwd, env, stop, errorsTo }: RunOptions = {},
): Promise<Ended> {
  stop?.throwIfAborted();
  const errors = errorsTo === undefined ? undefined : openSync(errorsTo, "w");
  const [setpriv, ...withParent] = WITH_PARENT;
  const child = spawn(setpriv, [...withParent, "TERM", program, ...args], {
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
    detached: true,
    stdio: ["ignore", "pipe", errors ?? "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream]?.setEncoding("utf8").on("data", (chunk: string) => {
      output[stream] = (output[stream] + chunk).slice(-KEPT);
    });
  }
  const end = () => killGroup(child, "SIGTERM");
  stop?.addEventListener("abort", end, { once: true });
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exit, signal) => resolve(exit ?? (signal === null ? 1 : 128)));
    });
    stop?.throwIfAborted();
    return { code, ...output };
  } finally {
    stop?.removeEventListener("abort", end);
    if (errors !== undefined) closeSync(errors);
  }
}

/** @throws Error with the program's last words when it ends with another code than 0 */
export async function mustRun(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Ended> {
  const ended = await run(program, args, options);
  if (ended.code !== 0) throw new Error(`${program} ended with code ${ended.code}: ${lastWords(ended)}`);
  return ended;
}

export function lastWords({ stdout, stderr }: Ended, lines = 15): string {
  return (stderr.trim() === "" ? stdout : stderr).trim().split("\n").slice(-lines).join("\n");
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It ended in the meantime.
  }
}

/** Before a program: it becomes the first process of a namespace, and the kernel ends all others with it. */
const CONTAINED = ["unshare", "--mount", "--pid", "--mount-proc", "--fork", "--kill-child=KILL"] as const;

/** A program that runs until it is stopped. */
export class Daemon {
  private constructor(
    private readonly child: ChildProcess,
    private readonly ended: Promise<void>,
  ) {}

  /**
   * @param log file for everything that it says
   * @param env its environment; the caller's own unless given
   * @param contained in a process and mount namespace of its own: whatever it has started and mounted goes with it,
   *   also when it is killed. Needs root.
   */
  static start(
    program: string,
    args: readonly string[],
    log: string,
    { env, contained = false }: { readonly env?: NodeJS.ProcessEnv; readonly contained?: boolean } = {},
  ): Daemon {
    const file = openSync(log, "a");
    try {
      const [setpriv, ...withParent] = WITH_PARENT;
      const command = contained ? ["KILL", ...CONTAINED, program] : ["TERM", program];
      const child = spawn(setpriv, [...withParent, ...command, ...args], {
        detached: true,
        stdio: ["ignore", file, file],
        ...(env === undefined ? {} : { env }),
      });
      const ended = new Promise<void>((resolve) => {
        child.once("error", () => resolve());
        child.once("exit", () => resolve());
      });
      return new Daemon(child, ended);
    } finally {
      closeSync(file);
    }
  }

  get running(): boolean {
    return this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** SIGTERM, and SIGKILL where that is not enough after `graceMs`. */
  async stop(graceMs = 10_000): Promise<void> {
    if (!this.running) return;
    killGroup(this.child, "SIGTERM");
    const timer = setTimeout(() => killGroup(this.child, "SIGKILL"), graceMs);
    await this.ended;
    clearTimeout(timer);
  }
}
