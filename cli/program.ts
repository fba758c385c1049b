import { Command, CommanderError } from "commander";
import { version } from "../package.json";
import { EXIT, exitCodeOf } from "../util/exit";
import { endOnClosedPipe, standardError, standardOutput } from "../util/standard-streams";
import type { MakeCommand } from "./command";

export interface SubCommand {
  readonly summary: string;
  /** Imports the command's code: only when it is asked for, so that everything else starts fast. */
  readonly load: () => Promise<MakeCommand>;
}

export type SubCommands = Readonly<Record<string, SubCommand>>;

export const SUB_COMMANDS = {
  overview: {
    summary: "validate and synthesize the environments, and show what they would build and cost",
    load: async () => (await import("./overview.js")).overviewCommand,
  },
  workflow: {
    summary: "render the GitHub workflows of the environments",
    load: async () => (await import("./workflow.js")).workflowCommand,
  },
  layers: {
    summary: "split a Python lock into image layers of similar size",
    load: async () => (await import("./layers.js")).layersCommand,
  },
  bench: {
    summary: "measure on this machine what makes builds and pushes fast",
    load: async () => (await import("./bench.js")).benchCommand,
  },
  experiment: {
    summary: "measure on GitHub which configuration is fastest",
    load: async () => (await import("./experiment.js")).experimentCommand(),
  },
  report: {
    summary: "turn the records of builds into answers: tables, charts, JSON",
    load: async () => (await import("./report.js")).reportCommand,
  },
  docs: {
    summary: "write the pages that are made from the code",
    load: async () => (await import("./docs.js")).docsCommand,
  },
} as const satisfies SubCommands;

const HELP = `
Examples:
  npx buildx-on-eks overview
  npx buildx-on-eks workflow --check
  npx buildx-on-eks experiment run c5n --rounds 5 --dry-run
  npx buildx-on-eks report results/*.jsonl

Exit codes:
  0    done
  1    a problem was found: a file is invalid or out of date, or a build failed
  2    the command line is wrong
  130  stopped by Ctrl-C

NO_COLOR=1 and TERM=dumb switch colours off.`;

export interface Streams {
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
}

const REAL_STREAMS: Streams = {
  write: (text) => standardOutput().write(text),
  writeError: (text) => standardError().write(text),
};

/**
 * Runs a command line.
 *
 * @returns the exit code
 */
export async function main(
  words: readonly string[],
  streams: Streams = REAL_STREAMS,
  commands: SubCommands = SUB_COMMANDS,
): Promise<number> {
  let exitCode: number = EXIT.ok;
  const program = new Command("npx buildx-on-eks")
    .description("Builds big container images fast on your own EKS cluster, and measures how fast.")
    .version(version)
    .helpCommand("help [command]", "show the help of a command")
    .addHelpText("after", HELP)
    .showHelpAfterError("Add --help for what there is.")
    .exitOverride()
    .configureOutput({ writeOut: streams.write, writeErr: streams.writeError });
  const [asked] = words.filter((word) => word !== "help" && !word.startsWith("-"));
  for (const [name, { summary, load }] of Object.entries(commands)) {
    const command =
      name === asked
        ? (await load())((code) => {
            exitCode = code;
          })
        : new Command(name);
    program.addCommand(inherit(command.summary(summary), program));
  }
  return exitCodeOf(async () => {
    try {
      await program.parseAsync([...words], { from: "user" });
      return exitCode;
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error;
      return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    }
  });
}

/** A command made elsewhere has neither the program's output nor its way to exit. */
function inherit(command: Command, program: Command): Command {
  for (const child of command.commands) inherit(child, program);
  return command.copyInheritedSettings(program);
}

/** Runs the command line of this process and ends it. */
export async function start(words: readonly string[]): Promise<void> {
  endOnClosedPipe();
  const code = await main(words);
  // The report sets a code of its own.
  if (code !== EXIT.ok) process.exitCode = code;
  // Ends once everything is written: after Ctrl-C a request may still wait for a rate limit, for up to an hour.
  process.stdout.write("", () => process.stderr.write("", () => process.exit()));
}
