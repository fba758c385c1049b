import { fstatSync } from "node:fs";
import { CannotWrite, orCannotWrite } from "./cannot-write";
import { writeAll } from "./durable-file";

/** Where text goes: a stream, or what a test collects. */
export interface Output {
  write(text: string): unknown;
  /** Whether the cursor can be moved. */
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/**
 * Standard output, where results go.
 *
 * @throws CannotWrite from `write` when it is a file whose disk does not take everything
 */
export function standardOutput(): Output {
  return output(process.stdout, (text) =>
    orCannotWrite("standard output", () => writeAll(process.stdout.fd, text)),
  );
}

/** Standard error, where progress goes: a log that cannot be written stops nothing. */
export function standardError(): Output {
  return output(process.stderr, (text) => {
    try {
      orCannotWrite("standard error", () => writeAll(process.stderr.fd, text));
    } catch (error) {
      if (!(error instanceof CannotWrite)) throw error;
    }
  });
}

/** Node writes only a part to a file on a disk that is nearly full, and reports no error. */
function output(
  stream: NodeJS.WriteStream & { readonly fd: number },
  writeFile: (text: string) => void,
): Output {
  if (fstatSync(stream.fd).isFile()) return { write: writeFile };
  return {
    write: (text) => stream.write(text),
    isTTY: stream.isTTY === true && process.env.TERM !== "dumb",
    get columns() {
      return stream.columns;
    },
  };
}

/** A reader that goes away (`| head -1`) is no error: the program ends. Of progress, nobody need read the rest. */
export function endOnClosedPipe(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    throw error;
  });
  process.stderr.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}
