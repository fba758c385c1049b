import { Command, CommanderError } from "commander";
import { type LoadRunDependencies, runCommand } from "../measure/experiment/command";
import { standardError, standardOutput } from "../util/standard-streams";

/** What the program needs of the outside world; tests bring their own. */
export interface CliDependencies {
  readonly run: LoadRunDependencies;
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
}

const EXIT_USAGE = 2;

const HELP = `
Examples:
  npm run experiment -- run c5n --rounds 5 --dry-run
  npm run experiment -- run c5n --rounds 5
  npm run experiment -- report results/*.jsonl

Exit codes: 0 done; the others are in each sub-command's --help.`;

/** Runs the command line and returns its exit code. Errors are told in words; it rejects only on a bug. */
export async function main(words: readonly string[], outside: CliDependencies): Promise<number> {
  let exitCode = 0;
  const program = new Command("experiment")
    .description("Measure which configuration builds and pushes a big image fastest, and report it")
    .addHelpText("after", HELP)
    .showHelpAfterError("Run it with --help for what there is.")
    .exitOverride()
    .configureOutput({ writeOut: outside.write, writeErr: outside.writeError });
  program.addCommand(
    inherit(
      runCommand(outside.run, (code) => {
        exitCode = code;
      }),
      program,
    ),
  );
  program.addCommand(inherit(await reportOrStub(words), program));
  try {
    await program.parseAsync([...words], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      // The report documents codes of its own.
      if (words[0] === "report") return error.exitCode;
      return error.exitCode === 0 ? 0 : EXIT_USAGE;
    }
    outside.writeError(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof Error && error.name === "InvalidInput" ? EXIT_USAGE : 1;
  }
  return exitCode;
}

/** A command made elsewhere has neither the program's output nor its way to exit. */
function inherit(command: Command, program: Command): Command {
  return command.copyInheritedSettings(program);
}

/** The report draws charts: its code is loaded only when it is asked for. */
async function reportOrStub(words: readonly string[]): Promise<Command> {
  const wanted = words.includes("report");
  if (!wanted) return new Command("report").description("turn records into answers: tables, charts, JSON");
  const { reportCommand } = await import("../measure/report/command.js");
  return reportCommand();
}

async function realRunDependencies() {
  const [{ loadTarget }, { DEFAULT_PACE }] = await Promise.all([
    import("../measure/experiment/load-target.js"),
    import("../measure/experiment/pace.js"),
  ]);
  return {
    loadTarget,
    env: process.env,
    stdout: standardOutput(),
    stderr: standardError(),
    pace: DEFAULT_PACE,
    signals: process,
    exitNow: (code: number) => process.exit(code),
  };
}

if (require.main === module) {
  // `experiment report ... | head`: nobody reads on, and that is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    throw error;
  });
  void main(process.argv.slice(2), {
    run: realRunDependencies,
    write: (text) => standardOutput().write(text),
    writeError: (text) => standardError().write(text),
  }).then((code) => {
    // A report sets a code of its own.
    if (code !== 0) process.exitCode = code;
    // Once everything is written: after Ctrl-C a request may still wait for a rate limit, for up to an hour.
    process.stdout.write("", () => process.stderr.write("", () => process.exit()));
  });
}
