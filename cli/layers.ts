import { Command } from "commander";
import { type LayersInput, layersOf, staleFiles, writeFiles } from "../pipeline/layers/files";
import { DEFAULT_LAYERS } from "../pipeline/layers/plan";
import { reportOf } from "../pipeline/layers/report";
import { InvalidInput } from "../util/invalid-input";
import { widthOf } from "../util/terminal";

interface Options extends LayersInput {
  readonly check?: true;
}

const HELP = `
Examples:
  npx buildx-on-eks layers
  npx buildx-on-eks layers --check
  npx buildx-on-eks layers --rebalance --count 6

Exit codes:
  0  the files are up to date
  1  the input is not valid, or --check found a file out of date; nothing was written
  2  the command line is wrong; nothing was written`;

export function layersCommand(): Command {
  return new Command("layers")
    .description(
      "Splits the packages of a lock into layers of similar compressed size that change as seldom as possible, and writes one requirements file, one build stage and one COPY for each.",
    )
    .option("--lock <file>", "lock with hashes", "pipeline/image/requirements.txt")
    .option(
      "--sizes <file>",
      "compressed size of each package; pipeline/image/sizes.py makes it",
      "pipeline/image/sizes.json",
    )
    .option(
      "--dockerfile <file>",
      "Dockerfile with the markers; layers/ is written beside it",
      "pipeline/image/Dockerfile",
    )
    .option("--hints <file>", "how often packages change (default: layers.yaml beside the lock, if there)")
    .option(
      "--count <n>",
      `number of layers (default: as many as there are; ${DEFAULT_LAYERS} the first time)`,
    )
    .option("--rebalance", "plan anew instead of leaving each package in its layer")
    .option("--check", "write nothing; exit code 1 when a file is out of date")
    .addHelpText("after", HELP)
    .action(({ check, ...options }: Options) => {
      const { plan, files } = layersOf(options);
      const stale = staleFiles(files).map(({ path }) => path);
      if (check && stale.length > 0) {
        throw new InvalidInput(
          "The layers do not match the lock.",
          stale.map((path) => `${path} is out of date. Run: npx buildx-on-eks layers`),
        );
      }
      if (check) return;
      writeFiles(files);
      process.stdout.write(reportOf(plan, widthOf(process.stdout)));
      for (const path of stale) process.stdout.write(`${path}\n`);
    });
}
