import { Cleanup } from "../measure/bench/cleanup";
import { type BenchOptions, benchCommand as benchOptions, describeChoices } from "../measure/bench/options";
import { benchReport } from "../measure/bench/report";
import { type BenchResult, runBench, writeFindings } from "../measure/bench/run";
import { formatReport } from "../measure/report/formats";
import { reasonOf } from "../util/cannot-write";
import { writeWhole } from "../util/durable-file";
import { EXIT } from "../util/exit";
import { onInterrupt } from "../util/interrupt";
import { InvalidInput } from "../util/invalid-input";
import { standardError, standardOutput } from "../util/standard-streams";
import { Stopped } from "../util/stop";
import { wantsColor, widthOf } from "../util/terminal";
import { count } from "../util/words";
import type { MakeCommand } from "./command";

export const benchCommand: MakeCommand = (exit) =>
  benchOptions(
    process.env,
    async (options) => exit(await bench(options)),
    () => standardOutput().write(describeChoices()),
  );

async function bench(options: BenchOptions): Promise<number> {
  const log = (message: string) => standardError().write(`${message}\n`);
  const result = await measure(options, log);
  if (typeof result === "number") return result;
  const report = benchReport(result.recordsFile, options, result.findings);
  const stem = result.recordsFile.replace(/\.jsonl$/, "");
  writeFindings(`${stem}.findings.json`, result.findings);
  const noTerminal = { color: false };
  writeWhole(`${stem}.html`, await formatReport(report, "html", noTerminal));
  writeWhole(`${stem}.json`, await formatReport(report, "json", noTerminal));
  const terminal = { color: wantsColor(process.stdout), width: widthOf(process.stdout) };
  standardOutput().write(await formatReport(report, options.format, terminal));
  log(`records: ${result.recordsFile}\nreport:  ${stem}.html`);
  if (result.failures === 0) return EXIT.ok;
  log(`${count(result.failures, "build")} without a time; the report says why`);
  return EXIT.problem;
}

/** Runs the builds and cleans up after them: a reader of the report that goes away ends the process. */
async function measure(options: BenchOptions, log: (message: string) => void): Promise<BenchResult | number> {
  const cleanup = new Cleanup();
  const stop = new AbortController();
  const onStop = { abort: () => stop.abort(new Stopped()), signal: stop.signal };
  const interrupts = onInterrupt(process, onStop, log, (code) => process.exit(code));
  try {
    return await runBench(options, { env: process.env, tell: log, stop: stop.signal, cleanup });
  } catch (error) {
    if (interrupts.interrupted) return EXIT.interrupted;
    log(error instanceof InvalidInput ? error.message : `error: ${reasonOf(error)}`);
    return EXIT.problem;
  } finally {
    for (const failure of await cleanup.run()) log(`not cleaned up: ${failure}`);
    interrupts.dispose();
  }
}
