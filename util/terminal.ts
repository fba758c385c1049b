import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Colours on a terminal, unless NO_COLOR asks for none. @see https://no-color.org */
export function painter(stream: NodeJS.WriteStream): (style: Style, text: string) => string {
  const colours = stream.isTTY === true && !process.env.NO_COLOR;
  return (style, text) => (colours ? styleText(style, text) : text);
}
