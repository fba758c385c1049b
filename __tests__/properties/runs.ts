import { randomInt } from "node:crypto";
import fc from "fast-check";
import { test } from "vitest";

/**
 * Every property of this folder and how many of {@link CASES} it gets by default: many where a case costs
 * microseconds, few where it costs a synthesis. The sum is what `npm test` runs.
 */
export const SHARES = {
  "environments: load, synthesize within the policy, the same bytes with keys in any order": 5,
  "environments: several in one app, each as it is alone": 2,
  "environments: a random one is valid or refused in words": 60,
  "environments: one wrong prop is named, or the environment is valid": 300,
  "environments: an unknown prop is named": 100,
  "environments: anything at all is refused in words": 150,
  "environments: a price in steps of a hundredth of a cent is taken": 50,
  "messages: a value is shown on one line that steers no terminal": 150,
  "records: a valid one survives its line": 80,
  "records: each line is a record or a problem, whatever stands beside it": 120,
  "records: a spoilt one is refused in words": 200,
  "records: never throws, and accounts for each line that is not blank": 100,
  "facts: spoilt ones are refused in words": 150,
  "build logs: no phase is negative or longer than the wall": 150,
  "build logs: order, repeats and foreign lines change nothing": 80,
  "build logs: a log that was cut is the log of its whole lines": 60,
  "build logs: recorded ones stay sound when they are spoilt": 20,
  "github: an odd answer is read, or named as unexpected": 60,
  "github: what a run, its jobs and its artifact say becomes a record": 150,
  "github: a wait that GitHub asks for is never cut to nothing": 60,
  "artifacts: a spoilt archive is refused in words": 120,
  "journal: a cut loses no whole line and no byte": 60,
  "journal: a line that is none is named": 60,
  "journal: a crash between any two entries goes on where it was": 80,
  "results: a cut loses no record and doubles none": 40,
  "lock: whatever its file holds, it is taken or refused in words": 25,
  "requirement locks: all that was written is read": 100,
  "requirement locks: a spoilt one never loses a package in silence": 120,
  "requirement locks: sizes are read or refused in words": 80,
  "requirement locks: hints are read or refused in words": 80,
  "layer plans: each package once, no layer empty, all bytes": 100,
  "layer plans: no layer above the bound": 150,
  "layer plans: the same packages in any order, the same plan": 60,
  "layer plans: nothing changed, nothing moves": 60,
  "layer plans: a new version moves nothing": 100,
  "layer plans: a small new package changes one layer": 60,
  "layer plans: within a quarter above the bound whatever was there": 60,
  "layer plans: the layers' files hold the lock": 40,
  "bench: options are read or refused in words": 60,
  "bench: a variant's label reads as itself": 80,
  "bench: a link has a rate and a delay, or is refused": 80,
  "bench: bytes leave in order and no faster than the link": 60,
  "experiment: options are read or refused in words": 100,
  "variables: outputs give commands for a shell, or are refused": 120,
  "statistics: lie within each other, whatever the order": 100,
  "statistics: an interval is finite and within its ratio's bounds": 20,
  "reports: hostile labels change no table": 25,
  "reports: hostile labels stay text in pages and pictures": 2,
} as const;

export type Property = keyof typeof SHARES;

/** Cases that `npm test` runs. */
export const DEFAULT_CASES = Object.values(SHARES).reduce<number>((sum, share) => sum + share, 0);
/** The most that a property may take, so that a slip in PROPERTY_CASES does not run for days. */
const MOST_CASES = 10_000_000;
/** A property that takes longer fails, shrinking of its counterexample included: no night goes on for days. */
const TIMEOUT_MS = 600_000;

/** A whole number from the environment variables, or the default where there is none. */
export function numberFrom(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined || text === "") return otherwise;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 1 && value <= MOST_CASES) return value;
  throw new Error(`${name} must be a whole number from 1 to ${MOST_CASES}; got ${JSON.stringify(text)}`);
}

/** Cases of one property when `total` are wanted of all together: its share, rounded up. */
export function casesOf(property: Property, total: number): number {
  return Math.ceil((SHARES[property] * total) / DEFAULT_CASES);
}

const total = numberFrom("PROPERTY_CASES", process.env.PROPERTY_CASES, DEFAULT_CASES);

/** The same cases each time, unless PROPERTY_SEED is a number or "random": a gate must not fail by chance. */
const seed =
  process.env.PROPERTY_SEED === "random"
    ? randomInt(1, MOST_CASES)
    : numberFrom("PROPERTY_SEED", process.env.PROPERTY_SEED, 1);

if (total !== DEFAULT_CASES) {
  process.stderr.write(`properties: ${total} cases; repeat them with PROPERTY_SEED=${seed}\n`);
}

/** The test of a property: its share of the cases, and what it once failed for. */
export function holds<Ts>(
  name: Property,
  property: fc.IProperty<Ts> | fc.IAsyncProperty<Ts>,
  found: Ts[] = [],
): void {
  test(
    name,
    async () => {
      await fc.assert(property as fc.IAsyncProperty<Ts>, {
        numRuns: casesOf(name, total) + found.length,
        seed,
        examples: found,
        interruptAfterTimeLimit: TIMEOUT_MS,
        markInterruptAsFailure: true,
      });
    },
    2 * TIMEOUT_MS,
  );
}
