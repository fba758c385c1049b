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

/** A value as an error message shows it: JSON where it can be, cut where it is long. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  // JSON has no word for NaN and the infinities, and would show null.
  if (typeof value === "number") return String(value);
  let text: string;
  try {
    text = JSON.stringify(value) ?? String(value);
  } catch {
    text = Object.prototype.toString.call(value);
  }
  return cut(text);
}

/** A name that the input gave to something, as an error message shows it: on one line, cut where it is long. */
export function showName(name: string): string {
  return cut(JSON.stringify(name).slice(1, -1));
}

const cut = (text: string) => (text.length > 80 ? `${text.slice(0, 77)}...` : text);
