import fc from "fast-check";
import { CACHES } from "../../../environment/caches";
import { CONFIGURATIONS } from "../../../environment/configurations";
import { type BuildRecord, OUTCOMES } from "../../../measure/record/record";
import { hostileLabel } from "./hostile";

const text = fc.oneof(fc.constantFrom("c5n", "a b", "5"), hostileLabel);
const duration = fc.oneof(
  { weight: 9, arbitrary: fc.double({ min: 0, max: 7200, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1e-9, 1e9) },
);
const bytes = fc.oneof(fc.nat(), fc.constantFrom(0, Number.MAX_SAFE_INTEGER));
const instant = fc
  .integer({ min: Date.UTC(2000, 0), max: Date.UTC(2100, 0) })
  .map((ms) => new Date(ms).toISOString());
const resources = fc.record({ cpus: fc.double({ min: 0.1, max: 200, noNaN: true }), memoryBytes: bytes });

const phases = fc.record({
  context: duration,
  pull: duration,
  install: duration,
  export: duration,
  push: duration,
  cache: duration,
  other: duration,
});

const optional = <T extends object, K extends keyof T>(
  shape: { [P in keyof T]: fc.Arbitrary<T[P]> },
  requiredKeys: K[],
) => fc.record(shape, { requiredKeys });

const subject = fc.oneof(
  fc.record({ kind: fc.constant("build" as const), configuration: fc.constantFrom(...CONFIGURATIONS) }),
  fc.record({ kind: fc.constant("bench" as const), label: text }),
);

const common = optional(
  {
    schema: fc.constant(1 as const),
    experiment: text,
    round: fc.integer({ min: 1, max: 30 }),
    attempt: fc.integer({ min: 1, max: 3 }),
    environment: text,
    instanceType: text,
    region: text,
    variant: optional(
      {
        image: text,
        cache: fc.constantFrom(...CACHES),
        output: text,
        scenario: text,
        link: text,
      },
      ["image", "cache", "output"],
    ),
    recordedAt: instant,
    detail: text,
    machine: resources,
    limits: resources,
    versions: fc.record({ buildx: text, buildkit: text }),
  },
  [
    "schema",
    "experiment",
    "round",
    "attempt",
    "environment",
    "instanceType",
    "region",
    "variant",
    "recordedAt",
  ],
);

const success = optional(
  {
    outcome: fc.constant("success" as const),
    seconds: optional({ queue: duration, setup: duration, build: duration, job: duration }, ["build"]),
    startedAt: instant,
    phases,
    image: optional(
      {
        reference: text,
        digest: text,
        compressedBytes: bytes,
        unpackedBytes: bytes,
        layers: fc.array(bytes, { maxLength: 4 }),
      },
      ["reference", "digest", "compressedBytes", "layers"],
    ),
  },
  ["outcome", "seconds"],
);

const unsuccessful = fc.record({
  outcome: fc.constantFrom(...OUTCOMES.filter((outcome) => outcome !== "success")),
});

/** Valid records, whose texts are anything. */
export const records: fc.Arbitrary<BuildRecord> = fc
  .tuple(common, subject, fc.oneof({ weight: 3, arbitrary: success }, { weight: 1, arbitrary: unsuccessful }))
  .map((parts) => Object.assign({}, ...parts) as BuildRecord);
