import { CannotWrite } from "./cannot-write";
import { InvalidInput, WrongUsage } from "./invalid-input";

/** What every command ends with. */
export const EXIT = {
  ok: 0,
  /** A problem was found: a file is invalid or out of date, a build failed, a disk is full. */
  problem: 1,
  /** The command line is wrong; nothing was done. */
  usage: 2,
  /** Ctrl-C: 128 + SIGINT. */
  interrupted: 130,
} as const;

/**
 * Runs a program. An error that is meant for its user is printed without a stack trace; any other one is a bug and
 * is thrown.
 *
 * @returns the exit code
 */
export async function exitCodeOf(program: () => number | Promise<number>): Promise<number> {
  try {
    return await program();
  } catch (error) {
    if (!(error instanceof InvalidInput || error instanceof CannotWrite)) throw error;
    process.stderr.write(`${error instanceof CannotWrite ? "error: " : ""}${error.message}\n`);
    return error instanceof WrongUsage ? EXIT.usage : EXIT.problem;
  }
}

/** Runs a program of its own, and leaves its exit code to the process. */
export async function runProgram(program: () => unknown): Promise<void> {
  const code = await exitCodeOf(async () => {
    await program();
    return EXIT.ok;
  });
  if (code !== EXIT.ok) process.exitCode = code;
}
