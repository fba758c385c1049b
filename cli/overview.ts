import { resolve } from "node:path";
import { Command } from "commander";
import { loadEnvironments } from "../environment/load";
import { environments as files } from "../environments";
import { createApp } from "../main";
import { exitOnInvalidInput } from "../util/exit";
import { painter } from "../util/terminal";
import { overviewOf } from "./overview/model";
import { renderOverview } from "./overview/render";
import { selectEnvironments } from "./select";

const OUTDIR = resolve(__dirname, "..", "cdktf.out");

const program = new Command("npm start --")
  .description(
    "Validates and synthesizes every environment into cdktf.out, and explains what would be built.",
  )
  .argument("[environments...]", "environments to show; all of them when none is named")
  .option("--json", "print the same as JSON")
  .addHelpText(
    "after",
    "\nExamples:\n  npm start\n  npm start -- c5n\n  npm start --silent -- --json\n\nExit code 1: an environment is invalid or not known; nothing was written.",
  );

exitOnInvalidInput(() => {
  program.parse();
  const { json } = program.opts<{ json?: true }>();
  const all = loadEnvironments(files);
  const shown = selectEnvironments(all, program.args);
  createApp(all, { outdir: OUTDIR }).synth();
  const overview = overviewOf(shown, OUTDIR);
  process.stdout.write(
    json ? `${JSON.stringify(overview, null, 2)}\n` : renderOverview(overview, painter(process.stdout)),
  );
});
