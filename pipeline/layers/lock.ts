import { counted, cut, showName } from "../../util/invalid-input";
import { markerHolds, UnknownMarker } from "./markers";
import { canonicalVersion } from "./pep440";
import { pylockLines } from "./pylock";

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

/** The Python of pipeline/image/Dockerfile's base. */
export const DEFAULT_PYTHON = "3.12";

/** Where packages come from, kept for every layer. */
const KEPT_OPTION =
  /^(?:-i|--index-url|--extra-index-url|-f|--find-links|--only-binary|--no-binary|--trusted-host)(?:[ =]|$)/;
/** What changes nothing where every package is pinned with its hash. */
const DROPPED_OPTION = /^(?:--require-hashes|--prefer-binary|--pre|-c|--constraint|--use-feature)(?:[ =]|$)/;
const NAME = "[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?";
const REQUIREMENT = new RegExp(`^(${NAME})\\s*(?:\\[[^\\]]*\\])?\\s*==\\s*([^\\s;,*]+)\\s*(?:;(.*))?$`);
const WHEEL = new RegExp(
  `^(${NAME})\\s*(?:\\[[^\\]]*\\])?\\s*@\\s*(https?://\\S+/[^/?#\\s]+?-([^-/?#\\s]+)(?:-[^-/?#\\s]+){3,4}\\.whl(?:#\\S*)?)\\s*(?:;(.*))?$`,
);
const LOCAL = /^(?:-e\b|--editable\b|\.{0,2}\/|\.$|file:)|@\s*file:/;
const HASH = /--hash[= ]([a-z0-9]+:[0-9a-f]+)/g;

export const HOW_TO_LOCK =
  "Write one: uv pip compile --generate-hashes --only-binary :all: requirements.in -o requirements.txt";

export function normalizedName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, "-");
}

/** The text of a lock, also one that PowerShell's `>` wrote in UTF-16. */
export function decodeLock(bytes: Uint8Array): string {
  const encoding =
    bytes[0] === 0xfe && bytes[1] === 0xff
      ? "utf-16be"
      : (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes.length > 1 && bytes[1] === 0)
        ? "utf-16le"
        : "utf-8";
  return new TextDecoder(encoding).decode(bytes);
}

/** What is wrong with lines, by kind: many of one kind are one sentence. */
class Problems {
  private readonly kinds = new Map<string, string[]>();

  add(kind: string, problem: string): void {
    this.kinds.set(kind, [...(this.kinds.get(kind) ?? []), problem]);
  }

  all(): string[] {
    return [...this.kinds].flatMap(([kind, problems]) => counted(problems, kind));
  }
}

/**
 * Reads a lock with hashes: requirements as `uv pip compile`, `uv export`, `pip-compile` and `poetry export` write them,
 * or pylock.toml (PEP 751). Lines whose marker is false for Linux on x86_64 and this Python are left out.
 *
 * @param python version of the image's Python, such as 3.12
 */
export function parseLock(text: string, python = DEFAULT_PYTHON): Lock {
  const elsewhere = exportOf(text);
  if (elsewhere !== undefined) return { options: [], pins: [], problems: [elsewhere] };
  const problems = new Problems();
  const read = /^lock-version\s*=/m.test(text)
    ? pylockLines(text, (problem) => problems.add("parts cannot be read", problem))
    : requirementLines(text, problems);
  const options = read.options.filter((option) => !holdsPassword(option));
  const lines = read.lines.filter(({ requirement }) => !holdsPassword(requirement));
  if (options.length < read.options.length || lines.length < read.lines.length) {
    problems.add(
      "addresses hold a password",
      "an address in it holds a user or password, which the layers' files would hold too. Lock without it, and hand the address over as a build secret: UV_DEFAULT_INDEX or UV_INDEX for the build, PIP_INDEX_URL for the measuring.",
    );
  }
  const pins = new Map<string, Pin>();
  for (const { where, requirement, hashes, via } of lines) {
    const [, name = "", version = "", marker] = REQUIREMENT.exec(requirement) ?? [];
    const [, wheelName = name, , wheelVersion = version, wheelMarker = marker] =
      WHEEL.exec(requirement) ?? [];
    if (wheelName === "" || wheelVersion === "") {
      problems.add("lines are not pinned", notPinned(where, requirement));
    } else if (hashes.length === 0) {
      problems.add(
        "packages have no hash",
        `${where}: ${wheelName}==${showName(wheelVersion)} has no --hash. ${HOW_TO_LOCK}`,
      );
    } else if (holds(wheelMarker, python, where, problems)) {
      const pin = {
        name: normalizedName(wheelName),
        version: decodeURIComponent(wheelVersion),
        requirement,
        hashes,
        via,
      };
      pins.set(pin.name, merged(pins.get(pin.name), pin, python, problems));
    }
  }
  const found = problems.all();
  if (pins.size === 0 && found.length === 0) found.push(`it pins no package. ${HOW_TO_LOCK}`);
  return { options, pins: [...pins.values()].sort((a, b) => compareText(a.name, b.name)), problems: found };
}

/** Never shown and never kept: a message and a layer's file are read by others. */
const holdsPassword = (text: string) => /:\/\/[^/\s]*@/.test(text);

/** One pin for equal ones, such as those with and without extra: extras are packages of the lock themselves. */
function merged(other: Pin | undefined, pin: Pin, python: string, problems: Problems): Pin {
  if (other === undefined) return pin;
  if (canonicalVersion(other.version) !== canonicalVersion(pin.version)) {
    problems.add(
      "packages are pinned twice",
      `${pin.name} is pinned twice for Linux x86_64 and Python ${python}, as ${showName(other.version)} and ${showName(pin.version)}. Lock for one platform: uv pip compile --python-version ${python} --python-platform x86_64-manylinux_2_39`,
    );
    return other;
  }
  return {
    ...other,
    hashes: [...new Set([...other.hashes, ...pin.hashes])],
    via: [...new Set([...other.via, ...pin.via])],
  };
}

function holds(marker: string | undefined, python: string, where: string, problems: Problems): boolean {
  if (marker === undefined) return true;
  try {
    return markerHolds(marker, python);
  } catch (error) {
    if (!(error instanceof UnknownMarker)) throw error;
    problems.add(
      "markers cannot be judged",
      `${where}: the marker ${shown(marker.trim())} cannot be judged (${error.message}). Lock for one platform: uv pip compile --python-version ${python} --python-platform x86_64-manylinux_2_39`,
    );
    return false;
  }
}

function notPinned(where: string, requirement: string): string {
  if (LOCAL.test(requirement)) {
    return `${where} is a project of your own, which no index has; got ${shown(requirement)}. Leave it out and install it in a layer after these: uv export --no-emit-project --no-emit-workspace --no-emit-local.`;
  }
  if (/^(?:-r|--requirement)\b/.test(requirement)) {
    return `${where} names another file, which is not read; got ${shown(requirement)}. Lock both in one file: uv pip compile --generate-hashes A.in B.in -o requirements.txt.`;
  }
  if (requirement.startsWith("-"))
    return `${where} is an option that a layer cannot keep; got ${shown(requirement)}. Leave it out.`;
  if (/@/.test(requirement)) {
    return `${where} must be a wheel by its URL, with its hash; got ${shown(requirement)}.`;
  }
  return `${where} must be a package pinned like name==1.0; got ${shown(requirement)}.`;
}

/** One command that makes a lock of hashes out of a project's own lock. */
function exportOf(text: string): string | undefined {
  const kinds: readonly (readonly [RegExp, string, string])[] = [
    [
      /^# This file is automatically @generated by Poetry/m,
      "poetry.lock",
      "poetry export -f requirements.txt -o requirements.txt",
    ],
    [/^\s*\{\s*"_meta"/, "Pipfile.lock", "pipenv requirements --hash > requirements.txt"],
    [
      /^# This file is @generated by PDM[\s\S]*^\[\[package\]\]/m,
      "pdm.lock",
      "pdm export -f requirements -o requirements.txt",
    ],
    [
      /^version = \d+[\s\S]*^\[\[package\]\]/m,
      "uv.lock",
      "uv export --frozen --no-dev --no-emit-project -o requirements.txt",
    ],
  ];
  const found = kinds.find(([pattern]) => pattern.test(text));
  return found && `it is a ${found[1]}, which is for more than one platform. Export it: ${found[2]}`;
}

export interface Line {
  /** Where it stands, in words. */
  readonly where: string;
  readonly requirement: string;
  readonly hashes: readonly string[];
  readonly via: readonly string[];
}

export interface Read {
  readonly options: readonly string[];
  readonly lines: readonly Line[];
}

function requirementLines(text: string, problems: Problems): Read {
  const options: string[] = [];
  const lines: Line[] = [];
  for (const { line, text: logical, comments } of logicalLines(text)) {
    const hashes = [...logical.matchAll(HASH)].map(([, hash = ""]) => hash);
    const requirement = logical.replaceAll(HASH, "").trim().replaceAll(/\s+/g, " ");
    const where = `line ${line}`;
    if (
      /^(?:-f|--find-links)[ =]/.test(requirement) &&
      !holdsPassword(requirement) &&
      !/[ =]https?:/.test(requirement)
    ) {
      problems.add(
        "folders of wheels are not in the image's build",
        `${where}: a folder of wheels is not in the image's build; got ${shown(requirement)}. Name an index, or each wheel by its URL.`,
      );
    } else if (KEPT_OPTION.test(requirement)) {
      options.push(requirement);
    } else if (!DROPPED_OPTION.test(requirement)) {
      const [, inUrl] = /#(?:.*&)?sha256=([0-9a-f]{64})/.exec(requirement) ?? [];
      lines.push({
        where,
        requirement,
        hashes: [...new Set([...hashes, ...(inUrl === undefined ? [] : [`sha256:${inUrl}`])])],
        via: viaOf(comments),
      });
    }
  }
  return { options, lines };
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
