import { z } from "zod";
import { CONFIGURATIONS } from "../../environment/configurations";
import { describeZodError, newerSchema, RECORD_SCHEMA } from "../record/record";

/**
 * Somebody's published table of times: no rounds, no phases, no machines to check. It is shown
 * beside measured values and never mixed with them.
 */
export const publishedSchema = z.strictObject({
  schema: z.literal(RECORD_SCHEMA),
  kind: z.literal("published"),
  title: z.string().min(1),
  source: z.strictObject({ article: z.string().min(1), year: z.int(), repository: z.string().min(1) }),
  /** Runs behind each number. */
  runs: z.int().min(1),
  instanceType: z.string().min(1),
  image: z.strictObject({ description: z.string().min(1), unpackedBytes: z.int().positive() }),
  /** What a reader must know before comparing. */
  caveats: z.array(z.string().min(1)),
  /** Elapsed seconds of one build and push. */
  times: z
    .array(z.strictObject({ configuration: z.enum(CONFIGURATIONS), seconds: z.number().positive() }))
    .min(1)
    .refine((times) => new Set(times.map((time) => time.configuration)).size === times.length, {
      message: "must not list a configuration twice",
    }),
});

export type Published = z.infer<typeof publishedSchema>;

/**
 * @returns undefined when the text is not such a document at all (JSON lines of records, say), and a
 * problem in words when it is one that cannot be used
 */
export function parsePublished(
  text: string,
): { readonly published: Published } | { readonly problem: string } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || !("kind" in value) || value.kind !== "published") {
    return undefined;
  }
  const newer = newerSchema(value);
  if (newer !== undefined) {
    return {
      problem: `written by a newer version of this program (schema ${newer}, known: ${RECORD_SCHEMA}); update to read it`,
    };
  }
  const result = publishedSchema.safeParse(value);
  return result.success
    ? { published: result.data }
    : { problem: describeZodError(result.error, "a published table") };
}
