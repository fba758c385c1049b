import { z } from "zod";
import { CACHES } from "../../environment/caches";
import { CONFIGURATIONS } from "../../environment/configurations";
import { cut, visible } from "../../util/invalid-input";

/** The record layout that this program writes and the newest one it reads. */
export const RECORD_SCHEMA = 1;

/** Everything that can become of one build attempt. Only "success" has times. */
export const OUTCOMES = [
  "success",
  "failure",
  "cancelled",
  "timed_out",
  "skipped",
  "never_started",
  "artifact_missing",
  "artifact_expired",
  "artifact_malformed",
] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** The phases that BuildKit's progress is sorted into; see progress.ts for what belongs to each. */
export const BUILD_PHASES = ["context", "pull", "install", "export", "push", "cache", "other"] as const;

export type BuildPhase = (typeof BUILD_PHASES)[number];

const text = z.string().min(1);
/** Duration in seconds. */
const duration = z.number().nonnegative();
const bytes = z.int().nonnegative();
/** UTC or with an offset, as GitHub and `date --iso-8601=seconds` write it. */
const instant = z.iso.datetime({ offset: true });

/** CPUs and memory (bytes) of a machine, or of what a build may use of it. CPUs may be fractional. */
export const resourcesSchema = z.strictObject({ cpus: z.number().positive(), memoryBytes: bytes });

export const versionsSchema = z.strictObject({ buildx: text, buildkit: text });

/** The image that a build pushed. `compressedBytes` is what the registry holds; `layers` are its parts. */
export const builtImageSchema = z.strictObject({
  reference: text,
  digest: text,
  compressedBytes: bytes,
  unpackedBytes: bytes.optional(),
  layers: z.array(bytes),
});

/** What was asked of the build. `image` names the Dockerfile, `output` the exporter's settings. */
export const variantSchema = z.strictObject({
  image: text,
  cache: z.enum(CACHES),
  output: text,
  scenario: text.optional(),
  link: text.optional(),
});

/**
 * Wall times in seconds.
 * `queue`: job created to job started. `setup`: job started to build step started, builder boot included.
 * `build`: the build step. `job`: job started to job completed.
 */
export const secondsSchema = z.strictObject({
  queue: duration.optional(),
  setup: duration.optional(),
  build: duration,
  job: duration.optional(),
});

/** Seconds per phase, each a union of intervals: phases overlap, so their sum may exceed `seconds.build`. */
export const phasesSchema = z.strictObject({
  context: duration,
  pull: duration,
  install: duration,
  export: duration,
  push: duration,
  cache: duration,
  other: duration,
});

export type PhaseSeconds = z.infer<typeof phasesSchema>;

const githubSchema = z.strictObject({
  repository: text,
  workflowRunId: z.int().positive(),
  jobId: z.int().positive().optional(),
  url: text,
});

const common = {
  schema: z.literal(RECORD_SCHEMA),
  kind: z.enum(["build", "bench"]),
  /** Id of the whole experiment; several rounds share it. */
  experiment: text,
  round: z.int().min(1),
  /** A retried build counts up; attempts of one round share everything else. */
  attempt: z.int().min(1),
  configuration: z.enum(CONFIGURATIONS).optional(),
  /** Stands in for `configuration` in local measurements. */
  label: text.optional(),
  environment: text,
  instanceType: text,
  region: text,
  variant: variantSchema,
  detail: z.string().optional(),
  github: githubSchema.optional(),
  recordedAt: instant,
  machine: resourcesSchema.extend({ instanceType: text.optional() }).optional(),
  limits: resourcesSchema.optional(),
  versions: versionsSchema.optional(),
};

const successSchema = z.strictObject({
  ...common,
  outcome: z.literal("success"),
  startedAt: instant.optional(),
  seconds: secondsSchema,
  phases: phasesSchema.optional(),
  image: builtImageSchema.optional(),
});

/** No times here by construction: a build that failed after 30 s did not take 30 s. */
const unsuccessfulSchema = z.strictObject({
  ...common,
  outcome: z.enum(OUTCOMES.filter((outcome) => outcome !== "success")),
});

/** One build attempt: one line of results/<environment>.jsonl. */
export const recordSchema = z
  .discriminatedUnion("outcome", [successSchema, unsuccessfulSchema])
  .refine((record) => (record.configuration === undefined) !== (record.label === undefined), {
    message: "needs exactly one of configuration and label",
  })
  .refine((record) => record.kind === "bench" || record.configuration !== undefined, {
    message: 'a record of kind "build" needs a configuration; label is for kind "bench"',
  });

export type BuildRecord = z.infer<typeof recordSchema>;
export type SuccessRecord = Extract<BuildRecord, { outcome: "success" }>;
export type UnsuccessfulRecord = Exclude<BuildRecord, { outcome: "success" }>;

export function isSuccess(record: BuildRecord): record is SuccessRecord {
  return record.outcome === "success";
}

/** What is compared: the configuration, or the label of a local measurement. */
export function subjectOf(record: Pick<BuildRecord, "configuration" | "label">): string {
  // The schema admits exactly one of the two.
  return record.configuration ?? record.label ?? "unnamed";
}

/** Identity of a build attempt: two records with one identity are one build written twice. */
export function identityOf(record: BuildRecord): string {
  const { image, cache, output, scenario, link } = record.variant;
  return JSON.stringify([
    record.kind,
    record.experiment,
    record.environment,
    subjectOf(record),
    [image, cache, output, scenario ?? null, link ?? null],
    record.round,
    record.attempt,
  ]);
}

/** The line to append for one record, with its newline. Throws a ZodError on a record that breaks the schema. */
export function formatRecord(record: BuildRecord): string {
  return `${JSON.stringify(recordSchema.parse(record))}\n`;
}

/** A line that could not be used, in words for a person. */
export interface LineProblem {
  readonly file: string;
  /** 1-based; 0 when it concerns the whole file. */
  readonly line: number;
  readonly message: string;
}

export interface ParsedRecords {
  readonly records: readonly BuildRecord[];
  readonly problems: readonly LineProblem[];
}

/**
 * Reads JSON lines. Never throws on data: a line that is malformed, cut off, of a newer schema or not a
 * record becomes a problem, and the other lines are still read. Blank lines and a byte order mark are
 * skipped. An empty text is one problem with line 0.
 */
export function parseRecords(text: string, fileName: string): ParsedRecords {
  const records: BuildRecord[] = [];
  const problems: LineProblem[] = [];
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  const lastLine = lines.length;
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim();
    if (line === "") continue;
    const parsed = parseLine(line, index + 1 === lastLine);
    if ("record" in parsed) records.push(parsed.record);
    else problems.push({ file: fileName, line: index + 1, message: parsed.problem });
  }
  if (records.length === 0 && problems.length === 0) {
    problems.push({ file: fileName, line: 0, message: "the file is empty: it holds no record" });
  }
  return { records, problems };
}

/** `unterminated`: no newline follows, as after a write that was cut short. */
function parseLine(line: string, unterminated: boolean): { record: BuildRecord } | { problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return {
      problem: unterminated
        ? "the last line is cut off (a write was interrupted); it was left out"
        : "not valid JSON; the line was left out",
    };
  }
  const newer = newerSchema(value);
  if (newer !== undefined) {
    return {
      problem: `written by a newer version of this program (schema ${newer}, known: ${RECORD_SCHEMA}); update to read it`,
    };
  }
  const result = recordSchema.safeParse(value);
  return result.success ? { record: result.data } : { problem: describeZodError(result.error) };
}

/** The schema number of a value that a newer program wrote, or undefined. */
export function newerSchema(value: unknown): number | undefined {
  if (typeof value !== "object" || value === null || !("schema" in value)) return undefined;
  const { schema } = value;
  return typeof schema === "number" && schema > RECORD_SCHEMA ? schema : undefined;
}

/** Issues of one value that are named; the keys of a value of another kind are all wrong. */
const NAMED_ISSUES = 10;
const LONGEST_ISSUE = 120;

/** The issues in one sentence: `not a record: seconds.build: Invalid input: expected number, ...`. */
export function describeZodError(error: z.ZodError, what = "a record"): string {
  const issues = error.issues.slice(0, NAMED_ISSUES).map((issue) => {
    const path = issue.path.map(String).join(".");
    return cut(visible(path === "" ? issue.message : `${path}: ${issue.message}`), LONGEST_ISSUE);
  });
  const more = error.issues.length - issues.length;
  return `not ${what}: ${issues.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}
