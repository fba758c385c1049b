import { CONFIGURATIONS, type Configuration } from "../../../environment/configurations";
import { VARIANTS } from "../../../environment/variants";
import type {
  BuildRecord,
  PhaseSeconds,
  SuccessRecord,
  UnsuccessfulRecord,
} from "../../../measure/record/record";

/*
 * FABRICATED example data: invented numbers for tests. Nobody measured any of this.
 */

const GIB = 2 ** 30;

/** Invented typical phases in seconds; export and push overlap, as they do in BuildKit. */
const INVENTED_PHASES: Readonly<Record<Configuration, PhaseSeconds>> = {
  "hosted-default": { context: 2, pull: 4, install: 190, export: 95, push: 210, cache: 0, other: 1 },
  "hosted-kubernetes": { context: 4, pull: 3, install: 185, export: 90, push: 120, cache: 0, other: 1 },
  "custom-default": { context: 2, pull: 3, install: 186, export: 92, push: 112, cache: 0, other: 1 },
  "custom-kubernetes": { context: 2, pull: 3, install: 183, export: 88, push: 110, cache: 0, other: 1 },
};

/** Invented seconds of export that also push. */
const OVERLAP = 40;

/** Deviations from the typical time, by round: a slow round, a fast one, and ordinary ones. */
const DEVIATIONS = [0.01, -0.02, 0.04, 0, -0.01];

export function fabricatedSuccess(
  configuration: Configuration,
  round: number,
  change: Partial<SuccessRecord> = {},
): SuccessRecord {
  const hosted = configuration.startsWith("hosted");
  const factor = 1 + (DEVIATIONS[(round - 1 + configuration.length) % DEVIATIONS.length] ?? 0) + round / 1000;
  const typical = INVENTED_PHASES[configuration];
  const phases: PhaseSeconds = {
    context: typical.context * factor,
    pull: typical.pull * factor,
    install: typical.install * factor,
    export: typical.export * factor,
    push: typical.push * factor,
    cache: 0,
    other: typical.other * factor,
  };
  const sum = Object.values(phases).reduce((a, b) => a + b, 0);
  const build = sum - OVERLAP;
  const setup = configuration.endsWith("kubernetes") ? 28 + round : 11 + round;
  return {
    schema: 1,
    kind: "build",
    experiment: "fabricated-example",
    round,
    attempt: 1,
    configuration,
    environment: "c5n",
    instanceType: "c5n.2xlarge",
    region: "us-west-2",
    variant: { image: "torch", cache: "none", output: "gzip" },
    outcome: "success",
    recordedAt: "2026-01-01T00:00:00Z",
    seconds: { queue: hosted ? 4 + round : 1 + round, setup, build, job: setup + build + 5 },
    phases,
    machine: hosted
      ? { cpus: 2, memoryBytes: 7 * GIB }
      : { cpus: 8, memoryBytes: 21 * GIB, instanceType: "c5n.2xlarge" },
    limits: { cpus: 2, memoryBytes: 7 * GIB },
    versions: { buildx: "v0.37.2", buildkit: "v0.31.2" },
    image: {
      reference: "registry.example/c5n/large-python-container:fabricated",
      digest: `sha256:${"0".repeat(64)}`,
      compressedBytes: 1_900_000_000 + round,
      unpackedBytes: 4_100_000_000,
      layers: [30_000_000, 1_870_000_000],
    },
    ...change,
  };
}

export function fabricatedFailure(
  configuration: Configuration,
  round: number,
  change: Partial<UnsuccessfulRecord> = {},
): UnsuccessfulRecord {
  const {
    outcome: _,
    seconds: __,
    phases: ___,
    image: ____,
    ...rest
  } = fabricatedSuccess(configuration, round);
  return { ...rest, outcome: "failure", ...change };
}

/** Four configurations by five rounds. */
export function fabricatedFourByFive(change: Partial<SuccessRecord> = {}): SuccessRecord[] {
  return [1, 2, 3, 4, 5].flatMap((round) =>
    CONFIGURATIONS.map((configuration) => fabricatedSuccess(configuration, round, change)),
  );
}

/** The same on the other instance type, a little slower on the cluster. */
export function fabricatedC5(): SuccessRecord[] {
  return fabricatedFourByFive().map((record) => ({
    ...record,
    environment: "c5",
    instanceType: "c5.2xlarge",
    ...(record.machine?.instanceType === undefined
      ? {}
      : { machine: { cpus: 8, memoryBytes: 16 * GIB, instanceType: "c5.2xlarge" } }),
    seconds: {
      ...record.seconds,
      build: record.seconds.build + (record.configuration === "hosted-default" ? 0 : 2 - record.round),
    },
  }));
}

/** Four configurations by two variants by five rounds; the fast one installs, exports and pushes sooner. */
export function fabricatedEightByFive(): SuccessRecord[] {
  return fabricatedFourByFive().flatMap((record) => [
    { ...record, variant: { cache: "none", ...VARIANTS.original } },
    quicker(record),
  ]);
}

function quicker(record: SuccessRecord): SuccessRecord {
  const { phases, image, seconds, configuration } = record;
  if (phases === undefined || image === undefined || configuration === undefined) {
    throw new Error("the fabricated record lacks its facts");
  }
  const fast: PhaseSeconds = {
    ...phases,
    install: phases.install / 6,
    export: phases.export / 4,
    // The wire of a hosted runner stays what it is.
    push: phases.push / (configuration.startsWith("hosted") ? 1.5 : 4),
  };
  const build = Object.values(fast).reduce((a, b) => a + b, 0) - OVERLAP / 4;
  return {
    ...record,
    variant: { cache: "none", ...VARIANTS.fast },
    seconds: { ...seconds, build, job: (seconds.setup ?? 0) + build + 5 },
    phases: fast,
    image: { ...image, compressedBytes: 1_500_000_000, layers: [30_000_000, 700_000_000, 770_000_000] },
  };
}

export function jsonLines(records: readonly BuildRecord[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join("");
}
