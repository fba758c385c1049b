import { count } from "../../util/words";
import type { SpeedUp } from "../record/statistics";
import { presetOf } from "../record/variant";
import { COST_ASSUMPTIONS, type Cost } from "./cost";
import { dollars, gigabytes, interval, lessTime, NONE, ratio, seconds, spread, verdict } from "./format";
import {
  type InstanceComparison,
  MEASURE_NAMES,
  PHASES,
  type PublishedReport,
  type Report,
  type SetReport,
  type SubjectReport,
  type VariantComparison,
} from "./model";
import type { Published } from "./published";

/** A table for people. The first column names the row; the others are values. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** How to read it. */
  readonly caption?: string;
}

/** A heading and its content, in the order of reading. */
export interface Section {
  readonly title: string;
  /** The one sentence to take away. */
  readonly lead?: string;
  readonly paragraphs: readonly string[];
  readonly tables: readonly Table[];
  readonly notes: readonly string[];
}

const SPEED_UP_COLUMNS = ["times as fast", "time", "95 % interval", "verdict"] as const;
const SPEED_UP_CAPTION =
  "Ratio of medians; the interval is a percentile bootstrap of times as fast. Where it holds 1, no difference is shown.";

const COST_SECTION = "How the cost is counted";

/** The report as sections: the same words in the terminal, in Markdown and in HTML. */
export function sectionsOf(report: Report): Section[] {
  const problems = { title: "Problems", paragraphs: [], tables: [], notes: report.problems };
  const sections = [
    ...(report.problems.length > 0 ? [problems] : []),
    ...(report.sections ?? []),
    ...report.variants.map(variantsSection),
    ...report.sets.map((set) => setSection(set, report)),
  ];
  if (report.instances.length > 0) {
    sections.push({
      title: "Instance types",
      paragraphs: [],
      tables: report.instances.map(instanceTable),
      notes: [],
    });
  }
  if (report.sets.some((set) => costTable(set, report) !== undefined)) {
    sections.push({ title: COST_SECTION, paragraphs: [], tables: [], notes: COST_ASSUMPTIONS });
  }
  if (report.published !== null) sections.push(publishedSection(report.published, report.baseline));
  return sections;
}

function setSection(set: SetReport, report: Report): Section {
  const { image, cache, output, scenario, link } = set.variant;
  const preset = set.kind === "build" ? presetOf(set.variant) : undefined;
  const variant = [
    `${preset === undefined ? "Image" : `Variant ${preset}: image`} ${image}, cache ${cache}, output ${output}`,
    ...(scenario === undefined ? [] : [`scenario ${scenario}`]),
    ...(link === undefined ? [] : [`link ${link}`]),
  ].join(", ");
  const tables = [timesTable(set, report.published), ...optional(speedUpTable(set, report.baseline))];
  tables.push(
    ...optional(phasesTable(set)),
    ...optional(costTable(set, report)),
    ...optional(leftOutTable(set)),
  );
  const [lead, ...answers] = set.answers;
  return {
    title: set.title,
    ...(lead === undefined ? {} : { lead }),
    paragraphs: [...answers, `${variant}.`],
    tables,
    notes: set.notes,
  };
}

function optional(table: Table | undefined): Table[] {
  return table === undefined ? [] : [table];
}

export function timesTable(set: SetReport, published: PublishedReport | null): Table {
  const beside = published !== null && set.subjects.some((subject) => subject.published !== null);
  return {
    title: "Times",
    columns: [
      subjectColumn(set),
      "n",
      "build step",
      "whole job",
      "given to the build",
      ...(beside ? [publishedColumn(published.table)] : []),
    ],
    rows: set.subjects.map(({ subject, measures, runs, resources, published: original }) => [
      subject,
      String(runs.length),
      spread(measures.build),
      spread(measures.job),
      resources,
      ...(beside ? [original === null ? NONE : seconds(original)] : []),
    ]),
    caption: "Median and, in brackets, the middle half of the runs.",
  };
}

/** Said in each heading, so that no number of it is read as measured here. */
function publishedColumn({ source, runs }: Published): string {
  return `original ${source.year} (n=${runs}, unequal machines)`;
}

export function speedUpTable(set: SetReport, baseline: string): Table | undefined {
  const rows = set.comparisons
    .filter(({ speedUp }) => speedUp.n.every((n) => n > 0))
    .map(({ subject, measure, speedUp }) => [subject, MEASURE_NAMES[measure], ...speedUpCells(speedUp)]);
  if (rows.length === 0) return undefined;
  return {
    title: `Against ${baseline}`,
    columns: [subjectColumn(set), "measure", ...SPEED_UP_COLUMNS],
    rows,
    caption: SPEED_UP_CAPTION,
  };
}

function speedUpCells(speedUp: SpeedUp): string[] {
  return [
    speedUp.timesAsFast === null ? NONE : ratio(speedUp.timesAsFast),
    speedUp.lessTime === null ? NONE : lessTime(speedUp.lessTime),
    interval(speedUp),
    verdict(speedUp),
  ];
}

export function phasesTable(set: SetReport): Table | undefined {
  const told = PHASES.filter((phase) => set.subjects.some(({ measures }) => measures[phase] !== null));
  if (told.length === 0) return undefined;
  const cell = ({ measures, runs }: SubjectReport, phase: (typeof PHASES)[number]) => {
    const statistic = measures[phase];
    return statistic === null || statistic.n === runs.length
      ? spread(statistic)
      : `${spread(statistic)} n=${statistic.n}`;
  };
  return {
    title: "Phases",
    columns: ["phase", ...set.subjects.map(({ subject, runs }) => `${subject} (n=${runs.length})`)],
    rows: told.map((phase) => [MEASURE_NAMES[phase], ...set.subjects.map((subject) => cell(subject, phase))]),
    caption:
      "Median and middle half. What runs in parallel counts once inside a phase; phases overlap, so they may add up to more than the build step.",
  };
}

export function costTable(set: SetReport, report: Report): Table | undefined {
  if (report.prices === null || set.subjects.every(({ cost }) => cost === null)) return undefined;
  const money = (value: number | null | undefined) =>
    value === null || value === undefined ? "not known" : dollars(value);
  const parts = ["hosted", "node", "network", "storage", "total"] as const satisfies readonly (keyof Cost)[];
  const fixed =
    set.fixedPerMonth === null
      ? "The fixed cost is not known."
      : `Fixed cost: ${dollars(set.fixedPerMonth)} a month.`;
  return {
    title: "Cost of a build",
    columns: [subjectColumn(set), "hosted runner", "node", "network", "storage", "total", "break-even"],
    rows: set.subjects.map((subject) => [
      subject.subject,
      ...parts.map((part) => money(subject.cost?.[part])),
      breakEvenWords(subject, report.baseline),
    ]),
    caption: `Mean per build in US dollars; ${report.prices}. ${fixed} “${COST_SECTION}” says what this takes for granted.`,
  };
}

function breakEvenWords({ subject, breakEven }: SubjectReport, baseline: string): string {
  if (subject === baseline) return "baseline";
  if (breakEven === null) return NONE;
  switch (breakEven.kind) {
    case "builds-a-day":
      return `from ${count(breakEven.builds, "build")} a day`;
    case "never":
      return breakEven.extraPerBuild === 0
        ? "never: a build costs the same"
        : `never: a build costs ${dollars(breakEven.extraPerBuild)} more`;
    case "unknown":
      return breakEven.why;
  }
}

export function leftOutTable(set: SetReport): Table | undefined {
  const rows = set.subjects.flatMap(({ subject, leftOut }) =>
    leftOut.map(({ round, attempt, reason }) => [subject, String(round), String(attempt), reason]),
  );
  if (rows.length === 0) return undefined;
  return {
    title: "Left out",
    columns: [subjectColumn(set), "round", "attempt", "why"],
    rows,
    caption: "Attempts that did not become a time, or whose time is not comparable with the others.",
  };
}

function subjectColumn({ kind }: SetReport): string {
  return kind === "bench" ? "variant" : "configuration";
}

export function instanceTable({ from, to, variant, rows }: InstanceComparison): Table {
  return {
    title: `${to.instanceType} (${to.environment}) against ${from.instanceType} (${from.environment})`,
    columns: ["configuration", from.instanceType, to.instanceType, ...SPEED_UP_COLUMNS],
    rows: rows.map(({ subject, control, from: before, to: after, speedUp }) => [
      control ? `${subject} (control)` : subject,
      withCount(before),
      withCount(after),
      ...speedUpCells(speedUp),
    ]),
    caption: `Build step; image ${variant.image}, cache ${variant.cache}, output ${variant.output}. A control does not run on the instance: a difference there is the days' and not the instances'.`,
  };
}

function variantsSection(comparison: VariantComparison): Section {
  const { title, variants, cache, answers, notes } = comparison;
  const [reference, ...others] = variants;
  // The fastest, and how it compares with the baseline: one sentence to take away.
  const [first = "", second = "", ...rest] = answers;
  return {
    title,
    lead: `${first} ${second}`.trim(),
    paragraphs: [
      ...rest,
      ...variants.map(({ name, image, output }) =>
        // Without a name of its own a variant is named by its settings already.
        presetOf({ image, output }) === undefined
          ? `${name}, cache ${cache}.`
          : `${name}: image ${image}, output ${output}, cache ${cache}.`,
      ),
    ],
    tables: [
      cellsTable(comparison),
      ...others.flatMap(({ name }) =>
        reference === undefined ? [] : optional(variantTable(comparison, name, reference.name)),
      ),
      ...optional(cellPhasesTable(comparison)),
    ],
    notes,
  };
}

function cellsTable({ cells, baseline }: VariantComparison): Table {
  return {
    title: "Configurations and variants",
    columns: ["configuration and variant", "n", "build step", "whole job", "image", ...SPEED_UP_COLUMNS],
    rows: cells.map(({ name, measures, compressedBytes, speedUp }) => [
      name,
      String(measures.build?.n ?? 0),
      spread(measures.build),
      spread(measures.job),
      compressedBytes === null ? NONE : gigabytes(compressedBytes),
      ...(speedUp === null
        ? [NONE, NONE, NONE, name === baseline ? "baseline" : NONE]
        : speedUpCells(speedUp)),
    ]),
    caption: `Median and, in brackets, the middle half of the runs; the image as compressed in the registry. Against ${baseline}, in the build step. ${SPEED_UP_CAPTION}`,
  };
}

function variantTable(comparison: VariantComparison, variant: string, reference: string): Table | undefined {
  const rows = comparison.rows
    .filter((row) => row.variant === variant && row.speedUp.n.every((n) => n > 0))
    .map(({ configuration, measure, speedUp }) => [
      configuration,
      MEASURE_NAMES[measure],
      ...speedUpCells(speedUp),
    ]);
  if (rows.length === 0) return undefined;
  return {
    title: `${variant} against ${reference}`,
    columns: ["configuration", "measure", ...SPEED_UP_COLUMNS],
    rows,
    caption: `Each configuration against itself. ${SPEED_UP_CAPTION}`,
  };
}

export const CELL_PHASES = "Phases by configuration and variant";

function cellPhasesTable({ cells }: VariantComparison): Table | undefined {
  const told = PHASES.filter((phase) => cells.some(({ measures }) => measures[phase] !== null));
  if (told.length === 0) return undefined;
  return {
    title: CELL_PHASES,
    columns: ["configuration and variant", ...told.map((phase) => MEASURE_NAMES[phase])],
    rows: cells.map(({ name, measures }) => [
      name,
      ...told.map((phase) => {
        const statistic = measures[phase];
        return statistic === null ? NONE : seconds(statistic.median);
      }),
    ]),
    caption: "Medians. Phases overlap, so they may add up to more than the build step.",
  };
}

function withCount(statistic: InstanceComparison["rows"][number]["from"]): string {
  return statistic === null ? NONE : `${spread(statistic)} n=${statistic.n}`;
}

function publishedSection({ table, comparisons }: PublishedReport, baseline: string): Section {
  return {
    title: table.title,
    paragraphs: [
      `“${table.source.article}” (${table.source.year}, ${table.source.repository}): ${table.image.description}, ${(table.image.unpackedBytes / 1e9).toFixed(2)} GB unpacked, nodes ${table.instanceType}.`,
    ],
    tables: [publishedTable({ table, comparisons }, baseline)],
    notes: table.caveats,
  };
}

export function publishedTable({ table, comparisons }: PublishedReport, baseline: string): Table {
  return {
    title: `Published times (n=${table.runs}, unequal machines)`,
    columns: ["configuration", "n", "time elapsed", "times as fast", "time", "verdict"],
    rows: table.times.map(({ configuration, seconds: time }) => {
      const speedUp = comparisons.find((comparison) => comparison.configuration === configuration)?.speedUp;
      return [
        configuration,
        String(table.runs),
        seconds(time),
        ...(speedUp === undefined || speedUp.timesAsFast === null || speedUp.lessTime === null
          ? [NONE, NONE, configuration === baseline ? "baseline" : NONE]
          : [ratio(speedUp.timesAsFast), lessTime(speedUp.lessTime), verdict(speedUp)]),
      ];
    }),
    caption: `Against ${baseline}. No phases were published.`,
  };
}
