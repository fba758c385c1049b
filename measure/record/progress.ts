import { z } from "zod";
import { BUILD_PHASES, type BuildPhase, type PhaseSeconds } from "./record";

/**
 * Reads what `docker buildx build --progress=rawjson` writes: one SolveStatus object a line. The names and
 * meanings are those of BuildKit's client package (client/graph.go); a vertex or status appears again each
 * time it changes, in any order, and a vertex may run more than once.
 *
 * Phases, by BuildKit's own names:
 * - context: "[internal] load ..." (definition, metadata, .dockerignore, context) and the frontend image;
 * - pull: the FROM vertices and everything under them, and layers unpacked late under another vertex;
 * - install: RUN, COPY, ADD and WORKDIR;
 * - export, push: statuses of the "exporting to image" vertex;
 * - cache: vertices and statuses that import or export a build cache;
 * - other: what fits nowhere, such as a builder that boots inside the build step.
 */
export interface Progress {
  /** Seconds per phase: the union of its intervals, so that parallel steps count once. */
  readonly phases: PhaseSeconds;
  /** First start to last completion of anything, in seconds; null when nothing was timed. */
  readonly wallSeconds: number | null;
  readonly vertices: number;
  /** Vertices answered from the cache. */
  readonly cached: number;
  readonly problems: ProgressProblems;
}

export interface ProgressProblems {
  /** Lines that are no SolveStatus: cut off, or text that another program wrote in between. */
  readonly unreadableLines: number;
  /** Vertices and statuses that a readable line held in a form that this program does not know. */
  readonly unknownEntries: number;
  /** Intervals that started and never completed; they are left out. */
  readonly unfinished: number;
  /** Intervals that end before they start; they are left out. */
  readonly reversed: number;
  /** Vertices that ended with an error. */
  readonly failed: number;
}

/** Milliseconds since the epoch. */
type Interval = readonly [start: number, end: number];

const time = z
  .string()
  .transform((value) => Date.parse(value))
  // Go's zero time is the year 1: "not set".
  .transform((value) => (Number.isFinite(value) && value > 0 ? value : undefined))
  .nullish();

const vertexSchema = z.object({
  digest: z.string().min(1),
  name: z.string().nullish(),
  started: time,
  completed: time,
  cached: z.boolean().nullish(),
  error: z.string().nullish(),
});

const statusSchema = z.object({
  id: z.string().min(1),
  vertex: z.string().nullish(),
  name: z.string().nullish(),
  started: time,
  completed: time,
});

const entries = z.array(z.unknown()).nullish();
const solveStatusSchema = z.object({ vertexes: entries, statuses: entries });

/** Start (ms) to end (ms), or undefined while the end is not known. */
type Runs = Map<number, number | undefined>;

interface Vertex {
  name: string;
  cached: boolean;
  failed: boolean;
  readonly runs: Runs;
}

interface Status {
  readonly name: string;
  readonly vertex: string;
  readonly runs: Runs;
}

export function parseProgress(text: string): Progress {
  const vertices = new Map<string, Vertex>();
  const statuses = new Map<string, Status>();
  let unreadableLines = 0;
  let unknownEntries = 0;

  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const solve = readLine(line);
    if (solve === undefined) {
      unreadableLines++;
      continue;
    }
    for (const entry of solve.vertexes ?? []) {
      const parsed = vertexSchema.safeParse(entry);
      if (parsed.success) addVertex(vertices, parsed.data);
      else unknownEntries++;
    }
    for (const entry of solve.statuses ?? []) {
      const parsed = statusSchema.safeParse(entry);
      if (parsed.success) addStatus(statuses, parsed.data);
      else unknownEntries++;
    }
  }

  const perPhase = new Map<BuildPhase, Interval[]>(BUILD_PHASES.map((phase) => [phase, []]));
  const counts = { unfinished: 0, reversed: 0 };
  const collect = (phase: BuildPhase, runs: Runs) => {
    for (const [start, end] of runs) {
      if (end === undefined) counts.unfinished++;
      else if (end < start) counts.reversed++;
      else perPhase.get(phase)?.push([start, end]);
    }
  };

  const split = new Set<string>();
  for (const status of statuses.values()) {
    const vertexName = vertices.get(status.vertex)?.name ?? "";
    const phase = phaseOfStatus(status.name, phaseOfVertex(vertexName));
    if (phase === undefined) continue;
    collect(phase, withoutEqualLayers(status.runs));
    if (isExport(vertexName)) split.add(status.vertex);
  }
  for (const [digest, vertex] of vertices) {
    // The statuses of an export vertex separate compression from push.
    if (!split.has(digest)) collect(phaseOf(vertex), vertex.runs);
  }

  const all = [...perPhase.values()].flat();
  for (const digest of split) all.push(...finished(vertices.get(digest)?.runs));
  const list = [...vertices.values()];
  return {
    phases: phaseSeconds((phase) => unionSeconds(perPhase.get(phase) ?? [])),
    wallSeconds: all.length === 0 ? null : spanSeconds(all),
    vertices: list.length,
    cached: list.filter((vertex) => vertex.cached).length,
    problems: {
      unreadableLines,
      unknownEntries,
      ...counts,
      failed: list.filter((vertex) => vertex.failed).length,
    },
  };
}

/** Two equal layers are written at once under one id, and only one of the two starts gets an end. */
function withoutEqualLayers(runs: Runs): Runs {
  const ended = [...runs].filter(([, end]) => end !== undefined);
  return ended.length > 0 ? new Map(ended) : runs;
}

/** What is answered from a cache installs nothing: while it runs, BuildKit downloads and unpacks the layers below it. */
function phaseOf({ name, cached }: Vertex): BuildPhase {
  const phase = phaseOfVertex(name);
  return cached && phase === "install" ? "pull" : phase;
}

function readLine(line: string): z.infer<typeof solveStatusSchema> | undefined {
  try {
    const parsed = solveStatusSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

function addVertex(vertices: Map<string, Vertex>, entry: z.infer<typeof vertexSchema>): void {
  let vertex = vertices.get(entry.digest);
  if (vertex === undefined) {
    vertex = { name: "", cached: false, failed: false, runs: new Map() };
    vertices.set(entry.digest, vertex);
  }
  vertex.name ||= entry.name ?? "";
  vertex.cached ||= entry.cached === true;
  vertex.failed ||= (entry.error ?? "") !== "";
  addRun(vertex.runs, entry.started, entry.completed);
}

function addStatus(statuses: Map<string, Status>, entry: z.infer<typeof statusSchema>): void {
  // Ids such as a layer's digest come back under several vertices.
  const key = JSON.stringify([entry.vertex ?? "", entry.id]);
  let status = statuses.get(key);
  if (status === undefined) {
    // "extracting" is the name and "extracting sha256:..." the id; elsewhere only the id is set.
    status = { name: entry.name || entry.id, vertex: entry.vertex ?? "", runs: new Map() };
    statuses.set(key, status);
  }
  addRun(status.runs, entry.started, entry.completed);
}

function addRun(runs: Runs, started?: number | null, completed?: number | null): void {
  if (started === undefined || started === null) return;
  const known = runs.get(started);
  const end = completed ?? undefined;
  // A later message may repeat the start alone; it takes nothing back.
  runs.set(started, known === undefined ? end : end === undefined ? known : Math.max(known, end));
}

const CACHE_NAME =
  /^(importing cache|exporting ((inline|content) )?cache|exporting to GitHub Actions Cache|preparing build cache|preparing layers for inline cache|sending cache export|writing cache )/i;
const PUSH_NAME = /^(pushing |merging manifest list)/i;
const EXPORT_NAME =
  /^(exporting |naming to |unpacking to |sending tarball|copying files|importing to docker|rewriting layers)/i;
const PULL_NAME = /^(resolve |extracting|downloading|pulling |sha256:)/i;
/** `[stage 2/5] `, `[linux/amd64 2/5] `, `[2/5] `. */
const STEP_NAME = /^\[[^\]]*\d+\/\d+\] +(?:LINK +)?([A-Za-z]+)/;
const FRONTEND_NAME = /(resolve image config for|docker-image:\/\/\S*docker\/dockerfile)/i;

/** Where a vertex's own time belongs, by its name. */
export function phaseOfVertex(name: string): BuildPhase {
  const instruction = STEP_NAME.exec(name)?.[1]?.toUpperCase();
  if (instruction === "FROM") return "pull";
  if (instruction !== undefined) return "install";
  if (/^\[internal\] (booting|waiting)/i.test(name)) return "other";
  if (/^\[internal\] pushing /i.test(name)) return "push";
  if (name.startsWith("[internal]") || FRONTEND_NAME.test(name)) return "context";
  if (CACHE_NAME.test(name)) return "cache";
  if (PUSH_NAME.test(name)) return "push";
  if (EXPORT_NAME.test(name)) return "export";
  if (/^(docker-image:\/\/|FROM |pull(ing)? )/i.test(name)) return "pull";
  return "other";
}

/**
 * Where a status belongs, or undefined when its vertex's time already covers it. A status under a cache or
 * pull vertex stays there whatever its name says.
 */
export function phaseOfStatus(name: string, vertexPhase: BuildPhase): BuildPhase | undefined {
  if (vertexPhase === "cache" || vertexPhase === "pull") return vertexPhase;
  if (vertexPhase === "context") return undefined;
  if (CACHE_NAME.test(name)) return "cache";
  if (PUSH_NAME.test(name)) return "push";
  if (EXPORT_NAME.test(name)) return "export";
  if (PULL_NAME.test(name) && vertexPhase !== "export") return "pull";
  return undefined;
}

function isExport(vertexName: string): boolean {
  return phaseOfVertex(vertexName) === "export";
}

/** Length of the union of intervals (ms) in seconds: what overlaps counts once. */
export function unionSeconds(intervals: readonly Interval[]): number {
  const sorted = [...intervals].sort((a, b) => a[0] - b[0]);
  let total = 0;
  let reached = Number.NEGATIVE_INFINITY;
  for (const [start, end] of sorted) {
    if (end <= reached) continue;
    total += end - Math.max(start, reached);
    reached = end;
  }
  return total / 1000;
}

function spanSeconds(intervals: readonly Interval[]): number {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const [start, end] of intervals) {
    first = Math.min(first, start);
    last = Math.max(last, end);
  }
  return (last - first) / 1000;
}

function finished(runs: Runs = new Map()): Interval[] {
  return [...runs].flatMap(([start, end]): Interval[] =>
    end === undefined || end < start ? [] : [[start, end]],
  );
}

function phaseSeconds(of: (phase: BuildPhase) => number): PhaseSeconds {
  return {
    context: of("context"),
    pull: of("pull"),
    install: of("install"),
    export: of("export"),
    push: of("push"),
    cache: of("cache"),
    other: of("other"),
  };
}
