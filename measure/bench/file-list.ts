import { createHash } from "node:crypto";
import { createReadStream, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { count } from "../../util/words";

/** What is at a path of an image. */
export interface FileEntry {
  readonly kind: "file" | "directory" | "link" | "other";
  /** SHA-256 of a file's bytes, or a link's target. */
  readonly content: string;
  readonly executable: boolean;
  readonly bytes: number;
}

/** Paths without a leading slash. */
export type FileList = ReadonlyMap<string, FileEntry>;

const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";

/** Everything under a folder into which one layer was unpacked, whiteouts among it. */
export async function listFiles(root: string, stop: AbortSignal): Promise<FileList> {
  const files = new Map<string, FileEntry>();
  // Names are bytes: a Buffer keeps what is not UTF-8.
  const folders = [{ path: "", at: Buffer.from(root) }];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    // Hashing blocks; between folders signals and timers get their turn.
    await new Promise((resolve) => setImmediate(resolve));
    stop.throwIfAborted();
    for (const name of readdirSync(folder.at, "buffer")) {
      const at = Buffer.concat([folder.at, SLASH, name]);
      const path = folder.path === "" ? textOf(name) : `${folder.path}/${textOf(name)}`;
      const entry = await entryOf(at, stop);
      files.set(path, entry);
      if (entry.kind === "directory") folders.push({ path, at });
    }
  }
  return files;
}

const SLASH = Buffer.from("/");
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A name as it is, or with its bytes above ASCII written out where they are not UTF-8: `caf\xe9`. */
function textOf(name: Buffer): string {
  try {
    return UTF8.decode(name);
  } catch {
    const escaped = (character: string) => `\\x${character.charCodeAt(0).toString(16)}`;
    return name.toString("latin1").replace(/[\x80-\xff]/g, escaped);
  }
}

async function entryOf(path: Buffer, stop: AbortSignal): Promise<FileEntry> {
  const stat = lstatSync(path);
  const common = { executable: (stat.mode & 0o100) !== 0, bytes: 0 };
  if (stat.isSymbolicLink()) {
    return { ...common, kind: "link", content: textOf(readlinkSync(path, "buffer")), executable: false };
  }
  if (stat.isDirectory()) return { ...common, kind: "directory", content: "" };
  if (!stat.isFile()) return { ...common, kind: "other", content: "" };
  return { ...common, kind: "file", content: await sha256(path, stat.size, stop), bytes: stat.size };
}

/** Larger files are read as streams: Node reads none of 2 GiB at once. */
const AT_ONCE = 1 << 20;

async function sha256(path: Buffer, size: number, stop: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  if (size <= AT_ONCE) hash.update(readFileSync(path));
  else for await (const chunk of createReadStream(path, { signal: stop })) hash.update(chunk);
  return hash.digest("hex");
}

/** One layer over those below it, whiteouts applied (image-spec 1.1, layer.md). */
export function stackLayers(layers: readonly FileList[]): FileList {
  const stacked = new Map<string, FileEntry>();
  for (const layer of layers) {
    for (const path of layer.keys()) {
      const slash = path.lastIndexOf("/") + 1;
      const [folder, name] = [path.slice(0, slash), path.slice(slash)];
      if (name === OPAQUE) removeUnder(stacked, folder);
      else if (name.startsWith(WHITEOUT)) removeTree(stacked, folder + name.slice(WHITEOUT.length));
    }
    for (const [path, entry] of layer) {
      if (path.slice(path.lastIndexOf("/") + 1).startsWith(WHITEOUT)) continue;
      // A folder gives way to what is no folder, with all that it holds.
      if (entry.kind !== "directory" && stacked.get(path)?.kind === "directory") removeTree(stacked, path);
      stacked.set(path, entry);
    }
  }
  return stacked;
}

function removeTree(files: Map<string, FileEntry>, path: string): void {
  files.delete(path);
  removeUnder(files, `${path}/`);
}

function removeUnder(files: Map<string, FileEntry>, prefix: string): void {
  for (const path of files.keys()) if (path.startsWith(prefix)) files.delete(path);
}

export function totalBytes(files: FileList): number {
  let total = 0;
  for (const { bytes } of files.values()) total += bytes;
  return total;
}

/**
 * What may differ between two ways to install the same packages: bytecode, the notes that installers leave
 * (who installed what, and from where), the installer itself, and what build tools add to a layer.
 */
const INCIDENTAL = [
  /(^|\/)__pycache__(\/|$)/,
  /\.pyc$/,
  /\.dist-info\/(RECORD|INSTALLER|REQUESTED|direct_url\.json|uv_cache\.json)$/,
  /(^|\/)site-packages\/pip(-[^/]*\.dist-info)?(\/|$)/,
  /^opt\/venv\/bin\/pip[0-9.]*$/,
  // uv's own, so that no other uv installs at the same time.
  /^opt\/venv\/\.lock$/,
  // The one COPY of the original way; the packages themselves are compared.
  /^srv\/requirements\.txt$/,
  /^(stargz\.index\.json|\.(no\.)?prefetch\.landmark)$/,
  // Mount points of the build.
  /^(dev|proc|sys|tmp|run)(\/|$)/,
  // Empty folders that a staging place leaves.
  /^(layer|root)(\/|$)/,
];

/** Scripts that installers write, each in its own words: only that they are there is compared. */
const WRITTEN_BY_INSTALLER = [/^opt\/venv\/bin\//, /^opt\/venv\/pyvenv\.cfg$/];

/** The code of the image: it differs on purpose in code-change. */
const REVISION = /^srv\/app\/revision\.py$/;

export interface Difference {
  readonly path: string;
  readonly how: "missing" | "added" | "changed";
}

/**
 * What of `found` is not as in `expected`, incidental files apart, by path.
 *
 * @param leftOut paths that are not compared
 */
export function compareFileLists(
  expected: FileList,
  found: FileList,
  leftOut: ReadonlySet<string> = new Set(),
): Difference[] {
  const differences: Difference[] = [];
  const compared = (path: string) =>
    !leftOut.has(path) && !INCIDENTAL.some((pattern) => pattern.test(path)) && !REVISION.test(path);
  for (const [path, entry] of expected) {
    if (entry.kind === "directory" || !compared(path)) continue;
    const other = found.get(path);
    if (other === undefined) differences.push({ path, how: "missing" });
    else if (!same(path, entry, other)) differences.push({ path, how: "changed" });
  }
  for (const [path, entry] of found) {
    if (entry.kind !== "directory" && compared(path) && !expected.has(path)) {
      differences.push({ path, how: "added" });
    }
  }
  return differences.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function same(path: string, a: FileEntry, b: FileEntry): boolean {
  if (a.kind !== b.kind || a.executable !== b.executable) return false;
  return a.content === b.content || WRITTEN_BY_INSTALLER.some((pattern) => pattern.test(path));
}

/** `2 files: a, b`, the first few named. */
export function describePaths(paths: Iterable<string>): string {
  const all = [...paths].sort();
  const more = all.length > NAMED ? `, and ${all.length - NAMED} more` : "";
  return `${count(all.length, "file")}: ${all.slice(0, NAMED).join(", ")}${more}`;
}

const NAMED = 5;

/** `3 files differ: a (missing), b (changed), c (added)`, the first few named. */
export function describeDifferences(differences: readonly Difference[]): string {
  const named = differences.slice(0, NAMED).map(({ path, how }) => `${path} (${how})`);
  const more = differences.length > named.length ? `, and ${differences.length - named.length} more` : "";
  const subject = differences.length === 1 ? "1 file differs" : `${differences.length} files differ`;
  return `${subject}: ${named.join(", ")}${more}`;
}
