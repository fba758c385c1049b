import type { BuildVariant } from "../../environment/variants";
import { appendDurably, readText } from "../../util/durable-file";
import { type BuildRecord, formatRecord, parseRecords } from "../record/record";
import type { BuildRef } from "./events";
import type { Redact } from "./redact";

/** results/<environment>.jsonl: one line per build attempt, appended as soon as it is known. */
export class Results {
  constructor(
    readonly path: string,
    private readonly redact: Redact,
  ) {}

  /** On the disk when it returns. Throws a ZodError on a record that breaks the schema. */
  append(record: BuildRecord): void {
    appendDurably(this.path, this.redact(formatRecord(record)));
  }

  /** The record of one attempt, which an earlier process may have written before it could note so in its journal. */
  find(
    experiment: string,
    { round, configuration, attempt }: BuildRef,
    { image, output }: BuildVariant,
  ): BuildRecord | undefined {
    return this.ofExperiment(experiment).find(
      (record) =>
        record.round === round &&
        record.configuration === configuration &&
        record.variant.image === image &&
        record.variant.output === output &&
        record.attempt === attempt,
    );
  }

  ofExperiment(experiment: string): readonly BuildRecord[] {
    const { records } = parseRecords(readText(this.path), this.path);
    return records.filter((record) => record.experiment === experiment);
  }
}
