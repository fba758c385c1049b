import { type ChildProcess, spawn } from "node:child_process";

const START_MS = 60_000;
const STOP_MS = 10_000;
const LOG_CHARACTERS = 20_000;
/** Lines of the log that an error shows. */
const TAIL = 25;

/** A program that runs until it is stopped. */
export class Daemon {
  /** The end of its output. */
  log = "";
  private readonly process: ChildProcess;
  private readonly ended: Promise<void>;

  constructor(
    private readonly name: string,
    program: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ) {
    this.process = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.log = (this.log + text).slice(-LOG_CHARACTERS);
      });
    }
    this.ended = new Promise((resolve) => {
      this.process.once("error", (error) => {
        this.log += error.message;
        resolve();
      });
      this.process.once("exit", () => resolve());
    });
  }

  /** Asks until there is an answer. @throws Error with the end of the log when the program ends or takes too long */
  async until<T>(answer: () => Promise<T | undefined> | T | undefined): Promise<T> {
    const end = Date.now() + START_MS;
    while (Date.now() < end && this.process.exitCode === null && this.process.pid !== undefined) {
      const found = await answer();
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${this.name} did not start:\n${this.log.trimEnd().split("\n").slice(-TAIL).join("\n")}`);
  }

  kill(): void {
    this.process.kill("SIGKILL");
  }

  async stop(): Promise<void> {
    this.process.kill("SIGTERM");
    const timer = setTimeout(() => this.kill(), STOP_MS);
    await this.ended;
    clearTimeout(timer);
  }
}
