import Table from "cli-table3";
import type { painter } from "../../util/terminal";
import type { ExceptionUse } from "./judge";
import type { ScanResult } from "./scan";

type Paint = ReturnType<typeof painter>;

/** Whether nothing was found in anything that could be looked at. */
export const isClean = (results: readonly ScanResult[]): boolean =>
  results.every(({ status }) => status !== "failed");

/** Every exception, every problem, and what each scan came to, as text for a terminal. */
export function renderScans(results: readonly ScanResult[], paint: Paint): string {
  return [
    ...results.flatMap(({ scan, exceptions = [] }) =>
      exceptions.length === 0
        ? []
        : [paint("bold", `Exceptions of the ${scan} scan`), "", ...exceptions.flatMap(renderException)],
    ),
    ...results.flatMap(({ scan, problems }) =>
      problems.length === 0
        ? []
        : [
            paint(
              ["bold", "red"],
              `${scan}: ${problems.length === 1 ? "1 problem" : `${problems.length} problems`}`,
            ),
            "",
            ...problems.flatMap((problem) => [...indented(problem, "  ! "), ""]),
          ],
    ),
    summaryTable(results, paint),
    "",
  ].join("\n");
}

function renderException({ name, checks, reason, resources }: ExceptionUse): string[] {
  const uses = resources.reduce((sum, resource) => sum + resource.uses, 0);
  return [
    `  ${name}: ${checks.join(", ")}; used ${uses === 1 ? "once" : `${uses} times`}`,
    `    ${reason}`,
    ...resources.map(({ resource, uses }) => `    ${String(uses).padStart(4)}  ${resource}`),
    "",
  ];
}

/** A problem of several lines, the later ones below the first one's text. */
const indented = (text: string, mark: string) =>
  text.split("\n").map((line, i) => `${i === 0 ? mark : " ".repeat(mark.length)}${line}`);

const COLORS = { passed: "green", failed: "red", "not checked": "yellow" } as const;
const SUMMARY_WIDTH = 80;

function summaryTable(results: readonly ScanResult[], paint: Paint): string {
  const table = new Table({
    head: ["scan", "result", "what was looked at"],
    style: { head: [], border: [] },
    colWidths: [null, null, SUMMARY_WIDTH],
    wordWrap: true,
  });
  for (const { scan, status, summary } of results) table.push([scan, paint(COLORS[status], status), summary]);
  return table.toString();
}
