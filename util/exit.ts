import { InvalidInput } from "./invalid-input";

/** Runs a command. Invalid input is printed as it stands and ends the process with code 1, without a stack trace. */
export function exitOnInvalidInput<T>(command: () => T): T {
  try {
    return command();
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
