import { createHash } from "node:crypto";
import { strFromU8, unzipSync } from "fflate";
import { type Facts, parseFacts } from "../record/facts";
import { type Progress, parseProgress } from "../record/progress";

export const FACTS_FILE = "facts.json";
export const PROGRESS_FILE = "progress.rawjson";
/** Unpacked, each. A build's progress is about 2 MB; a larger one is not one. */
const MAX_FILE_BYTES = 128 * 1024 * 1024;

export function artifactName(configuration: string, round: number): string {
  return `build-${configuration}-${round}`;
}

const COMPARED = [
  "environment",
  "experiment",
  "round",
  "configuration",
  "cache",
  "output",
  "dockerfile",
] as const;

type Compared = (typeof COMPARED)[number];

/** What the facts must say, or the artifact is of another build. */
export type Expected = Pick<Facts, Compared>;

export type ReadArtifact =
  | { readonly ok: true; readonly facts: Facts; readonly progress: Progress }
  | { readonly ok: false; readonly problem: string };

/** Unpacks and checks a build's artifact. Never throws on data. `digest` is `sha256:HEX`, when GitHub gives it. */
export function readArtifact(
  archive: Uint8Array,
  digest: string | undefined,
  expected: Expected,
): ReadArtifact {
  const actual = `sha256:${createHash("sha256").update(archive).digest("hex")}`;
  if (digest?.startsWith("sha256:") === true && digest !== actual) {
    return failed(`the archive's digest is ${actual}, and GitHub names ${digest}`);
  }
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(archive, {
      filter: ({ name, originalSize }) => wanted(name) && originalSize <= MAX_FILE_BYTES,
    });
  } catch {
    return failed(`not a zip archive (${archive.length} bytes)`);
  }
  const factsFile = files[FACTS_FILE];
  const progressFile = files[PROGRESS_FILE];
  if (factsFile === undefined || progressFile === undefined) {
    const missing = [FACTS_FILE, PROGRESS_FILE].filter((name) => files[name] === undefined);
    return failed(`it holds no ${missing.join(" and no ")} of a sensible size`);
  }
  const parsed = parseFacts(strFromU8(factsFile));
  if (!parsed.ok) return failed(parsed.problem);
  const { facts } = parsed;
  const different = differences(facts, expected);
  if (different.length > 0) return failed(`it is of another build: ${different.join("; ")}`);
  const progress = parseProgress(strFromU8(progressFile));
  if (progress.wallSeconds === null) return failed(`${PROGRESS_FILE} times nothing`);
  return { ok: true, facts, progress };
}

function wanted(name: string): boolean {
  return name === FACTS_FILE || name === PROGRESS_FILE;
}

function differences(facts: Facts, expected: Expected): string[] {
  return COMPARED.flatMap((key) =>
    facts[key] === expected[key] ? [] : [`${key} is ${facts[key]} instead of ${expected[key]}`],
  );
}

function failed(problem: string): ReadArtifact {
  return { ok: false, problem };
}
