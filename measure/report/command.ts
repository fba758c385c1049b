import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { CannotWrite } from "../../util/cannot-write";
import { writeWhole } from "../../util/durable-file";
import { standardOutput } from "../../util/standard-streams";
import { didYouMean } from "../../util/suggest";
import { wantsColor, widthOf } from "../../util/terminal";
import { costBasis } from "./cost";
import { printable } from "./format";
import { FORMATS, type Format, formatReport } from "./formats";
import { type Loaded, loadFiles, UnreadableFile } from "./load";
import type { Report } from "./model";
import { buildReport } from "./summary";
import type { TerminalOptions } from "./terminal";

const ORIGINAL = join(__dirname, "original-2021.json");
const DEFAULT_BASELINE = "hosted-default";

/** Exit codes of the report. */
export const EXIT = { ok: 0, nothing: 1, usage: 2 } as const;

const HELP = `
A file is JSON lines of records (results/<environment>.jsonl) or a published table. The original article's
table (measure/report/original-2021.json) is shown beside the measured values unless --no-original is given. Where one
environment was built in several variants (run --variants original,fast), these are compared first.

What could not be used comes first in the report, and as warnings on standard error.

Exit codes:
  0  the report was written
  1  the files hold no usable record and no published table; the report says what was wrong
  2  an option is wrong, or a file cannot be read or written; no report

Examples:
  $ npx buildx-on-eks report results/*.jsonl
  $ npx buildx-on-eks report results/c5n.jsonl results/c5.jsonl --format html --output report.html
  $ npx buildx-on-eks report measure/report/original-2021.json --format markdown
  $ npx buildx-on-eks report results/c5n.jsonl --json | jq '.sets[0].answers'
  $ npx buildx-on-eks report results/c5n.jsonl --baseline custom-default --fixed-per-month 230
`;

interface Options {
  readonly format?: Format | "svg";
  readonly json?: boolean;
  readonly output?: string;
  readonly seed: number;
  readonly baseline: string;
  readonly fixedPerMonth?: number;
  readonly public?: boolean;
  readonly original: boolean;
}

/** `report FILES...`: from records to answers, on any machine and without an account. */
export function reportCommand(): Command {
  return new Command("report")
    .description("answer which configuration is fastest, by how much and how surely, from recorded builds")
    .argument("<files...>", "records (*.jsonl) and published tables (*.json)")
    .addOption(
      new Option("-f, --format <format>", "how to write it (default: terminal)").choices([...FORMATS, "svg"]),
    )
    .addOption(new Option("--json", "short for --format json").conflicts("format"))
    .option("-o, --output <file>", "write to a file instead of standard output")
    .option("--seed <n>", "seed of the bootstrap intervals", wholeNumber, 1)
    .option("--baseline <name>", "configuration that the others are compared with", DEFAULT_BASELINE)
    .option(
      "--fixed-per-month <dollars>",
      "what an environment costs a month when idle (default: computed for those in environments/)",
      dollarsOption,
    )
    .option("--public", "the repository is public: its hosted runners cost nothing")
    .option("--no-original", "leave the original article's table out")
    .addHelpText("after", HELP)
    .action(async (files: string[], options: Options, command: Command) => {
      const loaded = load(files, options.original, command);
      const fixed = await fixedCost(options.fixedPerMonth, loaded);
      const report = buildReport(
        { ...loaded, problems: [...loaded.problems, ...fixed.problems] },
        {
          seed: options.seed,
          baseline: options.baseline,
          cost: costBasis({ hostedIsFree: options.public === true, fixedPerMonth: fixed.perMonth }),
        },
      );
      checkBaseline(report, command);
      for (const problem of report.problems) process.stderr.write(`warning: ${problem}\n`);
      const format = options.json === true ? "json" : (options.format ?? "terminal");
      const written = await write(report, format, terminalOf(options.output));
      if (written === undefined) process.stderr.write("There is nothing to draw: no run counts.\n");
      else deliver(written, options.output, command);
      if (written === undefined) process.exitCode = EXIT.nothing;
      if (report.records === 0 && !namesOriginal(files, report)) process.exitCode = EXIT.nothing;
    });
}

function load(files: readonly string[], withOriginal: boolean, command: Command): Loaded {
  try {
    const loaded = loadFiles(files);
    const problems = loaded.problems.map(printable);
    if (!withOriginal) return { ...loaded, problems, published: undefined };
    if (loaded.published !== undefined || !existsSync(ORIGINAL)) return { ...loaded, problems };
    return { ...loaded, problems, published: loadFiles([ORIGINAL]).published };
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    return command.error(`error: ${error.message}`, { exitCode: EXIT.usage });
  }
}

/** A figure given by hand, or those of the environments this project defines. */
async function fixedCost(
  given: number | undefined,
  { records }: Loaded,
): Promise<{ perMonth: (environment: string) => number | undefined; problems: string[] }> {
  if (given !== undefined || records.length === 0) return { perMonth: () => given, problems: [] };
  try {
    const [{ fixedCosts }, { projectEnvironments }] = await Promise.all([
      import("./fixed-cost.js"),
      import("../../environment/project.js"),
    ]);
    const costs = fixedCosts(await projectEnvironments());
    return { perMonth: (environment) => costs.get(environment), problems: [] };
  } catch (error) {
    // An environment under change is no reason to keep quiet about measured times.
    const reason = error instanceof Error ? printable(error.message.split("\n", 1).join("")) : "";
    return { perMonth: () => undefined, problems: [`The fixed cost is not known: ${reason}`] };
  }
}

/** Whether one of the files is a published table. */
function namesOriginal(files: readonly string[], { published }: Report): boolean {
  return published !== null && loadFiles(files).published !== undefined;
}

/** A baseline that nobody measured is a typing mistake, unless it is the default. */
function checkBaseline({ baseline, sets, published }: Report, command: Command): void {
  const known = new Set([
    ...sets.flatMap(({ subjects }) => subjects.map(({ subject }) => subject)),
    ...(published?.table.times ?? []).map(({ configuration }) => configuration),
  ]);
  if (baseline === DEFAULT_BASELINE || known.size === 0 || known.has(baseline)) return;
  const names = [...known];
  command.error(
    `error: --baseline must be one of ${names.join(", ")}; got "${printable(baseline)}".${didYouMean(baseline, names)}`,
    { exitCode: EXIT.usage },
  );
}

async function write(
  report: Report,
  format: Format | "svg",
  terminal: TerminalOptions,
): Promise<string | undefined> {
  return format === "svg"
    ? (await import("./html.js")).formatSvg(report)
    : formatReport(report, format, terminal);
}

function deliver(text: string, output: string | undefined, command: Command): void {
  try {
    if (output !== undefined) {
      writeWhole(output, text);
      return;
    }
    standardOutput().write(text);
  } catch (error) {
    if (!(error instanceof CannotWrite)) throw error;
    command.error(`error: ${error.message}`, { exitCode: EXIT.usage });
  }
}

/** A file has no colours and no width. */
function terminalOf(file: string | undefined): TerminalOptions {
  if (file !== undefined) return { color: false };
  return { color: wantsColor(process.stdout), width: widthOf(process.stdout) };
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("It must be a whole number from 0.");
  return Number(text);
}

function dollarsOption(text: string): number {
  if (!/^\d{1,9}(\.\d{1,4})?$/.test(text))
    throw new InvalidArgumentError("It must be US dollars, such as 230.");
  return Number(text);
}
