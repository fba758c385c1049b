import { counted, cut, showName } from "../../util/invalid-input";

/** One package that a lock pins. */
export interface Pin {
  /** Normalized: lower case, one dash for each run of dashes, dots and underscores. */
  readonly name: string;
  readonly version: string;
  /** The requirement as the lock writes it, with extras and marker, without its hashes. */
  readonly requirement: string;
  readonly hashes: readonly string[];
  /** Who asked for it, as the lock's comments say: packages of the lock (normalized), or files and projects. */
  readonly via: readonly string[];
}

export interface Lock {
  /** Where packages come from and in which form: lines that hold for the whole lock, in its order. */
  readonly options: readonly string[];
  /** By name. */
  readonly pins: readonly Pin[];
  /** What is wrong with it; pins and options are what could be read all the same. */
  readonly problems: readonly string[];
}

const OPTION = /^(-i|--index-url|--extra-index-url|--only-binary|--no-binary)[ =]/;
const REQUIREMENT =
  /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?:\[[^\]]*\])?\s*==\s*([^\s;,*]+)\s*(;.*)?$/;
const HASH = /--hash[= ]([a-z0-9]+:[0-9a-f]+)/g;

export const HOW_TO_LOCK =
  "Write one: uv pip compile --generate-hashes --only-binary :all: requirements.in -o requirements.txt";

export function normalizedName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, "-");
}

/** Reads a lock that `uv pip compile --generate-hashes`, `uv export` or `pip-compile --generate-hashes` wrote. */
export function parseLock(text: string): Lock {
  const options: string[] = [];
  const pins: Pin[] = [];
  const unpinned: string[] = [];
  const withoutHash: string[] = [];
  const twice: string[] = [];
  for (const { line, text: logical, comments } of logicalLines(text)) {
    const hashes = [...logical.matchAll(HASH)].map(([, hash = ""]) => hash);
    const requirement = logical.replaceAll(HASH, "").trim().replaceAll(/\s+/g, " ");
    const [, name, version] = REQUIREMENT.exec(requirement) ?? [];
    if (OPTION.test(requirement)) {
      options.push(requirement);
    } else if (name === undefined || version === undefined) {
      unpinned.push(`line ${line} must be a package pinned like name==1.0; got ${shown(requirement)}.`);
    } else if (hashes.length === 0) {
      withoutHash.push(`line ${line}: ${name}==${showName(version)} has no --hash. ${HOW_TO_LOCK}`);
    } else {
      pins.push({ name: normalizedName(name), version, requirement, hashes, via: viaOf(comments) });
    }
  }
  const seen = new Map<string, Pin>();
  for (const pin of pins) {
    const other = seen.get(pin.name);
    if (other) {
      twice.push(
        `${pin.name} is pinned twice, as ${showName(other.version)} and ${showName(pin.version)}. Lock for one platform: uv pip compile --python-version 3.12 --python-platform x86_64-manylinux_2_39`,
      );
    }
    seen.set(pin.name, other ?? pin);
  }
  const problems = [
    ...counted(unpinned, "lines are not pinned"),
    ...counted(withoutHash, "packages have no hash"),
    ...counted(twice, "packages are pinned twice"),
  ];
  if (pins.length === 0 && problems.length === 0) problems.push(`it pins no package. ${HOW_TO_LOCK}`);
  return { options, pins: [...seen.values()].sort((a, b) => compareText(a.name, b.name)), problems };
}

/** Order of code units: the same on every machine, whatever its language. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

interface LogicalLine {
  readonly line: number;
  readonly text: string;
  readonly comments: readonly string[];
}

/** Lines with their continuations joined; the comments after a line, indented, are its own. */
function logicalLines(text: string): LogicalLine[] {
  const lines: { line: number; text: string; comments: string[] }[] = [];
  let continued = false;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const comment = /(?:^|\s)#(.*)$/.exec(raw);
    const code = (comment ? raw.slice(0, comment.index) : raw).trim();
    const last = lines.at(-1);
    if (comment && /^\s/.test(raw)) last?.comments.push(comment[1] ?? "");
    if (code === "") continue;
    const content = code.replace(/\s*\\$/, "");
    if (continued && last) last.text += ` ${content}`;
    else lines.push({ line: index + 1, text: content, comments: [] });
    continued = code.endsWith("\\");
  }
  return lines;
}

/** Who asked, from `# via torch`, or `# via` and one comment for each. */
function viaOf(comments: readonly string[]): string[] {
  const start = comments.findIndex((comment) => /^\s*via\b/.test(comment));
  if (start < 0) return [];
  return comments
    .slice(start)
    .map((comment) => comment.replace(/^\s*via\b/, "").trim())
    .filter((who) => who !== "")
    .flatMap((who) => who.split(/,\s+/))
    .map((who) => (/^[A-Za-z0-9._-]+$/.test(who) && !who.startsWith("-") ? normalizedName(who) : who));
}

const shown = (text: string) => `"${cut(showName(text), 60)}"`;
