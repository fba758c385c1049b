import { resolve } from "node:path";
import { Command } from "commander";
import { missingImages } from "../environment/missing-images";
import { projectEnvironments } from "../environment/project";
import { unlistedEnvironments } from "../environment/unlisted";
import { createApp } from "../main";
import { painter, widthOf } from "../util/terminal";
import { overviewOf } from "./overview/model";
import { renderOverview } from "./overview/render";
import { selectEnvironments } from "./select";

const OUTDIR = resolve(__dirname, "..", "cdktf.out");

const HELP = `
Examples:
  npm start
  npm start -- c5n
  npx buildx-on-eks overview c5n --json

Exit codes:
  0  everything is valid and in cdktf.out
  1  an environment is not valid; nothing was written
  2  the command line is wrong, or names an environment that is not there; nothing was written`;

export function overviewCommand(): Command {
  return new Command("overview")
    .description(
      "Validates and synthesizes every environment into cdktf.out, and shows what would be built and what it costs.",
    )
    .argument("[environments...]", "environments to show (default: all)")
    .option("--json", "print the same as JSON")
    .addHelpText("after", HELP)
    .action(async (asked: readonly string[], { json }: { json?: true }) => {
      const all = await projectEnvironments();
      const shown = selectEnvironments(all, asked);
      createApp(all, { outdir: OUTDIR }).synth();
      const warnings = [...(await unlistedEnvironments(all)), ...missingImages(all)];
      const overview = overviewOf(shown, OUTDIR, warnings);
      process.stdout.write(
        json
          ? `${JSON.stringify(overview, null, 2)}\n`
          : renderOverview(overview, painter(process.stdout), widthOf(process.stdout)),
      );
    });
}
