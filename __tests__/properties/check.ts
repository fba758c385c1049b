import { randomInt } from "node:crypto";
import fc from "fast-check";
import { InvalidInput } from "../../util/invalid-input";

/** PROPERTY_CASES=<n>: about n cases of all properties together, in place of the default. */
const DEFAULT_CASES = 2_000;
const FACTOR = Number(process.env.PROPERTY_CASES || DEFAULT_CASES) / DEFAULT_CASES;
/** The same cases each time, unless PROPERTY_SEED is a number or "random". A failure prints its seed. */
const { PROPERTY_SEED = "1" } = process.env;
const SEED = PROPERTY_SEED === "random" ? randomInt(2 ** 31) : Number(PROPERTY_SEED);

/** Checks a property in `cases` random cases, after the examples: inputs that once failed. */
export async function check<Ts>(
  cases: number,
  property: fc.IProperty<Ts> | fc.IAsyncProperty<Ts>,
  examples: Ts[] = [],
): Promise<void> {
  const numRuns = Math.ceil(cases * FACTOR) + examples.length;
  await fc.assert(property as fc.IAsyncProperty<Ts>, {
    numRuns,
    seed: SEED,
    examples,
    // Below the limit of a test: what is left of many cases is not tried.
    interruptAfterTimeLimit: 20_000,
  });
}

/** Words of the program's own inside. */
const INTERNAL =
  /\bTypeError|RangeError|SyntaxError|ZodError|Cannot read|is not a function|not iterable|\bat .*:\d+:\d+\)?$|\[object Object\]/;
/** Characters that steer a terminal, reverse a line or hide in it. */
const STEERS = /[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/u;

/** Messages that no person should read. */
export const unclear = (messages: readonly string[]): string[] =>
  messages.filter(
    (text) => text.trim() === "" || INTERNAL.test(text) || STEERS.test(text) || text.length > 1500,
  );

/** Runs something that may refuse its input: the problems it names, or undefined when it takes the input. */
export function refusal(work: () => unknown): readonly string[] | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (!(error instanceof InvalidInput) || error.problems.length === 0) throw error;
    return error.problems;
  }
}

/** A value as a file holds it; "null" for what JSON cannot hold. */
export function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "null";
  } catch {
    return "null";
  }
}
