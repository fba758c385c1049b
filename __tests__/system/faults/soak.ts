import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { main } from "../../../cli/experiment";
import type { RunEvent } from "../../../measure/experiment/events";
import { TOKEN } from "../../measure/experiment/fake-github";
import { FAST, recordsIn, targetOf } from "../../measure/experiment/harness";
import type { FakeSettings } from "./fake-process";

/**
 * Many rounds against the fake API, a tenth of everything going wrong, in one process whose heap is measured after
 * a garbage collection as the rounds go by. Prints the numbers; the exit code is 1 when a build is missing or
 * doubled, or the heap grows.
 */
const MIB = 1 << 20;
/** What an attempt may leave in memory for the rest of the experiment: its line of the journal, as an object. */
const KEPT_PER_ATTEMPT = 2_048;
/** Of the heap after a collection, which is not the same twice. */
const NOISE = 2 * MIB;

async function startFake(settings: FakeSettings) {
  const child = fork(join(__dirname, "fake-process.ts"), { execArgv: ["--import", "tsx"] });
  child.send(settings);
  const url = await new Promise<string>((done, failed) => {
    child.once("message", (message) => done(String(message)));
    child.once("error", failed);
    child.once("exit", (code) => failed(new Error(`the fake ended with code ${code}`)));
  });
  return { url, stop: () => child.kill() };
}

async function soak(rounds: number, seed: number): Promise<number> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error("run it with --expose-gc: npm run soak");
  const directory = mkdtempSync(join(tmpdir(), "soak-"));
  const fake = await startFake({ seed, share: 0.1 });
  const samples: number[] = [];
  let attempts = 0;
  let stderr = "";
  const target = targetOf(fake.url);
  const every = Math.max(1, Math.floor((rounds * target.configurations.length) / 60));
  const started = performance.now();
  const look = (line: string) => {
    const event: RunEvent = JSON.parse(line);
    if (event.event !== "record" || ++attempts % every !== 0) return;
    gc();
    samples.push(process.memoryUsage().heapUsed);
  };
  try {
    const code = await main(
      [
        ...["run", "c5n", "--rounds", String(rounds), "--seed", String(seed), "--json"],
        ...["--max-attempts", "20", "--results-dir", directory],
      ],
      {
        run: async () => ({
          loadTarget: async () => target,
          env: { GITHUB_TOKEN: TOKEN },
          stdout: { write: look },
          stderr: { write: (text) => (stderr += text) },
          pace: { ...FAST, requestTimeoutMs: 2_000, outageLooks: 10 },
          signals: process,
          exitNow: (exit) => process.exit(exit),
        }),
        write: look,
        writeError: (text) => (stderr += text),
      },
    );
    const seconds = (performance.now() - started) / 1_000;
    const records = recordsIn(directory);
    const successes = records.filter(({ outcome }) => outcome === "success");
    const builds = new Set(successes.map(({ round, configuration }) => `${round} ${configuration}`));
    const wanted = rounds * target.configurations.length;
    const third = Math.floor(samples.length / 3);
    const [first, last] = [mean(samples.slice(0, third)), mean(samples.slice(-third))];
    const allowed = NOISE + KEPT_PER_ATTEMPT * attempts;
    process.stdout.write(
      [
        `seed ${seed}: ${rounds} rounds of ${target.configurations.length} configurations in ${seconds.toFixed(1)} s`,
        `${records.length} attempts, ${records.length - successes.length} of them faults; ${builds.size} of ${wanted} builds exactly once`,
        `heap after collection, ${samples.length} samples: ${mib(first)} in the first third, ${mib(last)} in the last, ${mib(last - first)} more; ${mib(allowed)} allowed`,
        "",
      ].join("\n"),
    );
    const problems = [
      ...(code === 0 ? [] : [`the run ended with code ${code}: ${stderr}`]),
      ...(successes.length === wanted && builds.size === wanted ? [] : ["a build is missing or doubled"]),
      ...(third > 0 && last - first <= allowed ? [] : ["the heap grows"]),
    ];
    for (const problem of problems) process.stderr.write(`error: ${problem}\n`);
    return problems.length === 0 ? 0 : 1;
  } finally {
    fake.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
const mib = (bytes: number) => `${(bytes / MIB).toFixed(2)} MiB`;

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "200" }, seed: { type: "string", default: "1" } },
});
void soak(Number(values.rounds), Number(values.seed)).then((code) => {
  process.exitCode = code;
});
