import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];
type Stream = Pick<NodeJS.WriteStream, "isTTY" | "columns">;

/** Of text that goes to no terminal: a file, a pipe. */
const WIDTH_ELSEWHERE = 100;
/** Tables in a narrower terminal break anyway. */
const LEAST_WIDTH = 40;

/** Colours on a terminal that has them, unless NO_COLOR asks for none. @see https://no-color.org */
export function wantsColor(
  { isTTY }: Partial<Stream>,
  env: Readonly<Record<string, string | undefined>> = process.env,
): boolean {
  return isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
}

export function painter(stream: Partial<Stream>): (style: Style, text: string) => string {
  const colors = wantsColor(stream);
  return (style, text) => (colors ? styleText(style, text) : text);
}

/** Characters that a line may have. */
export function widthOf({ isTTY, columns }: Partial<Stream>): number {
  return isTTY === true && columns ? Math.max(columns, LEAST_WIDTH) : WIDTH_ELSEWHERE;
}
