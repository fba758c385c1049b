import { drawTable } from "../../util/table";
import { wrap, wrapBelow } from "../../util/wrap";
import type { Report } from "./model";
import { sectionsOf, type Table } from "./tables";

export interface TerminalOptions {
  /** ANSI colours: only for a terminal whose user did not set NO_COLOR. */
  readonly color: boolean;
  /** Characters of a line. @default - text of 100, tables as wide as they need */
  readonly width?: number;
}

const TEXT_WIDTH = 100;
const HEADING_WIDTH = 18;
const CELL_WIDTH = 60;

/** The report for a terminal, ending with a newline. Text wraps; nothing is ever cut. */
export function formatTerminal(report: Report, { color, width }: TerminalOptions): string {
  const style = (code: string, text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  const below = (mark: string, text: string) =>
    wrapBelow(mark, text, Math.min(TEXT_WIDTH, width ?? TEXT_WIDTH));
  const blocks = sectionsOf(report).flatMap((section) => [
    style("1;4", below("", section.title)),
    ...(section.lead === undefined ? [] : [style("1", below("", section.lead))]),
    ...section.paragraphs.map((paragraph) => below("", paragraph)),
    ...section.tables.map((table) =>
      [
        style("1", below("", table.title)),
        tableText(table, color, width ?? Number.POSITIVE_INFINITY),
        ...(table.caption === undefined ? [] : [style("2", below("", table.caption))]),
      ].join("\n"),
    ),
    ...(section.notes.length === 0 ? [] : [section.notes.map((note) => below("- ", note)).join("\n")]),
  ]);
  return `${blocks.join("\n\n")}\n`;
}

function tableText({ columns, rows }: Table, color: boolean, width: number): string {
  const wrapped = (text: string, most: number) => wrap(text, most).join("\n");
  return drawTable(
    columns.map((column) => wrapped(column, HEADING_WIDTH)),
    rows.map((row) => row.map((cell) => wrapped(cell, CELL_WIDTH))),
    { width, color, aligns: columns.map((_, i) => (i > 0 && numeric(rows, i) ? "right" : "left")) },
  );
}

/** Whether a column reads better right-aligned: each cell begins with a digit, a sign or a dash. */
function numeric(rows: Table["rows"], index: number): boolean {
  return rows.every((row) => /^[-$\d–]/.test(row[index] ?? ""));
}
