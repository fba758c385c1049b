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
  const exceptions = results.flatMap(({ scan, exceptions = [] }) =>
    exceptions.length === 0
      ? []
      : [paint("bold", `Exceptions of the ${scan} scan`), "", ...exceptions.flatMap(renderException)],
  );
  const problems = results
    .filter((result) => result.problems.length > 0)
    .flatMap(({ scan, problems }) => [
      paint(["bold", "red"], `${scan}: ${problems.length} ${problems.length === 1 ? "problem" : "problems"}`),
      "",
      ...problems.flatMap((problem) => [`  ! ${problem.replaceAll("\n", "\n    ")}`, ""]),
    ]);
  return [...exceptions, ...problems, summaryTable(results, paint), ""].join("\n");
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

const COLORS = { passed: "green", failed: "red", "not checked": "yellow" } as const;
/** The whole table is 80 columns wide. */
const SUMMARY_WIDTH = 47;

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
