import { variantWords } from "../record/variant";
import {
  type Comparison,
  type Measure,
  PHASES,
  type Report,
  type SetReport,
  TOTALS,
  type VariantComparison,
} from "./model";
import type { SpeedUp, Statistic } from "../record/statistics";

const COLUMNS = [
  "source",
  "environment",
  "instance_type",
  "region",
  "kind",
  "image",
  "cache",
  "output",
  "scenario",
  "link",
  "subject",
  "measure",
  "n",
  "median_seconds",
  "q1_seconds",
  "q3_seconds",
  "min_seconds",
  "max_seconds",
  "times_as_fast",
  "less_time",
  "interval_low",
  "interval_high",
  "verdict",
  "cost_usd",
  "variant",
  "against_variant",
  "variant_times_as_fast",
  "variant_less_time",
  "variant_interval_low",
  "variant_interval_high",
  "variant_verdict",
] as const;

type Row = Partial<Record<(typeof COLUMNS)[number], string | number | null>>;

/**
 * One line per configuration and measure, after a header (RFC 4180, but with plain newlines). What is not
 * known is empty. `source` is "measured" or "published". `times_as_fast` and what follows are against the
 * baseline configuration in the same variant, `variant_times_as_fast` and what follows against
 * `against_variant` in the same configuration.
 */
export function formatCsv(report: Report): string {
  const rows: Row[] = [
    ...report.sets.flatMap((set) => setRows(set, report.variants)),
    ...(report.published?.table.times ?? []).map(({ configuration, seconds }): Row => {
      const speedUp = report.published?.comparisons.find(
        (row) => row.configuration === configuration,
      )?.speedUp;
      return {
        source: "published",
        instance_type: report.published?.table.instanceType ?? null,
        kind: "published",
        subject: configuration,
        measure: "build",
        n: report.published?.table.runs ?? null,
        median_seconds: seconds,
        ...speedUpCells(speedUp),
      };
    }),
  ];
  const lines = rows.map((row) => COLUMNS.map((column) => cell(row[column])).join(","));
  return `${[COLUMNS.join(","), ...lines].join("\n")}\n`;
}

function setRows(set: SetReport, comparisons: readonly VariantComparison[]): Row[] {
  const { environment, instanceType, region, kind, variant } = set;
  const comparison = comparisons.find((candidate) => isOf(candidate, set));
  return set.subjects.flatMap(({ subject, measures, cost }) =>
    [...TOTALS, ...PHASES].map(
      (measure): Row => ({
        source: "measured",
        environment,
        instance_type: instanceType,
        region,
        kind,
        image: variant.image,
        cache: variant.cache,
        output: variant.output,
        scenario: variant.scenario ?? null,
        link: variant.link ?? null,
        subject,
        measure,
        ...statisticCells(measures[measure]),
        ...speedUpCells(find(set.comparisons, subject, measure)?.speedUp),
        cost_usd: measure === "build" ? (cost?.total ?? null) : null,
        variant: kind === "build" ? variantWords(variant) : null,
        ...variantCells(comparison, set, subject, measure),
      }),
    ),
  );
}

function isOf(
  comparison: VariantComparison,
  { kind, environment, instanceType, region, variant }: SetReport,
) {
  return (
    kind === "build" &&
    comparison.environment === environment &&
    comparison.instanceType === instanceType &&
    comparison.region === region &&
    comparison.cache === variant.cache &&
    comparison.variants.some(({ image, output }) => image === variant.image && output === variant.output)
  );
}

function variantCells(
  comparison: VariantComparison | undefined,
  set: SetReport,
  subject: string,
  measure: Measure,
): Row {
  const found = comparison?.rows.find(
    (row) =>
      row.configuration === subject && row.variant === variantWords(set.variant) && row.measure === measure,
  );
  if (found === undefined) return {};
  const { timesAsFast, lessTime, low, high, verdict } = found.speedUp;
  return {
    against_variant: comparison?.variants[0]?.name ?? null,
    variant_times_as_fast: timesAsFast,
    variant_less_time: lessTime,
    variant_interval_low: low,
    variant_interval_high: high,
    variant_verdict: verdict,
  };
}

function find(comparisons: readonly Comparison[], subject: string, measure: Measure): Comparison | undefined {
  return comparisons.find((comparison) => comparison.subject === subject && comparison.measure === measure);
}

function statisticCells(statistic: Statistic | null): Row {
  if (statistic === null) return { n: 0 };
  const { n, median, q1, q3, min, max } = statistic;
  return { n, median_seconds: median, q1_seconds: q1, q3_seconds: q3, min_seconds: min, max_seconds: max };
}

function speedUpCells(speedUp: SpeedUp | undefined): Row {
  if (speedUp === undefined) return {};
  const { timesAsFast, lessTime, low, high, verdict } = speedUp;
  return {
    times_as_fast: timesAsFast,
    less_time: lessTime,
    interval_low: low,
    interval_high: high,
    verdict,
  };
}

function cell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(Number(value.toFixed(6)));
  // A spreadsheet would run a text that begins like a formula.
  const inert = /^[=+\-@]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
