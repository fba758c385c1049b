import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";

const START_MS = 60_000;
const STOP_MS = 10_000;
const POLL_MS = 50;
/** Lines of a log that an error shows. */
const TAIL = 25;

export interface DaemonProps {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Where its output goes. */
  readonly logFile: string;
}

/** A program that runs until it is stopped, in a process group of its own: a terminal's Ctrl-C does not reach it. */
export class Daemon {
  private readonly process: ChildProcess;
  private readonly ended: Promise<void>;
  private failure = "";

  constructor(private readonly props: DaemonProps) {
    const log = openSync(props.logFile, "a");
    this.process = spawn(props.program, props.args, {
      env: props.env,
      stdio: ["ignore", log, log],
      detached: true,
    });
    closeSync(log);
    this.ended = new Promise((resolve) => {
      this.process.once("error", (error) => {
        this.failure = error.message;
        resolve();
      });
      this.process.once("exit", () => resolve());
    });
  }

  private get running(): boolean {
    return this.failure === "" && this.process.exitCode === null && this.process.signalCode === null;
  }

  /** Waits until it is ready. @throws Error with the end of its log when it is not in time, or has ended */
  async until(ready: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + START_MS;
    while (this.running && Date.now() < end) {
      if (await ready()) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    throw new Error(`${this.props.name} ${this.outcome()}. The end of its log:\n${this.tail()}`);
  }

  async stop(): Promise<void> {
    this.process.kill("SIGTERM");
    const timer = setTimeout(() => this.process.kill("SIGKILL"), STOP_MS);
    await this.ended;
    clearTimeout(timer);
  }

  private outcome(): string {
    if (this.failure !== "") return `could not be started: ${this.failure}`;
    if (this.running) return `was not ready after ${START_MS / 1000} s`;
    return `ended with ${this.process.signalCode ?? `code ${this.process.exitCode}`}`;
  }

  private tail(): string {
    return readFileSync(this.props.logFile, "utf8").trimEnd().split("\n").slice(-TAIL).join("\n");
  }
}
