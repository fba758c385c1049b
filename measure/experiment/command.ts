import { Command } from "commander";
import { CACHES } from "../../environment/caches";
import { CONFIGURATIONS } from "../../environment/configurations";
import { VARIANT_NAMES } from "../../environment/variants";
import { DEFAULT_MAX_ATTEMPTS, DEFAULT_RESULTS_DIR, type RawRunOptions } from "./options";
import type { RunDependencies } from "./run";

/** Everything but the words of the command line. */
export type LoadRunDependencies = () => Promise<RunDependencies>;

/**
 * The sub-command `run`. Values are checked by parseRunOptions, all at once, and not by commander, which stops at
 * the first one. What it does is imported only when it does it: `--help` stays fast.
 */
export function runCommand(dependencies: LoadRunDependencies, setExitCode: (code: number) => void): Command {
  return new Command("run")
    .description("build in every configuration, round by round, and write down how long it took")
    .argument("<environment>", "environment to run in, such as c5n")
    .option("--rounds <n>", "how often to build in each configuration; needed unless --resume")
    .option(
      "--configurations <list>",
      `some of ${CONFIGURATIONS.join(",")} (default: all that the environment has)`,
    )
    .option(
      "--variants <list>",
      `some of ${VARIANT_NAMES.join(",")}, built in turn; in place of --image, --context and --output (default: the environment's own build)`,
    )
    .option("--seed <n>", "seed of the order within each round (default: a random one, which is printed)")
    .option("--cache <mode>", `${CACHES.join(", ")} (default: the environment's build.cache)`)
    .option(
      "--output <attributes>",
      "attributes of the image exporter, such as compression=zstd (default: the environment's build.output)",
    )
    .option(
      "--image <path>",
      "folder with a Dockerfile, or the path of one (default: the environment's build.image)",
    )
    .option(
      "--context <folder>",
      "folder that the build may read (default: the environment's build.context, else the Dockerfile's folder)",
    )
    .option(
      "--repository <name>",
      "image repository to push to (default: the first of the environment's images.repositories)",
    )
    .option(
      "--ref <branch>",
      "branch whose workflow and image to use (default: the repository's default branch)",
    )
    .option("--resume", "go on with the experiment that was stopped")
    .option("--parallel", "let one hosted and one custom build run at the same time")
    .option("--dry-run", "print the plan and its cost; needs no token and touches nothing")
    .option("--cancel-on-interrupt", "on Ctrl-C, cancel the runs under way on GitHub too")
    .option("--max-attempts <n>", `attempts for each build (default: ${DEFAULT_MAX_ATTEMPTS})`)
    .option(
      "--results-dir <directory>",
      `where records, journal and lock are (default: ${DEFAULT_RESULTS_DIR})`,
    )
    .option("--json", "print one JSON event per line on standard output")
    .option("--api-url <url>", "GitHub's REST API (default: GITHUB_API_URL, or the environment's)")
    .addHelpText("after", HELP)
    .action(async (environment: string, options: RawRunOptions) => {
      const [{ run }, outside] = await Promise.all([import("./run.js"), dependencies()]);
      setExitCode(await run(environment, options, outside));
    });
}

const HELP = `
Examples:
  npx buildx-on-eks experiment run c5n --rounds 5 --dry-run
  GH_TOKEN=$(gh auth token) npx buildx-on-eks experiment run c5n --rounds 5
  npx buildx-on-eks experiment run c5n --rounds 5 --variants original,fast
  npx buildx-on-eks experiment run c5n --rounds 3 --configurations hosted-default,custom-kubernetes --output compression=zstd
  npx buildx-on-eks experiment run c5n --resume
  npx buildx-on-eks experiment run c5n --rounds 5 --api-url https://github.example.com/api/v3

Environment variables:
  GITHUB_TOKEN, GH_TOKEN  token with Actions: write and Variables: read on the repository (or the scope repo)
  GITHUB_API_URL          as --api-url
  NO_COLOR                no colours

Files, in --results-dir:
  <environment>.jsonl          one record for each attempt, whatever became of it
  <environment>.journal.jsonl  what is under way, for --resume
  <environment>.lock           held while an instance runs

Exit codes:
  0    every planned build succeeded
  1    a planned build never succeeded, GitHub could not be reached for too long, or records cannot be written
  2    nothing was started: wrong usage, something is missing, another instance runs, or an earlier
       experiment is not finished
  130  stopped by Ctrl-C; go on with --resume`;
