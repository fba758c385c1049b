import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { InvalidInput, show } from "../../util/invalid-input";
import { DEFAULT_HINTS, type Hints, parseHints } from "./hints";
import { decodeLock, type Lock, normalizedName, parseLock } from "./lock";
import { DEFAULT_LAYERS, MAX_LAYERS, type Plan, plan } from "./plan";
import { FOLDER, HEADER, layerFile, layerName, markerProblems, renewed, withLayers } from "./render";
import { parseSizes, pythonOf } from "./sizes";

export interface LayersInput {
  readonly lock: string;
  readonly sizes: string;
  readonly dockerfile: string;
  /** @default - layers.yaml beside the lock, if there is one */
  readonly hints?: string | undefined;
  /** As the command line gives it. @default - as many as there are; 8 the first time, fewer when the lock is short */
  readonly count?: string | undefined;
  /** Plan anew instead of leaving packages where they are. @default false */
  readonly rebalance?: boolean | undefined;
}

/** A file as it must be; without content it must not be there. */
export interface WantedFile {
  readonly path: string;
  readonly content: string | undefined;
}

export interface Layers {
  readonly plan: Plan;
  readonly files: readonly WantedFile[];
}

/**
 * Reads everything and says what every file must hold; writes nothing.
 *
 * @throws InvalidInput with all that is wrong in all inputs
 */
export function layersOf(input: LayersInput): Layers {
  const problems: string[] = [];
  const about = (path: string, found: readonly string[]) =>
    problems.push(...found.map((problem) => `${path}: ${problem}`));
  const read = (path: string, how = ""): string | undefined => {
    const text = readIfThere(path);
    if (text === undefined) about(path, [`there is no such file, or it cannot be read.${how}`]);
    return text;
  };

  const howToMeasure = `Measure again: npx buildx-on-eks layers --measure --lock ${input.lock} --sizes ${input.sizes}`;
  const lockText = readLock(input.lock);
  if (lockText === undefined) about(input.lock, ["there is no such file, or it cannot be read."]);
  const sizesText = read(input.sizes, ` ${howToMeasure}`);
  const found = read(input.dockerfile);
  const dockerfile = found === undefined ? undefined : renewed(found);
  const lock: Lock =
    lockText === undefined
      ? { options: [], pins: [], problems: [] }
      : parseLock(lockText, pythonOf(sizesText));
  about(input.lock, lock.problems);
  const sizes = sizesText === undefined ? undefined : parseSizes(sizesText, lock.pins, howToMeasure);
  about(input.sizes, sizes?.problems ?? []);
  about(input.dockerfile, dockerfile === undefined ? [] : markerProblems(dockerfile));
  const hints = readHints(input, about);
  const folder = join(dirname(input.dockerfile), FOLDER);
  const existing = existingLayers(folder, about);
  const count = countOf(input.count, existing.length, lock.pins.length, problems);
  if (problems.length > 0 || dockerfile === undefined) {
    throw new InvalidInput("The layers cannot be planned. Nothing was written.", problems);
  }

  const packages = lock.pins.map((pin) => ({ pin, bytes: sizes?.bytes.get(pin.name) ?? 0 }));
  const planned = plan(packages, count, hints, input.rebalance ? [] : existing.map(({ names }) => names));
  const lockName = relative(folder, input.lock).replaceAll("\\", "/");
  const written = planned.layers.map((layer, index) => ({
    path: join(folder, `${layerName(index)}.txt`),
    content: layerFile(layer, lock, lockName),
  }));
  const left = existing
    .filter(({ path }) => !written.some((file) => file.path === path))
    .map(({ path }) => ({ path, content: undefined }));
  const wanted = { path: input.dockerfile, content: withLayers(dockerfile, planned.layers) };
  return { plan: planned, files: [...written, ...left, wanted] };
}

/** Those that are not as they must be. */
export function staleFiles(files: readonly WantedFile[]): WantedFile[] {
  return files.filter(({ path, content }) => readIfThere(path) !== content);
}

/** Each file is whole or as it was; the Dockerfile, which names the others, comes last. */
export function writeFiles(files: readonly WantedFile[]): void {
  const stale = staleFiles(files);
  const drafts = stale.flatMap(({ path, content }) => (content === undefined ? [] : [{ path, content }]));
  try {
    for (const { path, content } of drafts) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(draftOf(path), content);
    }
    for (const { path } of drafts) renameSync(draftOf(path), path);
  } finally {
    for (const { path } of drafts) rmSync(draftOf(path), { force: true });
  }
  for (const { path, content } of stale) if (content === undefined) rmSync(path);
}

const draftOf = (path: string) => join(dirname(path), `.${basename(path)}.draft`);

type Report = (path: string, problems: readonly string[]) => void;

function readHints({ hints, lock }: LayersInput, about: Report): Hints {
  const path = hints ?? join(dirname(lock), "layers.yaml");
  const text = readIfThere(path);
  if (text === undefined) {
    if (hints !== undefined) about(path, ["there is no such file, or it cannot be read."]);
    return DEFAULT_HINTS;
  }
  const parsed = parseHints(text);
  about(path, parsed.problems);
  return parsed.hints;
}

interface ExistingLayer {
  readonly path: string;
  readonly names: readonly string[];
}

/** Which packages each layer holds now. Of what a hand or an older lock left in it, only the names count. */
function existingLayers(folder: string, about: Report): ExistingLayer[] {
  const files = namesIn(folder).filter((name) => /^\d{2}\.txt$/.test(name));
  return files.sort().map((name) => {
    const path = join(folder, name);
    const text = readIfThere(path) ?? "";
    if (!renewed(text).startsWith(HEADER)) {
      about(path, [`it would be overwritten, and does not start with "${HEADER}". Move it away.`]);
    }
    const names = [...text.matchAll(/^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(?:==|@)/gm)];
    return { path, names: names.map(([, name = ""]) => normalizedName(name)) };
  });
}

function countOf(asked: string | undefined, existing: number, packages: number, problems: string[]): number {
  const most = Math.min(MAX_LAYERS, packages);
  // Without packages the lock is the problem, not the count.
  const upTo = packages === 0 ? MAX_LAYERS : most;
  if (asked === undefined) return Math.max(1, Math.min(existing || DEFAULT_LAYERS, upTo));
  const count = /^\d{1,4}$/.test(asked) ? Number(asked) : 0;
  if (count < 1 || count > upTo) {
    const why = upTo === packages ? `, the number of packages` : "";
    problems.push(`--count must be a whole number from 1 to ${upTo}${why}; got ${show(asked)}.`);
  }
  return count;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The text of a lock; undefined where there is no such file. */
export function readLock(path: string): string | undefined {
  try {
    return decodeLock(readFileSync(path));
  } catch {
    return undefined;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
