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
  let text: string;
  try {
    text = JSON.stringify(value) ?? String(value);
  } catch {
    text = Object.prototype.toString.call(value);
  }
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
