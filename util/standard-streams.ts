import { fstatSync } from "node:fs";
import type { Output } from "../measure/experiment/reporter";
import { CannotWrite, orCannotWrite } from "./cannot-write";
import { writeAll } from "./durable-file";

/**
 * Standard output, where results go. Node's own stream takes a part for the whole where it is a file on a disk that
 * is nearly full.
 *
 * @throws CannotWrite from `write` when the file's disk does not take everything
 */
export function standardOutput(): Output {
  return toFile(process.stdout, (text) =>
    orCannotWrite("standard output", () => writeAll(process.stdout.fd, text)),
  );
}

/** Standard error, where progress goes: a log that cannot be written stops nothing. */
export function standardError(): Output {
  return toFile(process.stderr, (text) => {
    try {
      orCannotWrite("standard error", () => writeAll(process.stderr.fd, text));
    } catch (error) {
      if (!(error instanceof CannotWrite)) throw error;
    }
  });
}

function toFile(stream: NodeJS.WriteStream & { readonly fd: number }, write: (text: string) => void): Output {
  return fstatSync(stream.fd).isFile() ? { write, isTTY: false } : stream;
}
