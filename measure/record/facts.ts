import { z } from "zod";
import { CACHES } from "../../environment/caches";
import { CONFIGURATIONS } from "../../environment/configurations";
import { describeZodError, newerSchema, versionsSchema } from "./record";

/** The facts.json layout that the workflow writes and the newest one that is read. */
export const FACTS_SCHEMA = 1;

const text = z.string().min(1);
const bytes = z.int().nonnegative();
const instant = z.iso.datetime({ offset: true });
const cpus = z.number().positive();

/** The artifact file facts.json: what one build job knows about itself. Unknown values are null, not absent. */
export const factsSchema = z.strictObject({
  schema: z.literal(FACTS_SCHEMA),
  environment: text,
  configuration: z.enum(CONFIGURATIONS),
  round: z.int().min(1),
  experiment: text,
  cache: z.enum(CACHES),
  /** Settings of the exporter, as given to `--output`. */
  output: text,
  /** Which Dockerfile was built; `image` below is the result. */
  dockerfile: text,
  /** Start and end of the build step. */
  startedAt: instant,
  finishedAt: instant,
  machine: z.strictObject({
    cpus,
    memoryBytes: bytes,
    instanceType: text.nullable(),
    region: text.nullable(),
  }),
  /** What the build itself was given: the builder pod's limits, or the whole machine. */
  limits: z.strictObject({ cpus, memoryBytes: bytes }),
  versions: versionsSchema,
  image: z.strictObject({
    reference: text,
    digest: text,
    compressedBytes: bytes,
    unpackedBytes: bytes.nullable(),
    layers: z.array(bytes),
  }),
});

export type Facts = z.infer<typeof factsSchema>;

export type ParsedFacts =
  | { readonly ok: true; readonly facts: Facts }
  | { readonly ok: false; readonly problem: string };

/** Reads facts.json; never throws on data. The problem says what is wrong, all of it at once. */
export function parseFacts(json: string): ParsedFacts {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return { ok: false, problem: "facts.json is not valid JSON" };
  }
  const newer = newerSchema(value);
  if (newer !== undefined) {
    return {
      ok: false,
      problem: `facts.json was written by a newer workflow (schema ${newer}, known: ${FACTS_SCHEMA})`,
    };
  }
  const result = factsSchema.safeParse(value);
  if (!result.success) return { ok: false, problem: describeZodError(result.error, "a facts.json") };
  const facts = result.data;
  if (Date.parse(facts.finishedAt) < Date.parse(facts.startedAt)) {
    return { ok: false, problem: "not a facts.json: finishedAt lies before startedAt" };
  }
  return { ok: true, facts };
}
