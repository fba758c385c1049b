import type { Report } from "./model";
import { sectionsOf, type Table } from "./tables";

/** The report as GitHub-flavoured Markdown, ending with a newline. */
export function formatMarkdown(report: Report): string {
  const blocks = sectionsOf(report).flatMap((section) => [
    `## ${escapeMarkdown(section.title)}`,
    ...(section.lead === undefined ? [] : [`**${escapeMarkdown(section.lead)}**`]),
    ...section.paragraphs.map(escapeMarkdown),
    ...section.tables.flatMap((table) => [
      `### ${escapeMarkdown(table.title)}`,
      tableMarkdown(table),
      ...(table.caption === undefined ? [] : [escapeMarkdown(table.caption)]),
    ]),
    ...(section.notes.length === 0
      ? []
      : [section.notes.map((note) => `- ${escapeMarkdown(note)}`).join("\n")]),
  ]);
  return `${blocks.join("\n\n")}\n`;
}

function tableMarkdown({ columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeMarkdown).join(" | ")} |`;
  const rule = `| ${columns.map((_, index) => (index === 0 ? "---" : "---:")).join(" | ")} |`;
  return [line(columns), rule, ...rows.map(line)].join("\n");
}

/** Text from records must not become a cell border, a tag, a link or emphasis. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\\`*_[\]|~#]/g, "\\$&")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("$", "\\$");
}
