import fc from "fast-check";
import { CONFIGURATIONS } from "../../../environment/configurations";
import { type BuildRecord, OUTCOMES } from "../../../measure/record/record";
import { fabricatedFailure, fabricatedSuccess } from "../../measure/report/fabricated-records";
import { hostileLabel } from "./hostile";

const text = fc.oneof(fc.constantFrom("c5n", "a b", "5"), hostileLabel);
const seconds = fc.oneof(
  { weight: 9, arbitrary: fc.double({ min: 0, max: 7200, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1e-9, 1e9) },
);
const FAILURES = OUTCOMES.filter((outcome) => outcome !== "success");

/** Valid records with hostile texts. */
export const records: fc.Arbitrary<BuildRecord> = fc
  .record({
    configuration: fc.constantFrom(...CONFIGURATIONS),
    round: fc.integer({ min: 1, max: 30 }),
    bench: fc.boolean(),
    texts: fc.array(text, { minLength: 6, maxLength: 6 }),
    build: seconds,
    failure: fc.option(fc.constantFrom(...FAILURES), { freq: 1 }),
  })
  .map(({ configuration, round, bench, texts, build, failure }) => {
    const [experiment = "", environment = "", region = "", detail = "", image = "", label = ""] = texts;
    const variant = { image, cache: "none", output: "gzip" } as const;
    const change = { experiment, environment, region, detail, variant };
    const record =
      failure === null
        ? fabricatedSuccess(configuration, round, { ...change, seconds: { build } })
        : fabricatedFailure(configuration, round, { ...change, outcome: failure });
    if (!bench) return record;
    const { configuration: _, ...rest } = record;
    return { ...rest, kind: "bench", label };
  });
