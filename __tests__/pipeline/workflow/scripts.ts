import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const PROJECT = resolve(__dirname, "../../..");
export const script = (name: string) => join(PROJECT, "pipeline", "scripts", name);

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What programs find of this process's environment: not its proxies, and nothing of a job that runs the tests. */
export const bareEnv = (): Record<string, string> => ({
  PATH: process.env.PATH ?? "",
  HOME: process.env.HOME ?? "",
  LANG: "C.UTF-8",
});

/** Runs a program to its end, while servers of this process go on answering. */
export function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env: Readonly<Record<string, string>>; readonly input?: string },
): Promise<Finished> {
  return new Promise((done, failed) => {
    const child: ChildProcess = spawn(command, args, {
      ...options,
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    child.stdin?.end(options.input);
    let stdout = "";
    let stderr = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", failed);
    child.once("close", (code) => done({ code, stdout, stderr }));
  });
}

/** Python itself, without the PATH that found it. */
export function python(): string {
  const found = spawnSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" });
  if (found.status !== 0) throw new Error("python3 is not on PATH. Install Python 3.9 or newer.");
  return found.stdout.trim();
}

/** A folder that goes away with `remove`, with programs in `bin` that stand in for real ones. */
export class Scratch {
  readonly folder = mkdtempSync(join(tmpdir(), "workflow-"));
  readonly bin = join(this.folder, "bin");

  constructor() {
    mkdirSync(this.bin);
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  write(path: string, text: string): string {
    mkdirSync(resolve(this.path(path), ".."), { recursive: true });
    writeFileSync(this.path(path), text);
    return this.path(path);
  }

  /** A program found before the real one. */
  program(name: string, text: string): void {
    writeFileSync(join(this.bin, name), text);
    chmodSync(join(this.bin, name), 0o755);
  }

  get env(): Record<string, string> {
    const env = bareEnv();
    return { ...env, PATH: `${this.bin}:${env.PATH}` };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Stands in for docker: writes down each call, and answers with what `answer` gave it. */
export class FakeDocker {
  constructor(private readonly scratch: Scratch) {
    mkdirSync(scratch.path("calls"));
    mkdirSync(scratch.path("answers"));
    scratch.program(
      "docker",
      `#!/usr/bin/env bash
set -eu
here=${JSON.stringify(scratch.folder)}
calls=("$here"/calls/*)
[[ -e "\${calls[0]}" ]] || calls=()
printf '%s\\0' "$@" > "$here/calls/$(printf '%03d' "\${#calls[@]}")"
answer="$here/answers/$2"
[[ ! -e "$answer.stdout" ]] || cat "$answer.stdout"
[[ ! -e "$answer.stderr" ]] || cat "$answer.stderr" >&2
[[ ! -e "$answer.code" ]] || exit "$(cat "$answer.code")"
`,
    );
  }

  /** What `docker buildx COMMAND` prints and returns from now on. */
  answer(
    command: string,
    answer: { readonly stdout?: string; readonly stderr?: string; readonly code?: number },
  ): void {
    for (const [what, value] of Object.entries(answer)) {
      writeFileSync(this.scratch.path("answers", `${command}.${what}`), String(value));
    }
  }

  /** Arguments of each call so far, in order. */
  get calls(): string[][] {
    const folder = this.scratch.path("calls");
    return readdirSync(folder)
      .sort()
      .map((name) => readFileSync(join(folder, name), "utf8").split("\0").slice(0, -1));
  }
}
