import { InvalidInput } from "../../util/invalid-input";

/** What only a program says to its author. */
const INTERNAL =
  /\bTypeError|RangeError|SyntaxError|ZodError|Cannot read|is not a function|not iterable|\bat .*:\d+:\d+\)?$|Invalid input|Invalid key|Too (?:big|small)|Unrecognized|\[object Object\]/;
/** What would steer a terminal, reverse a line or hide in it. */
const STEERS = /[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/u;
const LONGEST = 1500;

/** Why a sentence is none that a person should read; undefined when it is fine. */
export function unclear(sentence: string): string | undefined {
  if (sentence.trim() === "") return "it is empty";
  if (INTERNAL.test(sentence)) return `it speaks of the program's inside: ${sentence}`;
  if (STEERS.test(sentence)) return `it would steer a terminal: ${JSON.stringify(sentence)}`;
  if (sentence.length > LONGEST) return `it has ${sentence.length} characters`;
  return undefined;
}

/** Runs something that may refuse its input: the problems it names, or undefined when it takes the input. */
export function refusal(work: () => unknown): readonly string[] | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    if (error.problems.length === 0) throw new Error("refused without a problem");
    return error.problems;
  }
}

/** Sentences that no person should read, of all of them. */
export const unclearOf = (sentences: readonly string[]): string[] =>
  sentences.flatMap((sentence) => unclear(sentence) ?? []);

/** Without the words of a schema, which say what was expected and what was received well enough for data. */
export const withoutSchemaWords = (sentence: string): string =>
  sentence.replaceAll(/Invalid (?:input|key)|Too (?:big|small)|Unrecognized keys?/g, "wrong");
