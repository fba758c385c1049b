import { CONFIGURATIONS } from "../../environment/configurations";
import { VARIANT_NAMES } from "../../environment/variants";
import { listed } from "../../util/words";
import type { SuccessRecord } from "../record/record";
import { type Bootstrap, median, type SpeedUp } from "../record/statistics";
import { cellWords, presetOf, variantWords } from "../record/variant";
import { answersOf, runNotes } from "./answers";
import { differencesBetween } from "./comparability";
import { printable, ratio, verdict } from "./format";
import { type MeasuredSet, streamName } from "./instances";
import {
  type SubjectReport,
  TOTALS,
  type Total,
  type VariantCell,
  type VariantComparison,
  type VariantRow,
} from "./model";
import { placeWords } from "./sets";

/** Sets of one environment that differ in image and output alone, such as original and fast. */
export function compareVariants(
  sets: readonly MeasuredSet[],
  baseline: string,
  bootstrap: Bootstrap,
): VariantComparison[] {
  const groups = new Map<string, MeasuredSet[]>();
  for (const set of sets) {
    const { kind, environment, instanceType, region, variant } = set.report;
    // A label of a local measurement is its variant already.
    if (kind !== "build") continue;
    const { image: _, output: __, ...shared } = variant;
    const key = JSON.stringify([environment, instanceType, region, shared]);
    groups.set(key, [...(groups.get(key) ?? []), set]);
  }
  return [...groups.values()].flatMap((group) => {
    const ordered = group.toSorted((a, b) => rankOf(a) - rankOf(b));
    const [reference, ...others] = ordered;
    if (reference === undefined || !others.some((set) => shareSubject(reference, set))) return [];
    const { cache } = reference.report.variant;
    const title = `${placeWords(reference.report)}: ${listed(ordered.map(nameOf))}${cache === "none" ? "" : `, cache ${cache}`}`;
    return [new Comparison(title, reference, others, baseline, bootstrap).report()];
  });
}

/** Presets in their order, the original being what others are measured by; then the rest as it comes. */
function rankOf({ report: { variant } }: MeasuredSet): number {
  const preset = presetOf(variant);
  return preset === undefined ? VARIANT_NAMES.length : VARIANT_NAMES.indexOf(preset);
}

function nameOf({ report: { variant } }: MeasuredSet): string {
  return variantWords(variant);
}

function shareSubject(a: MeasuredSet, b: MeasuredSet): boolean {
  return [...a.kept.keys()].some((subject) => b.kept.has(subject));
}

/** A configuration of one set. */
interface Cell {
  readonly name: string;
  readonly set: MeasuredSet;
  readonly subject: SubjectReport;
}

class Comparison {
  private readonly sets: readonly MeasuredSet[];
  private readonly cells: readonly Cell[];
  private readonly baselineCell: string;

  constructor(
    private readonly title: string,
    private readonly reference: MeasuredSet,
    private readonly others: readonly MeasuredSet[],
    baseline: string,
    private readonly bootstrap: Bootstrap,
  ) {
    this.sets = [reference, ...others];
    this.cells = CONFIGURATIONS.flatMap((configuration) =>
      this.sets.flatMap((set) => {
        const subject = set.report.subjects.find((candidate) => candidate.subject === configuration);
        const name = cellWords(configuration, set.report.variant);
        return subject === undefined ? [] : [{ name, set, subject }];
      }),
    );
    this.baselineCell = cellWords(baseline, reference.report.variant);
  }

  report(): VariantComparison {
    const { environment, instanceType, region, variant } = this.reference.report;
    const rows = this.rows();
    return {
      title: printable(this.title),
      environment,
      instanceType,
      region,
      cache: variant.cache,
      variants: this.sets.map((set) => {
        const { image, output } = set.report.variant;
        return { name: nameOf(set), image, output };
      }),
      cells: this.cells.map((cell) => this.cellReport(cell)),
      baseline: this.baselineCell,
      rows,
      answers: [...this.fastest(), ...this.overall(rows)],
      notes: this.notes(),
    };
  }

  private cellReport(cell: Cell): VariantCell {
    const baseline = this.find(this.baselineCell);
    const sizes = runsOf(cell).flatMap(({ image }) => image?.compressedBytes ?? []);
    return {
      name: cell.name,
      configuration: cell.subject.subject,
      variant: nameOf(cell.set),
      measures: cell.subject.measures,
      compressedBytes: sizes.length === 0 ? null : median(sizes),
      speedUp: baseline === undefined || baseline === cell ? null : this.compare(baseline, cell, "build"),
    };
  }

  private rows(): VariantRow[] {
    return this.others.flatMap((set) =>
      this.cells.flatMap((cell) => {
        const { subject } = cell.subject;
        const before = this.cells.find(
          (other) => other.set === this.reference && other.subject.subject === subject,
        );
        if (cell.set !== set || before === undefined) return [];
        return TOTALS.map((measure) => ({
          configuration: subject,
          variant: nameOf(set),
          measure,
          speedUp: this.compare(before, cell, measure),
        }));
      }),
    );
  }

  private fastest(): string[] {
    const runs = new Map(this.cells.map((cell) => [cell.name, runsOf(cell)]));
    const compare = (before: string, after: string) => {
      const [a, b] = [this.find(before), this.find(after)];
      if (a === undefined || b === undefined) throw new Error(`no cell ${before} or ${after}`);
      return this.compare(a, b, "build");
    };
    return answersOf([...runs.keys()], runs, this.baselineCell, compare, true);
  }

  /** One sentence for each variant: what it does in each configuration. */
  private overall(rows: readonly VariantRow[]): string[] {
    return this.others.flatMap((set) => {
      const parts = rows.flatMap(({ configuration, variant, measure, speedUp }) => {
        if (variant !== nameOf(set) || measure !== "build" || speedUp.timesAsFast === null) return [];
        const told = speedUp.verdict === "faster" ? "" : ` (${verdict(speedUp)})`;
        return [`${ratio(speedUp.timesAsFast)} in ${configuration}${told}`];
      });
      if (parts.length === 0) return [];
      return [
        `${nameOf(set)} against ${nameOf(this.reference)}, times as fast in the build step: ${listed(parts)}.`,
      ];
    });
  }

  private notes(): string[] {
    const notes: string[] = [];
    const baseline = this.find(this.baselineCell);
    if (baseline === undefined || runsOf(baseline).length === 0) {
      notes.push(`No run of ${this.baselineCell} that counts: nothing is compared with it.`);
    }
    const before = experimentsOf(this.reference);
    for (const set of this.others) {
      if ([...experimentsOf(set)].some((experiment) => before.has(experiment))) continue;
      notes.push(
        `${nameOf(this.reference)} and ${nameOf(set)} were not built in turn, in one experiment: a difference may be that of their days. --variants builds them in turn.`,
      );
    }
    notes.push(...differencesBetween(new Map(this.cells.map((cell) => [cell.name, runsOf(cell)])), true));
    notes.push(...runNotes(this.cells.map(({ name, subject }) => ({ ...subject, subject: name }))));
    return notes.map(printable);
  }

  private find(name: string): Cell | undefined {
    return this.cells.find((cell) => cell.name === name);
  }

  private compare(before: Cell, after: Cell, measure: Total): SpeedUp {
    const side = (cell: Cell) => ({
      name: streamName(cell.set.key, cell.subject.subject, measure),
      values: runsOf(cell).flatMap(({ seconds }) => seconds[measure] ?? []),
    });
    return this.bootstrap.compare(side(before), side(after));
  }
}

function runsOf({ set, subject }: Cell): readonly SuccessRecord[] {
  return set.kept.get(subject.subject) ?? [];
}

function experimentsOf({ kept }: MeasuredSet): ReadonlySet<string> {
  return new Set([...kept.values()].flat().map(({ experiment }) => experiment));
}
