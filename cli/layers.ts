import { Command, Option } from "commander";
import { type LayersInput, layersOf, staleFiles, writeFiles } from "../pipeline/layers/files";
import { DEFAULT_PYTHON } from "../pipeline/layers/lock";
import { measureLock } from "../pipeline/layers/measure";
import { DEFAULT_LAYERS } from "../pipeline/layers/plan";
import { reportOf } from "../pipeline/layers/report";
import { InvalidInput } from "../util/invalid-input";
import { widthOf } from "../util/terminal";

interface Options extends LayersInput {
  readonly check?: true;
  readonly measure?: true;
  readonly python: string;
  readonly wheels?: string;
}

const HELP = `
Examples:
  npx buildx-on-eks layers
  npx buildx-on-eks layers --check
  npx buildx-on-eks layers --measure --lock my/pylock.toml --sizes my/sizes.json --dockerfile my/Dockerfile
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
      "compressed size of each package, which --measure writes",
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
    .addOption(
      new Option(
        "--measure",
        "first measure the lock's wheels, which pip downloads, and write --sizes",
      ).conflicts("check"),
    )
    .option("--python <version>", "with --measure: Python of the image", DEFAULT_PYTHON)
    .option("--wheels <dir>", "with --measure: folder that holds the wheels already")
    .option("--check", "write nothing; exit code 1 when a file is out of date")
    .addHelpText("after", HELP)
    .action(({ check, measure, python, wheels, ...options }: Options) => {
      if (measure) measureLock({ ...options, python, wheels });
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
