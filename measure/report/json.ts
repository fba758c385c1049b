import type { Report } from "./model";

/** Microseconds and millionths of a dollar: beyond that, digits are noise of binary fractions. */
const DECIMALS = 6;

/** The report as data; what is not known is null. */
export function formatJson(report: Report): string {
  return `${JSON.stringify(report, (_, value: unknown) => (typeof value === "number" ? round(value) : value), 2)}\n`;
}

/** @throws RangeError rather than let JSON write null for a NaN */
function round(value: number): number {
  if (!Number.isFinite(value)) throw new RangeError(`a report must hold finite numbers; got ${value}`);
  return Number(value.toFixed(DECIMALS));
}
