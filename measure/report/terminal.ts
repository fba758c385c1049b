import Table from "cli-table3";
import type { Report } from "./model";
import { type Table as ReportTable, sectionsOf } from "./tables";

export interface TerminalOptions {
  /** ANSI colours: only for a terminal whose user did not set NO_COLOR. */
  readonly color: boolean;
}

/** Text wraps here between words; nothing is ever cut. */
const CAPTION_WIDTH = 100;

const HEADING_WIDTH = 18;
const CELL_WIDTH = 60;

/** The report for a terminal, ending with a newline. */
export function formatTerminal(report: Report, { color }: TerminalOptions): string {
  const style = (code: string, text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  const blocks = sectionsOf(report).flatMap((section) => [
    style("1;4", section.title),
    ...(section.lead === undefined ? [] : [style("1", wrap(section.lead, ""))]),
    ...section.paragraphs.map((paragraph) => wrap(paragraph, "")),
    ...section.tables.map((table) =>
      [
        style("1", table.title),
        drawTable(table, color),
        ...(table.caption === undefined ? [] : [style("2", wrap(table.caption, ""))]),
      ].join("\n"),
    ),
    ...(section.notes.length === 0 ? [] : [section.notes.map((note) => wrap(note, "- ")).join("\n")]),
  ]);
  return `${blocks.join("\n\n")}\n`;
}

function drawTable({ columns, rows }: ReportTable, color: boolean): string {
  const table = new Table({
    head: columns.map((column) => wrap(column, "", HEADING_WIDTH)),
    style: { head: color ? ["bold"] : [], border: color ? ["grey"] : [], compact: true },
    colAligns: columns.map((_, index) => (index > 0 && numeric(rows, index) ? "right" : "left")),
  });
  table.push(...rows.map((row) => row.map((cell) => wrap(cell, "", CELL_WIDTH))));
  return table.toString();
}

/** Whether a column reads better right-aligned: each cell begins with a digit, a sign or a dash. */
function numeric(rows: ReportTable["rows"], index: number): boolean {
  return rows.every((row) => /^[-$\d–]/.test(row[index] ?? ""));
}

/** Breaks between words; later lines are indented like the first one's mark. */
function wrap(text: string, mark: string, width = CAPTION_WIDTH): string {
  const lines: string[] = [];
  let line = mark;
  for (const word of text.split(" ")) {
    if (line.trim() !== "" && line !== mark && line.length + 1 + word.length > width) {
      lines.push(line);
      line = " ".repeat(mark.length) + word;
    } else {
      line = line === mark ? mark + word : `${line} ${word}`;
    }
  }
  return [...lines, line].join("\n");
}
