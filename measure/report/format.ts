import type { SpeedUp, Statistic } from "../record/statistics";

/** In place of a missing value. */
export const NONE = "–";

/** 4.2s, 42.3s, 9m16s, 1h02m05s. */
export function seconds(value: number): string {
  // 59.96 must not become "60.0s".
  const tenths = Math.round(value * 10) / 10;
  if (tenths < 60) return `${tenths.toFixed(1)}s`;
  const whole = Math.round(value);
  const two = (part: number) => String(part).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes}m${two(whole % 60)}s`
    : `${Math.floor(minutes / 60)}h${two(minutes % 60)}m${two(whole % 60)}s`;
}

/** `7m17s (7m10s–7m30s)`: median and the middle half of the runs; a single run has only itself. */
export function spread(statistic: Statistic | null): string {
  if (statistic === null) return NONE;
  const { median, q1, q3 } = statistic;
  return q1 === null || q3 === null ? seconds(median) : `${seconds(median)} (${seconds(q1)}–${seconds(q3)})`;
}

export function ratio(value: number): string {
  return value.toFixed(2);
}

/** `21 % less` or `25 % more`. */
export function lessTime(value: number): string {
  const percent = Math.round(Math.abs(value) * 100);
  return percent === 0 ? "the same" : `${percent} % ${value > 0 ? "less" : "more"}`;
}

/** `1.27 times as fast (21 % less time)`. */
export function timesAsFast(speedUp: SpeedUp): string {
  if (speedUp.timesAsFast === null || speedUp.lessTime === null) return "not comparable";
  const time = lessTime(speedUp.lessTime);
  return `${ratio(speedUp.timesAsFast)} times as fast (${time}${time === "the same" ? "" : " time"})`;
}

/** `1.20 to 1.35`, or nothing known. */
export function interval(speedUp: SpeedUp): string {
  return speedUp.low === null || speedUp.high === null
    ? NONE
    : `${ratio(speedUp.low)} to ${ratio(speedUp.high)}`;
}

/** The verdict as a table says it. */
export function verdict(speedUp: SpeedUp): string {
  switch (speedUp.verdict) {
    case "faster":
      return "faster";
    case "slower":
      return "slower";
    case "no-difference-shown":
      return "no difference shown";
    case "one-run":
      return "one run: no interval";
    case "not-comparable":
      return "not comparable: no run, or a time of zero";
  }
}

/** The whole comparison in one clause. */
export function speedUpSentence(speedUp: SpeedUp): string {
  switch (speedUp.verdict) {
    case "faster":
    case "slower":
      return `${timesAsFast(speedUp)}, 95 % interval ${interval(speedUp)}`;
    case "no-difference-shown":
      return `no difference shown: ${timesAsFast(speedUp)}, 95 % interval ${interval(speedUp)}`;
    case "one-run":
      return `${timesAsFast(speedUp)}; one run: no interval`;
    case "not-comparable":
      return verdict(speedUp);
  }
}

/** $0.0412 under a dollar, else $12.34. */
export function dollars(value: number): string {
  const sign = value < 0 ? "-" : "";
  const size = Math.abs(value);
  return `${sign}$${size.toFixed(size < 1 ? 4 : 2)}`;
}

/** 4.13 GB (10^9 bytes), as the original counts. */
export function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

export function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

/**
 * Text from records, without what could steer a terminal or reverse a line (control and bidi characters) and what no
 * picture may hold (halves of characters, and the two that XML forbids).
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029\uFFFE\uFFFF]/gu, "\uFFFD");
}

/** By code unit: the same order whatever the machine's language. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
