/** Everything wrong with one input at once. Its message is meant for a person: print it, never its stack. */
export class InvalidInput extends Error {
  constructor(
    summary: string,
    readonly problems: readonly string[],
  ) {
    super([summary, ...problems.map((problem) => `  - ${problem}`)].join("\n"));
    this.name = "InvalidInput";
  }
}

/** The command line is wrong. */
export class WrongUsage extends InvalidInput {}

/** Problems of one kind: each by itself while they are few, else how many there are, and the first. */
export const counted = (problems: readonly string[], summary: string, few = 3): readonly string[] =>
  problems.length > few ? [`${problems.length} ${summary}; the first: ${problems[0]}`] : problems;

/** A value as an error message shows it: JSON where it can be, on one line, cut where it is long. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "function") return "a function";
  // JSON has no word for NaN and the infinities, and would show null; it refuses a bigint.
  if (typeof value === "number") return String(value);
  if (typeof value === "bigint") return cut(`${value}n`);
  let text: string;
  try {
    text = JSON.stringify(value) ?? String(value);
  } catch {
    text = `${Array.isArray(value) ? "a list" : "an object"} that JSON cannot hold`;
  }
  return cut(visible(text));
}

/** A name that the input gave to something, as an error message shows it: on one line, cut where it is long. */
export function showName(name: string): string {
  return cut(visible(JSON.stringify(name).slice(1, -1)));
}

/** What JSON leaves as it is and a terminal may act on or hide: control, format and bidi characters, line separators. */
export const visible = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );

/** At most `longest` characters, never half of a surrogate pair. */
export const cut = (text: string, longest = 80): string =>
  text.length > longest ? `${text.slice(0, longest - 3).replace(/[\uD800-\uDBFF]$/, "")}...` : text;
