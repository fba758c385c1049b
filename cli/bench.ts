import { CommanderError } from "commander";
import { Cleanup } from "../measure/bench/cleanup";
import { type BenchOptions, benchCommand, describeChoices } from "../measure/bench/options";
import { benchReport } from "../measure/bench/report";
import { runBench, writeFindings } from "../measure/bench/run";
import { formatReport } from "../measure/report/format";
import { count } from "../measure/report/words";
import { reasonOf } from "../util/cannot-write";
import { writeWhole } from "../util/durable-file";
import { EXIT_INTERRUPTED, onInterrupt } from "../util/interrupt";
import { InvalidInput } from "../util/invalid-input";
import { standardError, standardOutput } from "../util/standard-streams";
import { Stopped } from "../util/stop";

const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

async function main(words: readonly string[]): Promise<number> {
  let code: number = EXIT.ok;
  const command = benchCommand(
    process.env,
    async (options) => {
      code = await bench(options);
    },
    () => process.stdout.write(describeChoices()),
  ).exitOverride();
  try {
    await command.parseAsync([...words], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (!(error instanceof InvalidInput)) throw error;
    process.stderr.write(`${error.message}\n`);
    return EXIT.usage;
  }
}

async function bench(options: BenchOptions): Promise<number> {
  const tell = (message: string) => standardError().write(`${message}\n`);
  const cleanup = new Cleanup();
  const stop = new AbortController();
  const onStop = { abort: () => stop.abort(new Stopped()), signal: stop.signal };
  const interrupts = onInterrupt(process, onStop, tell, (code) => process.exit(code));
  try {
    const result = await runBench(options, { env: process.env, tell, stop: stop.signal, cleanup });
    const report = benchReport(result.recordsFile, options, result.findings);
    const stem = result.recordsFile.replace(/\.jsonl$/, "");
    writeFindings(`${stem}.findings.json`, result.findings);
    writeWhole(`${stem}.html`, await formatReport(report, "html", false));
    writeWhole(`${stem}.json`, await formatReport(report, "json", false));
    standardOutput().write(await formatReport(report, options.format, wantsColor()));
    tell(`records: ${result.recordsFile}\nreport:  ${stem}.html`);
    if (result.failures === 0) return EXIT.ok;
    tell(`${count(result.failures, "build")} without a time; the report says why`);
    return EXIT.failed;
  } catch (error) {
    if (interrupts.interrupted) return EXIT_INTERRUPTED;
    tell(error instanceof InvalidInput ? error.message : `error: ${reasonOf(error)}`);
    return EXIT.failed;
  } finally {
    for (const failure of await cleanup.run()) tell(`not cleaned up: ${failure}`);
    interrupts.dispose();
  }
}

/** https://no-color.org: any value but the empty one switches colours off. */
function wantsColor(): boolean {
  return process.stdout.isTTY === true && (process.env.NO_COLOR ?? "") === "" && process.env.TERM !== "dumb";
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
