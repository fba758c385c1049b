import { type BuildRecord, RECORD_SCHEMA } from "../record/record";
import type { Built } from "./build";
import type { BenchBuild } from "./plan";
import type { PulledImage } from "./verify";

/** What all records of one bench have in common. */
export interface BenchFacts {
  readonly experiment: string;
  /** Size of the workload, or the user's own Dockerfile. */
  readonly image: string;
  /** As --link has it. */
  readonly link: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Whether the builder runs on this machine: only then are its CPUs and memory known. */
  readonly ownBuilder: boolean;
  readonly versions: { readonly buildx: string; readonly buildkit: string };
}

/** The checked image of a build, or why the build does not count. */
export type Checked =
  | { readonly image: PulledImage; readonly reference: string }
  | { readonly problem: string };

/**
 * The record of one build. Variants that are to be compared must agree in `variant`, so what differs between
 * them (cache, output) is in the label alone; `cache` says whether the scenario finds one.
 */
export function benchRecord(
  facts: BenchFacts,
  { round, scenario, variant }: BenchBuild,
  built: Built,
  checked: Checked | undefined,
  now: Date,
): BuildRecord {
  const common = {
    schema: RECORD_SCHEMA,
    kind: "bench",
    experiment: facts.experiment,
    round,
    attempt: 1,
    label: variant.label,
    environment: "bench",
    instanceType: facts.ownBuilder ? `${facts.cpus} CPUs` : "builder",
    region: "local",
    variant: {
      image: facts.image,
      cache: scenario === "cold" || scenario === "warm" ? "none" : "registry",
      output: "by variant",
      scenario,
      link: facts.link,
    },
    recordedAt: now.toISOString(),
  } as const;
  if (!built.ok) return { ...common, outcome: "failure", detail: built.problem };
  if (built.retries > 0) {
    // What it waited for is the registry's trouble, and no part of the build.
    const times = built.retries === 1 ? "once" : `${built.retries} times`;
    const detail = `the registry failed, and BuildKit waited and tried again ${times}: the time would hold that`;
    return { ...common, outcome: "failure", detail };
  }
  if (checked === undefined || "problem" in checked) {
    // No time: a faster build of something else is not faster.
    return { ...common, outcome: "failure", detail: checked?.problem ?? "the image was not checked" };
  }
  const machine = { cpus: facts.cpus, memoryBytes: facts.memoryBytes };
  const { manifest, compressedBytes, unpackedBytes } = checked.image;
  return {
    ...common,
    outcome: "success",
    startedAt: built.startedAt.toISOString(),
    seconds: { build: built.seconds },
    ...(clockTold(built) ? { phases: built.progress.phases } : { detail: CLOCK_WAS_SET }),
    ...(facts.ownBuilder ? { machine, limits: machine } : {}),
    versions: facts.versions,
    image: {
      reference: checked.reference,
      digest: manifest.digest,
      compressedBytes,
      unpackedBytes,
      layers: manifest.layers.map(({ size }) => size),
    },
  };
}

const CLOCK_WAS_SET = "the clock was set during the build: the phases, which are read from it, are left out";
/** Seconds that two clocks may differ by in one build without having been set. */
const CLOCK_TOLERANCE = 0.5;

/** The whole time is monotonic; the phases are times of the builder's clock. */
function clockTold({ clockStep, progress, seconds }: Extract<Built, { ok: true }>): boolean {
  return Math.abs(clockStep) <= CLOCK_TOLERANCE && (progress.wallSeconds ?? 0) <= seconds + CLOCK_TOLERANCE;
}
