import { join, resolve } from "node:path";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { didYouMean } from "../../util/suggest";
import { painter } from "../../util/terminal";
import { findCheckov } from "./checkov";
import { scanDependencies } from "./dependencies";
import { renderAll, scanInfrastructure } from "./infrastructure";
import { run } from "./program";
import type { RenderedStack } from "./render";
import { isClean, renderScans } from "./report";
import { type ScanResult, scanResult } from "./scan";
import { findGitleaks, scanSecrets } from "./secrets";

const EXIT = { clean: 0, found: 1, usage: 2 } as const;
const PROJECT = resolve(__dirname, "../..");

let rendered: RenderedStack[] | undefined;
const renderedStacks = () => (rendered ??= renderAll());

const SCANS = {
  infrastructure: () => scanInfrastructure(findCheckov(process.env), renderedStacks()),
  secrets: () =>
    scanSecrets({
      gitleaks: findGitleaks(process.env),
      repository: PROJECT,
      rendered: textsOf(renderedStacks()),
    }),
  dependencies: () => scanDependencies(PROJECT, process.env),
  workflows: () => scanWorkflows(),
} satisfies Record<string, () => Promise<ScanResult>>;
type Scan = keyof typeof SCANS;
const NAMES = Object.keys(SCANS) as Scan[];

/** The script installs actionlint and zizmor. */
async function scanWorkflows(): Promise<ScanResult> {
  const { code, stdout, stderr } = await run("bash", [join(PROJECT, ".ci", "lint-workflows.sh")], {
    cwd: PROJECT,
  });
  const summary = "actionlint, zizmor and shellcheck of every workflow and script";
  return scanResult("workflows", summary, code === 0 ? [] : [`${stdout}\n${stderr}`.trim()]);
}

/** Each text once, by the name of a stack that has it. */
function textsOf(stacks: readonly RenderedStack[]): Map<string, string> {
  const texts = [...new Map(stacks.map(({ text, name }) => [text, name]))];
  return new Map(texts.map(([text, name], i) => [`${i + 1}-${name}.tf.json`, text]));
}

/** A scan that cannot look has not passed. */
async function attempt(name: Scan): Promise<ScanResult> {
  try {
    return await SCANS[name]();
  } catch (error) {
    return scanResult(name, "nothing: the scan did not finish", [
      error instanceof Error ? error.message : String(error),
    ]);
  }
}

function scanNames(words: string): Scan[] {
  const asked = words.split(",");
  const unknown = asked.filter((word) => !NAMES.includes(word as Scan));
  if (unknown.length > 0) {
    throw new InvalidArgumentError(
      unknown.map((word) => `"${word}" is none of ${NAMES.join(", ")}.${didYouMean(word, NAMES)}`).join(" "),
    );
  }
  return NAMES.filter((name) => asked.includes(name));
}

const program = new Command("npm run scan --")
  .description(
    "Scans the rendered stacks of every kind of environment, the repository, the runtime dependencies and the workflows.",
  )
  .option("--only <scans>", `of ${NAMES.join(", ")}; several separated by commas`, scanNames)
  .option("--json", "print the same as JSON")
  .addHelpText(
    "after",
    `
Examples:
  npm run scan
  npm run --silent scan -- --only infrastructure,secrets --json

Programs: bash .ci/tools/install-python.sh checkov && bash .ci/tools/install.sh gitleaks

Exceptions are at the resources that they concern, with their reasons in constructs/security-exception.ts.

Exit codes: 0 nothing found; 1 something was found, an exception is not needed, or a scan could not run; 2 wrong usage.
A registry without an audit endpoint is reported as not checked, and fails nothing.`,
  )
  .exitOverride();

async function main(): Promise<number> {
  try {
    program.parse();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.clean : EXIT.usage;
    throw error;
  }
  const { only = NAMES, json } = program.opts<{ only?: Scan[]; json?: true }>();
  const results: ScanResult[] = [];
  for (const name of only) results.push(await attempt(name));
  process.stdout.write(
    json
      ? `${JSON.stringify({ clean: isClean(results), scans: results }, null, 2)}\n`
      : renderScans(results, painter(process.stdout)),
  );
  return isClean(results) ? EXIT.clean : EXIT.found;
}

void main().then((code) => {
  process.exitCode = code;
});
