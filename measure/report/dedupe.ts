import { count } from "../../util/words";
import { type BuildRecord, identityOf } from "../record/record";
import { compareText } from "./format";

/** Each build once, in an order that does not depend on the files'; what was doubled goes into `problems`. */
export function dedupe(records: readonly BuildRecord[], problems: string[]): BuildRecord[] {
  const byIdentity = new Map<string, BuildRecord>();
  let doubles = 0;
  let contradictions = 0;
  for (const record of records) {
    const identity = identityOf(record);
    const known = byIdentity.get(identity);
    if (known === undefined) byIdentity.set(identity, record);
    else if (sameBytes(known, record)) doubles++;
    else {
      contradictions++;
      // The later one was written with more knowledge; equal times fall back to the bytes.
      if (laterOf(known, record) === record) byIdentity.set(identity, record);
    }
  }
  if (doubles > 0) problems.push(`${count(doubles, "record")} given more than once: counted once.`);
  if (contradictions > 0) {
    problems.push(
      `${count(contradictions, "record")} contradicting another of the same build: the latest counts.`,
    );
  }
  return [...byIdentity].sort(([a], [b]) => compareText(a, b)).map(([, record]) => record);
}

function sameBytes(a: BuildRecord, b: BuildRecord): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function laterOf(a: BuildRecord, b: BuildRecord): BuildRecord {
  const order =
    Date.parse(a.recordedAt) - Date.parse(b.recordedAt) || compareText(JSON.stringify(a), JSON.stringify(b));
  return order > 0 ? a : b;
}
