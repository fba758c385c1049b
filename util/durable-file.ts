import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { CannotWrite, orCannotWrite } from "./cannot-write";
import { draftOf, sweepDrafts } from "./draft";

/**
 * Appends whole text to a file that this process alone writes, and waits until it is on the disk.
 *
 * @throws CannotWrite when the disk does not take all of it; the file is then as it was before
 */
export function appendDurably(path: string, text: string | Uint8Array): void {
  const isNew = !existsSync(path);
  try {
    const file = openSync(path, "a", 0o644);
    try {
      const { size } = fstatSync(file);
      try {
        writeAll(file, text);
        fsyncSync(file);
      } catch (error) {
        // Also a cut line would be moved aside by the next `repairLines`.
        ftruncateSync(file, size);
        throw error;
      }
    } finally {
      closeSync(file);
    }
    if (isNew) syncDirectory(dirname(path));
  } catch (error) {
    if (isNew) rmSync(path, { force: true });
    throw new CannotWrite(path, error);
  }
}

/**
 * Makes a file hold this text and nothing else, in one step: a reader, also after a crash, has the
 * old content or the new one. What is no file (a pipe, a terminal) is written to as it is.
 *
 * @throws CannotWrite when the disk does not take all of it; an older file is then as it was before
 */
export function writeWhole(path: string, text: string): void {
  orCannotWrite(path, () => {
    const exists = existsSync(path);
    if (exists && !statSync(path).isFile()) {
      writeFileSync(path, text);
      return;
    }
    // A link keeps leading to the file.
    const real = exists ? realpathSync(path) : path;
    const draft = draftOf(real);
    sweepDrafts(real);
    try {
      const file = openSync(draft, "w", exists ? statSync(real).mode & 0o777 : 0o666);
      try {
        writeAll(file, text);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(draft, real);
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    }
  });
}

/** A disk that is nearly full takes a part, and tells why only when it is asked to take the rest. */
export function writeAll(file: number, text: string | Uint8Array): void {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}

/**
 * Makes a file of JSON lines end with a whole line. A last line without its newline stays when it is whole
 * JSON; otherwise it moves to `<path>.partial`. Returns the bytes moved aside.
 */
export function repairLines(path: string): number {
  const content = read(path);
  if (content === undefined || content.length === 0 || content.at(-1) === NEWLINE) return 0;
  const end = content.lastIndexOf(NEWLINE) + 1;
  const tail = content.subarray(end);
  if (isJsonObject(tail.toString("utf8"))) {
    appendDurably(path, "\n");
    return 0;
  }
  // First the copy, then the cut: a crash between the two leaves the fragment twice, never nowhere.
  // As bytes: the cut may lie inside a character.
  appendDurably(`${path}.partial`, Buffer.concat([tail, Buffer.from("\n")]));
  const file = openSync(path, "r+");
  try {
    ftruncateSync(file, end);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return tail.length;
}

/** The file's text; undefined when there is none. */
export function readIfThere(path: string): string | undefined {
  return read(path)?.toString("utf8");
}

/** The file's text, or "" when there is none. */
export function readText(path: string): string {
  return readIfThere(path) ?? "";
}

const NEWLINE = 0x0a;

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null;
  } catch {
    return false;
  }
}

/** A new file's name is on the disk only once its directory is. */
function syncDirectory(path: string): void {
  const directory = openSync(path, "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
