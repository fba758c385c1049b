import { z } from "zod";
import { CACHES } from "../../environment/caches";
import { CONFIGURATIONS } from "../../environment/configurations";
import { appendDurably, readText } from "../../util/durable-file";
import { OUTCOMES } from "../record/record";
import { type NamedVariant, VARIANT_LABELS, type VariantLabel } from "../record/variant";
import type { Redact } from "./redact";

/**
 * results/<environment>.journal.jsonl: what the runner is about to do, written before it does it. A `plan` line
 * starts an experiment; everything up to the next one belongs to it. Times are ISO 8601.
 */
const build = {
  request: z.string().min(1),
  round: z.int().min(1),
  configuration: z.enum(CONFIGURATIONS),
  variant: z.enum(VARIANT_LABELS),
  attempt: z.int().min(1),
};

const planSchema = z.object({
  type: z.literal("plan"),
  version: z.literal(1),
  experiment: z.string().min(1),
  environment: z.string().min(1),
  /** `owner/name`. */
  repository: z.string().min(1),
  configurations: z.array(z.enum(CONFIGURATIONS)).min(1),
  rounds: z.int().min(1),
  seed: z.int().min(0),
  cache: z.enum(CACHES),
  /** With their settings, so that a resumed experiment builds what it began with. */
  variants: z
    .array(
      z.object({
        name: z.enum(VARIANT_LABELS),
        image: z.string().min(1),
        context: z.string().optional(),
        output: z.string().min(1),
      }),
    )
    .min(1),
  /** Where the environment has several. */
  imageRepository: z.string().optional(),
  ref: z.string().min(1),
  maxAttempts: z.int().min(1),
  parallel: z.boolean(),
  at: z.string(),
});

const entrySchema = z.discriminatedUnion("type", [
  planSchema,
  /** Before the request goes out. `at` is the server's time. */
  z.object({ type: z.literal("intent"), ...build, at: z.string() }),
  /** GitHub took it; a run may not be visible yet. */
  z.object({ type: z.literal("accepted"), request: z.string() }),
  /** GitHub said no: nothing runs under this request, and it may be sent again. */
  z.object({ type: z.literal("refused"), request: z.string() }),
  z.object({ type: z.literal("run"), request: z.string(), runId: z.int().positive() }),
  /** After the record is in the results. `spent`: whether it counts against --max-attempts. */
  z.object({
    type: z.literal("recorded"),
    request: z.string(),
    outcome: z.enum(OUTCOMES),
    spent: z.boolean(),
  }),
  z.object({ type: z.literal("finished"), at: z.string() }),
]);

export type JournalPlan = z.infer<typeof planSchema>;
export type JournalEntry = z.infer<typeof entrySchema>;

/** The settings of one of the plan's builds. */
export function variantOf(
  { experiment, variants }: JournalPlan,
  { variant }: { readonly variant: VariantLabel },
): NamedVariant {
  const found = variants.find(({ name }) => name === variant);
  if (found === undefined) throw new Error(`${experiment} has no variant ${variant}`);
  return found;
}

/** The journal holds a line that this program cannot have written. */
export class DamagedJournal extends Error {
  constructor(path: string, line: number) {
    super(
      `${path}, line ${line} is not an entry of the journal. Put the file right, or give the experiment up: ` +
        `mv ${path} ${path}.damaged (records that are in the results stay there)`,
    );
    this.name = "DamagedJournal";
  }
}

/** All entries in order. A last line without a newline is left out: it was cut off, and `repairLines` moves it aside. */
export function readJournal(path: string): JournalEntry[] {
  const lines = readText(path).split("\n").slice(0, -1);
  return lines.flatMap((line, index) => {
    if (line.trim() === "") return [];
    const entry = parseEntry(line);
    if (entry === undefined) throw new DamagedJournal(path, index + 1);
    return [entry];
  });
}

function parseEntry(line: string): JournalEntry | undefined {
  try {
    const result = entrySchema.safeParse(JSON.parse(line));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}

/** Appends entries; each is on the disk when `write` returns. */
export class Journal {
  constructor(
    readonly path: string,
    private readonly redact: Redact,
  ) {}

  write(entry: JournalEntry): void {
    appendDurably(this.path, this.redact(`${JSON.stringify(entry)}\n`));
  }
}
