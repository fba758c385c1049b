import { execFile } from "node:child_process";

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Longer than any scan takes. */
const TIMEOUT_MS = 600_000;

/** Runs a program to its end. Rejects if it cannot start; one that hangs is killed and has no exit code. */
export function run(
  program: string,
  words: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Ended> {
  const limits = { timeout: TIMEOUT_MS, killSignal: "SIGKILL", maxBuffer: 2 ** 30 } as const;
  return new Promise((resolve, reject) => {
    execFile(program, words, { ...options, ...limits }, (error, stdout, stderr) => {
      if (typeof error?.code === "string") reject(error);
      else resolve({ code: error ? (error.code ?? null) : 0, stdout, stderr });
    });
  });
}

/** The end of a program's output, for a message about its failure. */
export const lastLines = (text: string) => text.trim().split("\n").slice(-10).join("\n");
