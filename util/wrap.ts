/** Where a line may break: each piece has the spaces before it. */
export const WORDS = /(?=\s)/;
export const WORDS_AND_HYPHENS = /(?=\s)|(?<=\w-)(?=[A-Za-z])/;

/** The text in lines of at most `width` characters, broken inside a word only where it is longer than a line. */
export function wrap(text: string, width: number, breaks = WORDS): string[] {
  return text.split("\n").flatMap((line) => wrapLine(line, width, breaks));
}

/** The same below a mark such as "- ", the later lines indented as far as the first. */
export function wrapBelow(mark: string, text: string, width: number): string {
  return wrap(text, width - mark.length)
    .map((line, i) => (i === 0 ? mark : " ".repeat(mark.length)) + line)
    .join("\n");
}

function wrapLine(text: string, width: number, breaks: RegExp): string[] {
  const lines: string[] = [];
  let line = "";
  for (const piece of text.split(breaks)) {
    if (line !== "" && (line + piece).length > width) {
      lines.push(line);
      line = "";
    }
    line += line === "" && lines.length > 0 ? piece.trimStart() : piece;
    while (line.length > width) {
      // Never between the halves of one character.
      const end = /[\uD800-\uDBFF]$/.test(line.slice(0, width)) ? width - 1 : width;
      lines.push(line.slice(0, Math.max(1, end)));
      line = line.slice(Math.max(1, end));
    }
  }
  return [...lines, line];
}
