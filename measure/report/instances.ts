import { needsOf } from "../../environment/configurations";
import type { SuccessRecord } from "../record/record";
import type { Bootstrap } from "../record/statistics";
import { isConfiguration } from "./cost";
import type { InstanceComparison, InstanceRow, SetReport, Total } from "./model";

/** A set with the builds that count, by subject. */
export interface MeasuredSet {
  readonly key: string;
  readonly report: SetReport;
  readonly kept: ReadonlyMap<string, readonly SuccessRecord[]>;
}

/** The name of a group's random stream: the same whatever else is in the report. */
export function streamName(setKey: string, subject: string, measure: Total): string {
  return JSON.stringify([setKey, subject, measure]);
}

/** Every two sets of one variant and region whose instance types differ, such as c5 against c5n. */
export function compareInstances(sets: readonly MeasuredSet[], bootstrap: Bootstrap): InstanceComparison[] {
  const comparisons: InstanceComparison[] = [];
  for (const [index, from] of sets.entries()) {
    for (const to of sets.slice(index + 1)) {
      if (!sameButForInstance(from.report, to.report)) continue;
      const rows = rowsOf(from, to, bootstrap);
      if (rows.length === 0) continue;
      const { variant } = from.report;
      comparisons.push({ from: placeOf(from.report), to: placeOf(to.report), variant, rows });
    }
  }
  return comparisons;
}

function placeOf({ environment, instanceType }: SetReport) {
  return { environment, instanceType };
}

function sameButForInstance(a: SetReport, b: SetReport): boolean {
  return (
    a.instanceType !== b.instanceType &&
    a.kind === b.kind &&
    a.region === b.region &&
    JSON.stringify(a.variant) === JSON.stringify(b.variant)
  );
}

function rowsOf(from: MeasuredSet, to: MeasuredSet, bootstrap: Bootstrap): InstanceRow[] {
  const rows: InstanceRow[] = [];
  for (const before of from.report.subjects) {
    const { subject } = before;
    const after = to.report.subjects.find((candidate) => candidate.subject === subject);
    if (after === undefined) continue;
    const side = (set: MeasuredSet) => ({
      name: streamName(set.key, subject, "build"),
      values: (set.kept.get(subject) ?? []).map((record) => record.seconds.build),
    });
    rows.push({
      subject,
      control: isConfiguration(subject) && !needsOf([subject]).cluster,
      from: before.measures.build,
      to: after.measures.build,
      speedUp: bootstrap.compare(side(from), side(to)),
    });
  }
  return rows;
}
