import { type RandomIndex, randomIndex } from "./random";

/** Resamples of one bootstrap: the 2.5 % tail then holds 50 of them. */
export const RESAMPLES = 2000;
/** Draws of one group: above 1,000 runs, whose interval is narrow anyway, the resamples shrink to it. */
const MAX_DRAWS = 2_000_000;
/** Resamples at least, however large the group. */
const MIN_RESAMPLES = 500;
/** Share of the bootstrap distribution outside the interval, half of it on each side. */
const OUTSIDE = 0.05;

/** Order statistics of a group of runs, in the runs' unit. The quartiles are null for a single run. */
export interface Statistic {
  readonly n: number;
  readonly median: number;
  readonly q1: number | null;
  readonly q3: number | null;
  readonly min: number;
  readonly max: number;
}

/** @returns undefined for no values */
export function describe(values: readonly number[]): Statistic | undefined {
  const sorted = Float64Array.from(values).sort();
  const min = sorted[0];
  const max = sorted[sorted.length - 1];
  if (min === undefined || max === undefined) return undefined;
  const single = sorted.length === 1;
  return {
    n: sorted.length,
    median: quantile(sorted, 0.5),
    q1: single ? null : quantile(sorted, 0.25),
    q3: single ? null : quantile(sorted, 0.75),
    min,
    max,
  };
}

/**
 * Linear interpolation between the two nearest order statistics (Hyndman and Fan's type 7, the default of R
 * and NumPy). `sorted` ascends and is not empty; `p` is 0 to 1.
 *
 * @throws RangeError on an empty array
 */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  const position = (sorted.length - 1) * p;
  const below = Math.floor(position);
  const low = sorted[below];
  const high = sorted[Math.min(below + 1, sorted.length - 1)];
  if (low === undefined || high === undefined) throw new RangeError("a quantile needs at least one value");
  return low + (high - low) * (position - below);
}

/** @throws RangeError on no values */
export function median(values: readonly number[]): number {
  return quantile(Float64Array.from(values).sort(), 0.5);
}

export type Verdict =
  | "faster"
  | "slower"
  /** The interval holds 1. */
  | "no-difference-shown"
  /** One of the two has a single run: a ratio, but no interval. */
  | "one-run"
  /** One of the two has no run, or a time of zero: no ratio. */
  | "not-comparable";

/** How a group compares with a baseline. Ratios are of medians, baseline / group: above 1 is faster. */
export interface SpeedUp {
  readonly verdict: Verdict;
  readonly timesAsFast: number | null;
  /** The same said in time: 0.21 is 21 % less, -0.25 is 25 % more. */
  readonly lessTime: number | null;
  /** 95 % interval of timesAsFast. */
  readonly low: number | null;
  readonly high: number | null;
  /** Runs of the baseline and of the group. */
  readonly n: readonly [baseline: number, group: number];
}

/** 1.27 times as fast takes 1/1.27 of the time: 21 % less. */
export function lessTimeOf(timesAsFast: number): number {
  return 1 - 1 / timesAsFast;
}

/** Medians of bootstrap resamples, made once per group and reused in each comparison. */
export class Bootstrap {
  private readonly known = new Map<string, Float64Array>();

  constructor(private readonly seed: number) {}

  /**
   * Compares two groups of positive times. The interval is the percentile bootstrap of the ratio of medians:
   * both groups are resampled independently. A group's name must be its own.
   */
  compare(
    baseline: { readonly name: string; readonly values: readonly number[] },
    group: { readonly name: string; readonly values: readonly number[] },
  ): SpeedUp {
    const n = [baseline.values.length, group.values.length] as const;
    if (![...baseline.values, ...group.values].every((value) => value > 0) || Math.min(...n) === 0) {
      return { verdict: "not-comparable", timesAsFast: null, lessTime: null, low: null, high: null, n };
    }
    const timesAsFast = median(baseline.values) / median(group.values);
    const lessTime = lessTimeOf(timesAsFast);
    if (Math.min(...n) === 1) return { verdict: "one-run", timesAsFast, lessTime, low: null, high: null, n };

    const above = this.medians(baseline.name, baseline.values);
    const below = this.medians(group.name, group.values);
    const ratios = new Float64Array(Math.min(above.length, below.length));
    for (let i = 0; i < ratios.length; i++) ratios[i] = (above[i] ?? Number.NaN) / (below[i] ?? Number.NaN);
    ratios.sort();
    const low = quantile(ratios, OUTSIDE / 2);
    const high = quantile(ratios, 1 - OUTSIDE / 2);
    return { verdict: verdictOf(low, high), timesAsFast, lessTime, low, high, n };
  }

  private medians(name: string, values: readonly number[]): Float64Array {
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const made = bootstrapMedians(values, resamplesFor(values.length), randomIndex(this.seed, name));
    this.known.set(name, made);
    return made;
  }
}

function verdictOf(low: number, high: number): Verdict {
  if (low > 1) return "faster";
  return high < 1 ? "slower" : "no-difference-shown";
}

export function resamplesFor(n: number): number {
  return Math.max(MIN_RESAMPLES, Math.min(RESAMPLES, Math.floor(MAX_DRAWS / n)));
}

/**
 * Medians of `resamples` draws with replacement. Draws are counted per rank of the sorted values and the
 * median found by walking the counts: linear, where sorting each resample would not be.
 */
export function bootstrapMedians(
  values: readonly number[],
  resamples: number,
  random: RandomIndex,
): Float64Array {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  const counts = new Uint32Array(n);
  // 0-based ranks of the one or two middle values.
  const lower = Math.floor((n - 1) / 2);
  const upper = Math.floor(n / 2);
  const medians = new Float64Array(resamples);
  for (let i = 0; i < resamples; i++) {
    counts.fill(0);
    for (let draw = 0; draw < n; draw++) {
      const index = random(n);
      counts[index] = (counts[index] ?? 0) + 1;
    }
    let seen = 0;
    let low = Number.NaN;
    for (let rank = 0; rank < n; rank++) {
      seen += counts[rank] ?? 0;
      if (Number.isNaN(low) && seen > lower) low = sorted[rank] ?? Number.NaN;
      if (seen > upper) {
        medians[i] = (low + (sorted[rank] ?? Number.NaN)) / 2;
        break;
      }
    }
  }
  return medians;
}
