import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Command } from "commander";
import type { Environment } from "../environment/environment";
import { loadEnvironments } from "../environment/load";
import { environments as files } from "../environments";
import {
  actionlintFile,
  isMade,
  WORKFLOWS,
  type WorkflowFile,
  workflowFiles,
} from "../pipeline/workflow/files";
import { setVariables } from "../pipeline/workflow/variables";
import { exitOnInvalidInput } from "../util/exit";
import { InvalidInput } from "../util/invalid-input";
import { selectEnvironments } from "./select";

const PROJECT = resolve(__dirname, "..");

const program = new Command("npm run workflow --")
  .description("Renders the GitHub workflows of each environment into .github/workflows.")
  .argument("[environments...]", "environments to render; all of them when none is named")
  .option("--check", "write nothing; exit code 1 when a file on disk is out of date")
  .option(
    "--variables <outputs.json>",
    "print the commands that set the repository variables (- reads standard input)",
  )
  .addHelpText(
    "after",
    "\nExamples:\n  npm run workflow\n  npm run workflow -- --check\n  npx cdktf output c5n-registry --outputs-file outputs.json\n  npm run --silent workflow -- c5n --variables outputs.json\n\nExit code 1: an environment or the outputs are not valid, or --check found an old file or one that no environment makes.",
  );

exitOnInvalidInput(() => {
  program.parse();
  const { check, variables } = program.opts<{ check?: true; variables?: string }>();
  const all = loadEnvironments(files);
  const chosen = selectEnvironments(all, program.args);
  const rendered = [...chosen.flatMap(workflowFiles), actionlintFile(all)];
  const left = leftFiles(all.flatMap(workflowFiles));
  if (variables !== undefined) printVariables(chosen, variables);
  else if (check) checkFiles(rendered, left);
  else writeFiles(rendered, left);
});

/** Files that no environment makes any more: GitHub would go on to run them. */
function leftFiles(made: readonly WorkflowFile[]): string[] {
  const paths = new Set(made.map(({ path }) => path));
  return readdirSync(join(PROJECT, WORKFLOWS))
    .map((name) => `${WORKFLOWS}/${name}`)
    .filter((path) => !paths.has(path) && isMade(readIfThere(join(PROJECT, path)) ?? ""))
    .sort();
}

function writeFiles(rendered: readonly WorkflowFile[], left: readonly string[]): void {
  for (const { path, content } of rendered) {
    mkdirSync(dirname(join(PROJECT, path)), { recursive: true });
    writeFileSync(join(PROJECT, path), content);
    process.stdout.write(`${path}\n`);
  }
  for (const path of left) {
    rmSync(join(PROJECT, path));
    process.stdout.write(`${path} removed: no environment makes it\n`);
  }
}

function checkFiles(rendered: readonly WorkflowFile[], left: readonly string[]): void {
  const old = rendered.filter(({ path, content }) => readIfThere(join(PROJECT, path)) !== content);
  if (old.length === 0 && left.length === 0) return;
  throw new InvalidInput("Workflows do not match their environments.", [
    ...old.map(({ path }) => `${path} is out of date. Run: npm run workflow`),
    ...left.map((path) => `${path} is made by no environment any more. Run: npm run workflow`),
  ]);
}

function printVariables(environments: readonly Environment[], source: string): void {
  const outputs = readIfThere(source === "-" ? "/dev/stdin" : source);
  if (outputs === undefined) {
    throw new InvalidInput("The outputs cannot be read.", [
      `there is no file ${source}. Write it: npx cdktf output '*-registry' --outputs-file ${source}`,
    ]);
  }
  // All before any is printed: half of them, piped into a shell, would be set.
  const commands = environments.flatMap((environment) => setVariables(environment, outputs));
  process.stdout.write(`${commands.join("\n")}\n`);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
