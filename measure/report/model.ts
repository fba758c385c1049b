import type { BuildRecord, Outcome } from "../record/record";
import type { SpeedUp, Statistic } from "../record/statistics";
import type { BreakEven, Cost } from "./cost";
import type { Published } from "./published";
import type { Section } from "./tables";

/** What is timed: two totals, then the phases in the order in which a build passes them. */
export const TOTALS = ["build", "job"] as const;
export const PHASES = [
  "queue",
  "setup",
  "context",
  "pull",
  "install",
  "export",
  "push",
  "cache",
  "other",
] as const;

export type Total = (typeof TOTALS)[number];
export type Phase = (typeof PHASES)[number];
export type Measure = Total | Phase;

export const MEASURE_NAMES: Readonly<Record<Measure, string>> = {
  build: "build step",
  job: "whole job",
  queue: "queue",
  setup: "set-up",
  context: "context",
  pull: "base pull",
  install: "install",
  export: "export",
  push: "push",
  cache: "cache",
  other: "other",
};

/** All answers of one report, as plain data: every format is written from this. Nothing here is NaN. */
export interface Report {
  readonly schema: 1;
  readonly baseline: string;
  readonly seed: number;
  readonly records: number;
  readonly sets: readonly SetReport[];
  readonly instances: readonly InstanceComparison[];
  readonly variants: readonly VariantComparison[];
  readonly published: PublishedReport | null;
  /** Where the prices are from; null when no cost is reported. */
  readonly prices: string | null;
  /** What could not be read or used, in words. */
  readonly problems: readonly string[];
  /** Heading of the page, where it is not the experiment's. */
  readonly title?: string;
  /** What its maker adds, before everything else. */
  readonly sections?: readonly Section[];
}

/** Builds that may be compared: one environment, one variant. */
export interface SetReport {
  /** Its own name: `c5n`, or more where the environment was measured in several ways. */
  readonly title: string;
  readonly kind: BuildRecord["kind"];
  readonly environment: string;
  readonly instanceType: string;
  readonly region: string;
  readonly variant: BuildRecord["variant"];
  readonly subjects: readonly SubjectReport[];
  readonly comparisons: readonly Comparison[];
  readonly fixedPerMonth: number | null;
  /** The answer in sentences. */
  readonly answers: readonly string[];
  /** What a reader must know before believing it. */
  readonly notes: readonly string[];
}

/** One configuration, or one label of a local measurement. */
export interface SubjectReport {
  readonly subject: string;
  readonly attempts: number;
  /** How many attempts ended how; an outcome that did not occur is absent. */
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
  /** Seconds, of the builds that count; null where none has it. */
  readonly measures: Readonly<Record<Measure, Statistic | null>>;
  /** The builds that count, by round. */
  readonly runs: readonly Run[];
  /** What did not become a time, and why. */
  readonly leftOut: readonly LeftOut[];
  /** CPUs and memory given to the build, in words. */
  readonly resources: string;
  readonly cost: Cost | null;
  readonly breakEven: BreakEven | null;
  /** Seconds that the published table gives for this configuration. */
  readonly published: number | null;
}

export interface Run {
  readonly round: number;
  readonly attempt: number;
  readonly seconds: number;
}

export interface LeftOut {
  readonly round: number;
  readonly attempt: number;
  readonly reason: string;
}

/** A subject against the baseline, in one total. */
export interface Comparison {
  readonly subject: string;
  readonly measure: Total;
  readonly speedUp: SpeedUp;
}

/** One configuration on two instance types; above 1 the second is faster. */
export interface InstanceComparison {
  readonly from: { readonly environment: string; readonly instanceType: string };
  readonly to: { readonly environment: string; readonly instanceType: string };
  readonly variant: BuildRecord["variant"];
  readonly rows: readonly InstanceRow[];
}

export interface InstanceRow {
  readonly subject: string;
  /** Runs on GitHub's machines in both environments: it must show no difference. */
  readonly control: boolean;
  readonly from: Statistic | null;
  readonly to: Statistic | null;
  readonly speedUp: SpeedUp;
}

/** What one environment built in several ways, everything else being equal. */
export interface VariantComparison {
  /** `c5n (c5n.2xlarge, us-west-2): original and fast`. */
  readonly title: string;
  readonly environment: string;
  readonly instanceType: string;
  readonly region: string;
  readonly cache: BuildRecord["variant"]["cache"];
  /** The reference first. */
  readonly variants: readonly ComparedVariant[];
  /** Every configuration in every variant that has a record, by configuration. */
  readonly cells: readonly VariantCell[];
  /** Name of the cell that all others are compared with: the report's baseline in the reference variant. */
  readonly baseline: string;
  /** Each variant against the reference in the same configuration. */
  readonly rows: readonly VariantRow[];
  readonly answers: readonly string[];
  readonly notes: readonly string[];
}

export interface ComparedVariant {
  /** The preset's name, or the settings in words. */
  readonly name: string;
  readonly image: string;
  readonly output: string;
}

/** One configuration in one variant. */
export interface VariantCell {
  /** `custom-kubernetes fast`. */
  readonly name: string;
  readonly configuration: string;
  readonly variant: string;
  readonly measures: SubjectReport["measures"];
  /** Median size of the pushed image; null where no build has it. */
  readonly compressedBytes: number | null;
  /** Against the baseline cell in the build step; null for the baseline itself and where it was not built. */
  readonly speedUp: SpeedUp | null;
}

export interface VariantRow {
  readonly configuration: string;
  readonly variant: string;
  readonly measure: Total;
  readonly speedUp: SpeedUp;
}

export interface PublishedReport {
  readonly table: Published;
  readonly comparisons: readonly { readonly configuration: string; readonly speedUp: SpeedUp }[];
}
