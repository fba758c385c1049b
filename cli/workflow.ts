import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Command } from "commander";
import type { Environment } from "../environment/environment";
import { missingImages } from "../environment/missing-images";
import { projectEnvironments } from "../environment/project";
import {
  actionlintFile,
  isMade,
  WORKFLOWS,
  type WorkflowFile,
  workflowFiles,
} from "../pipeline/workflow/files";
import { setVariables } from "../pipeline/workflow/variables";
import { InvalidInput } from "../util/invalid-input";
import { selectEnvironments } from "./select";

const PROJECT = resolve(__dirname, "..");

const HELP = `
Examples:
  npx buildx-on-eks workflow
  npx buildx-on-eks workflow --check
  npx cdktf output c5n-registry --outputs-file outputs.json
  npx buildx-on-eks workflow c5n --variables outputs.json

Exit codes:
  0  the workflows are up to date
  1  an environment or the outputs are not valid, or --check found a file that is out of date or belongs to no environment
  2  the command line is wrong, or names an environment that is not there; nothing was written`;

export function workflowCommand(): Command {
  return new Command("workflow")
    .description("Renders the GitHub workflows of each environment into .github/workflows.")
    .argument("[environments...]", "environments to render (default: all)")
    .option("--check", "write nothing; exit code 1 when a file is out of date")
    .option(
      "--variables <outputs.json>",
      "print the commands that set the repository variables (- reads standard input)",
    )
    .addHelpText("after", HELP)
    .action(async (asked: readonly string[], { check, variables }: { check?: true; variables?: string }) => {
      const all = await projectEnvironments();
      const chosen = selectEnvironments(all, asked);
      for (const warning of missingImages(chosen)) process.stderr.write(`${warning}\n`);
      const rendered = [...chosen.flatMap(workflowFiles), actionlintFile(all)];
      const left = leftFiles(all.flatMap(workflowFiles));
      if (variables !== undefined) printVariables(chosen, variables);
      else if (check) checkFiles(rendered, left);
      else writeFiles(rendered, left);
    });
}

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
    ...old.map(({ path }) => `${path} is out of date. Run: npx buildx-on-eks workflow`),
    ...left.map((path) => `${path} is made by no environment any more. Run: npx buildx-on-eks workflow`),
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
