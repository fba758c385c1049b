import { formatJson } from "./json";
import { formatMarkdown } from "./markdown";
import type { Report } from "./model";
import { formatTerminal, type TerminalOptions } from "./terminal";

/** How a whole report can be written. */
export const FORMATS = ["terminal", "markdown", "json", "html"] as const;

export type Format = (typeof FORMATS)[number];

/** The report as text. The charts' library is loaded for HTML only: the other formats start fast without it. */
export async function formatReport(
  report: Report,
  format: Format,
  terminal: TerminalOptions,
): Promise<string> {
  switch (format) {
    case "terminal":
      return formatTerminal(report, terminal);
    case "markdown":
      return formatMarkdown(report);
    case "json":
      return formatJson(report);
    case "html":
      return (await import("./html.js")).formatHtml(report);
  }
}
