import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { fakeGithub, resultsDirectory } from "../../measure/experiment/harness";
import { BenchPlace, SMALL } from "./bench";
import { atRequest, begin, expectComplete, expectWholeFiles, goOn, REQUESTS } from "./plans";
import {
  type Cleanup,
  PROJECT,
  type Running,
  scratchFolder,
  startReport,
  startRun,
  until,
} from "./processes";
import { dice, seeds } from "./seeds";
import { row } from "./table";

type Signal = "SIGTERM" | "SIGKILL";

/** Ends a run at a random request, or before the first one, and goes on. @returns how it ended */
async function strikeRun(context: Cleanup, seed: number, signal: Signal): Promise<void> {
  const random = dice(seed);
  const fake = await fakeGithub(context);
  const directory = join(resultsDirectory(context), "results");
  const request = random.whole(0, REQUESTS);
  const child = startRun(context, fake, begin(directory));
  if (request === 0) await sleep(random.whole(0, 600)).then(() => child.signal(signal));
  else atRequest(fake, request, () => child.signal(signal));
  const ended = await child.ended;
  if (signal === "SIGTERM" && existsSync(directory)) {
    expect([0, 130], ended.stderr).toContain(ended.code);
    expectWholeFiles(directory);
  }
  if (ended.code !== 0) {
    const next = await startRun(context, fake, goOn(directory)).ended;
    expect(next.code, next.stderr).toBe(0);
  }
  expectComplete(fake, directory);
}

test.for(seeds(1))(`${row("run: sigterm")} (seed %i)`, (seed, context) =>
  strikeRun(context, seed, "SIGTERM"),
);
test.for(seeds(1))(`${row("run: sigkill")} (seed %i)`, (seed, context) =>
  strikeRun(context, seed, "SIGKILL"),
);

const OLDER = "an older report\n";

/** Ends a report at a random moment. The folder holds the older report or the new one, and what else it names. */
async function strikeReport(context: Cleanup, seed: number, signal: Signal) {
  const folder = scratchFolder(context);
  const output = join(folder, "report.html");
  writeFileSync(output, OLDER);
  const words = [join(PROJECT, "docs", "bench-medium.jsonl"), "--baseline", "original"];
  const start = () => startReport(context, [...words, "--format", "html", "--output", output]);
  const child = start();
  await sleep(dice(seed).whole(0, 1_500));
  child.signal(signal);
  await child.ended;
  const text = readFileSync(output, "utf8");
  if (text !== OLDER) expect(text).toMatch(/<\/html>\s*$/);
  return { folder, output, again: () => start().ended };
}

test.for(seeds(1))(`${row("report: sigterm")} (seed %i)`, async (seed, context) => {
  const { folder, again } = await strikeReport(context, seed, "SIGTERM");
  expect(readdirSync(folder)).toEqual(["report.html"]);
  expect((await again()).code).toBe(0);
});

test.for(seeds(1))(`${row("report: sigkill")} (seed %i)`, async (seed, context) => {
  const { folder, output, again } = await strikeReport(context, seed, "SIGKILL");
  // The moment that leaves one is too short to be met by chance.
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  writeFileSync(`${output}.${hostname()}-${pid}.draft`, "<html>half a rep");
  const { code, stderr } = await again();
  expect(code, stderr).toBe(0);
  expect(readdirSync(folder)).toEqual(["report.html"]);
});

/** A bench with a step in its builds, and a moment somewhere in its start or its first builds. */
async function strikeBench(context: Cleanup, seed: number, signal: Signal) {
  const random = dice(seed);
  const place = new BenchPlace(context, 1);
  const child: Running = place.start([...SMALL, "--rounds", "50"]);
  await sleep(random.whole(0, 5_000));
  child.signal(signal);
  return { place, ended: await child.ended };
}

async function expectNextWorks(place: BenchPlace): Promise<void> {
  const before = place.records().length;
  const { code, stderr } = await place.start([...SMALL, "--rounds", "1"]).ended;
  expect(code, stderr).toBe(0);
  expect(place.records()).toHaveLength(before + 1);
  place.expectNothingLeft();
}

describe(row("bench: sigterm"), () => {
  test.for(seeds(1))("seed %i", async (seed, context) => {
    const { place, ended } = await strikeBench(context, seed, "SIGTERM");
    // Before it listens to signals there is nothing to clean up.
    if (ended.signal === null) expect(ended.code, ended.stderr).toBe(130);
    expect(ended.stderr).not.toContain("not cleaned up");
    place.expectNothingLeft();
    await expectNextWorks(place);
  });
});

describe(row("bench: sigkill"), () => {
  test.for(seeds(1))("seed %i", async (seed, context) => {
    const { place } = await strikeBench(context, seed, "SIGKILL");
    await until("every process is gone", () => place.processes().length === 0 || undefined);
    place.expectNothingRuns();
    await expectNextWorks(place);
  });
});
