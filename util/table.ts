import Table from "cli-table3";
import { WORDS_AND_HYPHENS, wrap } from "./wrap";

export interface TableOptions {
  /** Characters that a line may have. */
  readonly width: number;
  /** @default - all left */
  readonly aligns?: readonly ("left" | "right")[];
  /** @default false */
  readonly color?: boolean;
}

/** A border and a space on each side. */
const CELL_EDGE = 3;
const LAST_EDGE = 1;

/** A table that is at most `width` wide: cells break between words, inside words where it must be. */
export function drawTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { width, aligns = [], color = false }: TableOptions,
): string {
  const widths = columnWidths([head, ...rows], width - LAST_EDGE - head.length * CELL_EDGE);
  const wrapped = (row: readonly string[]) =>
    row.map((cell, i) => wrap(cell, widths[i] ?? width, WORDS_AND_HYPHENS).join("\n"));
  const table = new Table({
    head: wrapped(head),
    colAligns: head.map((_, i) => aligns[i] ?? "left"),
    style: { head: color ? ["bold"] : [], border: color ? ["grey"] : [], compact: true },
  });
  table.push(...rows.map(wrapped));
  return table.toString();
}

/** Each as wide as its longest line where there is room; else the widest ones give, words last of all. */
function columnWidths(rows: readonly (readonly string[])[], room: number): number[] {
  const longest = (parts: (cell: string) => readonly string[]) =>
    (rows[0] ?? []).map((_, i) =>
      Math.max(1, ...rows.flatMap((row) => parts(row[i] ?? "").map((part) => part.length))),
    );
  const lines = longest((cell) => cell.split("\n"));
  const words = longest((cell) => cell.split(WORDS_AND_HYPHENS).map((piece) => piece.trimStart()));
  const least = sum(words) <= room ? words : lines.map(() => 1);
  const widths = [...lines];
  for (let over = sum(widths) - room; over > 0; over--) {
    const [widest] = widths
      .map((of, i) => ({ i, of }))
      .filter(({ i, of }) => of > (least[i] ?? 1))
      .sort((a, b) => b.of - a.of);
    if (widest === undefined) break;
    widths[widest.i] = widest.of - 1;
  }
  return widths;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);
