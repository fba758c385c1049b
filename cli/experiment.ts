import { Command } from "commander";
import { type LoadRunDependencies, runCommand } from "../measure/experiment/command";
import { standardError, standardOutput } from "../util/standard-streams";
import type { MakeCommand } from "./command";

const HELP = `
Examples:
  npx buildx-on-eks experiment run c5n --rounds 5 --dry-run
  npx buildx-on-eks experiment run c5n --rounds 5
  npx buildx-on-eks report results/c5n.jsonl

Exit codes: 0 done, 2 the command line is wrong; the others are in "experiment run --help".`;

/** @param dependencies what a run needs of the outside world */
export function experimentCommand(dependencies: LoadRunDependencies = realDependencies): MakeCommand {
  return (exit) =>
    new Command("experiment")
      .description("Measures which configuration builds and pushes a big image fastest.")
      .addHelpText("after", HELP)
      .addCommand(runCommand(dependencies, exit));
}

async function realDependencies() {
  const [{ loadTarget }, { DEFAULT_POLL_OPTIONS }] = await Promise.all([
    import("../measure/experiment/load-target.js"),
    import("../measure/experiment/poll-options.js"),
  ]);
  return {
    loadTarget,
    env: process.env,
    stdout: standardOutput(),
    stderr: standardError(),
    poll: DEFAULT_POLL_OPTIONS,
    signals: process,
    exitNow: (code: number) => process.exit(code),
  };
}
