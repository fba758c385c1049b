import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Appends whole text in one O_APPEND write and waits until it is on the disk. Throws when the disk took less
 * than all of it; the cut line is then moved aside by the next `repairLines`.
 */
export function appendDurably(path: string, text: string): void {
  const bytes = Buffer.from(text);
  const isNew = !existsSync(path);
  const file = openSync(path, "a", 0o644);
  try {
    const written = writeSync(file, bytes);
    fsyncSync(file);
    if (written !== bytes.length)
      throw new Error(`${path}: only ${written} of ${bytes.length} bytes were written`);
  } finally {
    closeSync(file);
  }
  if (isNew) syncDirectory(dirname(path));
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
  appendDurably(`${path}.partial`, `${tail.toString("utf8")}\n`);
  const file = openSync(path, "r+");
  try {
    ftruncateSync(file, end);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return tail.length;
}

/** The file's text, or "" when there is none. */
export function readText(path: string): string {
  return read(path)?.toString("utf8") ?? "";
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
