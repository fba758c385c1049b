/** The link between builder and registry, both directions alike; undefined is the machine's own loopback. */
export interface Link {
  readonly bytesPerSecond: number;
  /** Round trip: half of it each way. */
  readonly roundTripMs: number;
}

const UNITS: Readonly<Record<string, number>> = { kbit: 1e3, mbit: 1e6, gbit: 1e9 };

/** `500mbit/20ms`: bits per second of each direction, and the round trip. */
export function parseLink(text: string): Link | "unshaped" | { readonly problem: string } {
  if (text === "unshaped") return text;
  const match = /^(\d{1,6}(?:\.\d{1,3})?)(kbit|mbit|gbit)\/(\d{1,5}(?:\.\d{1,3})?)ms$/.exec(text);
  const [, size, unit = "", delay] = match ?? [];
  const bits = Number(size) * (UNITS[unit] ?? Number.NaN);
  // Slower than a modem is a typing mistake; it would run for days.
  if (match === null || !(bits >= 64e3)) {
    return {
      problem: `--link must be unshaped, or rate and round trip such as 500mbit/20ms, from 64kbit; got "${text}"`,
    };
  }
  return { bytesPerSecond: bits / 8, roundTripMs: Number(delay) };
}
