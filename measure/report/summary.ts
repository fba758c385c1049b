import { count } from "../../util/words";
import { type BuildRecord, isSuccess, type Outcome, type SuccessRecord } from "../record/record";
import { Bootstrap, describe, type SpeedUp } from "../record/statistics";
import { answersOf, remarksOn, sampleNotes } from "./answers";
import { checkGroup, differencesBetween, resourceWords } from "./comparability";
import { breakEven, type CostBasis, meanCost } from "./cost";
import { dedupe } from "./dedupe";
import { printable } from "./format";
import { compareInstances, type MeasuredSet, streamName } from "./instances";
import {
  type Comparison,
  type LeftOut,
  type Measure,
  PHASES,
  type PublishedReport,
  type Report,
  type SetReport,
  type SubjectReport,
  TOTALS,
} from "./model";
import type { Published } from "./published";
import { groupIntoSets, type RecordSet } from "./sets";
import { compareVariants } from "./variants";

export interface SummaryInput {
  readonly records: readonly BuildRecord[];
  readonly published: Published | undefined;
  /** What reading the files already found. */
  readonly problems: readonly string[];
}

export interface SummaryOptions {
  readonly seed: number;
  /** Configuration or label that the others are compared with. */
  readonly baseline: string;
  readonly cost: CostBasis | undefined;
}

/** From records to answers. The order of files and lines does not matter to the result. */
export function buildReport(input: SummaryInput, options: SummaryOptions): Report {
  const problems = [...input.problems];
  const records = dedupe(input.records, problems);
  const bootstrap = new Bootstrap(options.seed);
  const sets = groupIntoSets(records).map((set) => summarizeSet(set, input.published, options, bootstrap));
  if (records.length === 0 && input.published === undefined)
    problems.push("There is nothing to report: no usable record.");
  return {
    schema: 1,
    baseline: options.baseline,
    seed: options.seed,
    problems,
    records: records.length,
    sets: sets.map((set) => set.report),
    instances: compareInstances(sets, bootstrap),
    variants: compareVariants(sets, options.baseline, bootstrap),
    published: input.published === undefined ? null : reportPublished(input.published, options, bootstrap),
    prices: options.cost === undefined || sets.length === 0 ? null : options.cost.source,
  };
}

function summarizeSet(
  set: RecordSet,
  published: Published | undefined,
  options: SummaryOptions,
  bootstrap: Bootstrap,
): MeasuredSet {
  const notes: string[] = [];
  const kept = new Map<string, readonly SuccessRecord[]>();
  const partial = [...set.subjects].map(([subject, records]) => {
    const checked = checkGroup(records.filter(isSuccess));
    kept.set(subject, checked.kept);
    notes.push(...remarksOn(subject, checked.kept));
    notes.push(...checked.notes.map((note) => printable(`${subject}: ${note}.`)));
    if (checked.excluded.length > 0) {
      notes.push(
        `${printable(subject)}: ${count(checked.excluded.length, "run")} left out of every average, because not comparable with the others (see “Left out”).`,
      );
    }
    const leftOut = [
      ...records.flatMap((record) => (isSuccess(record) ? [] : [failureOf(record)])),
      ...checked.excluded.map(({ record, reasons }) =>
        leftOutOf(record, `not comparable: ${reasons.join("; ")}`),
      ),
    ].sort((a, b) => a.round - b.round || a.attempt - b.attempt);
    return { subject, records, kept: checked.kept, leftOut };
  });
  const baselineRuns = kept.get(options.baseline);
  const baselineCost =
    options.cost === undefined || baselineRuns === undefined ? null : meanCost(baselineRuns, options.cost);
  // The published times are of builds without a layer cache.
  const beside = set.first.kind === "build" && set.first.variant.cache === "none" ? published : undefined;
  const fixedPerMonth = options.cost?.fixedPerMonth(set.first.environment);

  const subjects = partial.map(({ subject, records, kept: runs, leftOut }): SubjectReport => {
    const cost = options.cost === undefined ? null : meanCost(runs, options.cost);
    return {
      subject: printable(subject),
      attempts: records.length,
      outcomes: outcomesOf(records),
      measures: measuresOf(runs),
      runs: runs.map(({ round, attempt, seconds: { build } }) => ({ round, attempt, seconds: build })),
      leftOut,
      resources: resourceWords(runs),
      cost,
      breakEven:
        cost === null || baselineRuns === undefined || subject === options.baseline
          ? null
          : breakEven(baselineCost, cost, fixedPerMonth),
      published: beside?.times.find((time) => time.configuration === subject)?.seconds ?? null,
    };
  });

  const values = (subject: string, measure: "build" | "job") => ({
    // The name of the random stream: the same whatever else is in the report.
    name: streamName(set.key, subject, measure),
    values: (kept.get(subject) ?? []).flatMap((record) => record.seconds[measure] ?? []),
  });
  const compareTo = (baseline: string, subject: string, measure: "build" | "job"): SpeedUp =>
    bootstrap.compare(values(baseline, measure), values(subject, measure));
  const comparisons = [...kept.keys()].flatMap((subject): Comparison[] =>
    subject === options.baseline || baselineRuns === undefined
      ? []
      : TOTALS.map((measure) => ({
          subject: printable(subject),
          measure,
          speedUp: compareTo(options.baseline, subject, measure),
        })),
  );

  notes.push(...differencesBetween(kept).map(printable));
  // A local measurement has no job, so nothing that waits for one.
  const told = PHASES.filter(
    (phase) => set.first.kind === "build" || (phase !== "queue" && phase !== "setup"),
  );
  notes.push(...sampleNotes(subjects, baselineRuns, options.baseline, told));
  const { kind, environment, instanceType, region, variant } = set.first;
  const report: SetReport = {
    title: set.title,
    kind,
    environment: printable(environment),
    instanceType: printable(instanceType),
    region: printable(region),
    variant: printableVariant(variant),
    subjects,
    comparisons,
    fixedPerMonth: fixedPerMonth ?? null,
    answers: answersOf([...kept.keys()], kept, options.baseline, (a, b) => compareTo(a, b, "build")),
    notes,
  };
  return { key: set.key, report, kept };
}

function printableVariant({
  image,
  cache,
  output,
  scenario,
  link,
}: BuildRecord["variant"]): BuildRecord["variant"] {
  return {
    image: printable(image),
    cache,
    output: printable(output),
    ...(scenario === undefined ? {} : { scenario: printable(scenario) }),
    ...(link === undefined ? {} : { link: printable(link) }),
  };
}

function outcomesOf(records: readonly BuildRecord[]): Partial<Record<Outcome, number>> {
  const outcomes: Partial<Record<Outcome, number>> = {};
  for (const { outcome } of records) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  return outcomes;
}

function failureOf(record: BuildRecord): LeftOut {
  const words = record.outcome.replaceAll("_", " ");
  return leftOutOf(record, record.detail === undefined ? words : `${words}: ${record.detail}`);
}

function leftOutOf({ round, attempt }: BuildRecord, reason: string): LeftOut {
  return { round, attempt, reason: printable(reason) };
}

function measuresOf(runs: readonly SuccessRecord[]): SubjectReport["measures"] {
  const of = (measure: Measure) => describe(runs.flatMap((run) => secondsOf(run, measure) ?? [])) ?? null;
  return {
    build: of("build"),
    job: of("job"),
    queue: of("queue"),
    setup: of("setup"),
    context: of("context"),
    pull: of("pull"),
    install: of("install"),
    export: of("export"),
    push: of("push"),
    cache: of("cache"),
    other: of("other"),
  };
}

function secondsOf({ seconds: totals, phases }: SuccessRecord, measure: Measure): number | undefined {
  switch (measure) {
    case "build":
    case "job":
    case "queue":
    case "setup":
      return totals[measure];
    default:
      return phases?.[measure];
  }
}

function reportPublished(table: Published, options: SummaryOptions, bootstrap: Bootstrap): PublishedReport {
  const group = (name: string) => ({
    name: `published ${name}`,
    values: table.times.filter((time) => time.configuration === name).map((time) => time.seconds),
  });
  const known = table.times.some((time) => time.configuration === options.baseline);
  return {
    table,
    comparisons: table.times
      .filter((time) => known && time.configuration !== options.baseline)
      .map(({ configuration }) => ({
        configuration,
        speedUp: bootstrap.compare(group(options.baseline), group(configuration)),
      })),
  };
}
