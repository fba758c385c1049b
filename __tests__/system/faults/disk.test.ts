import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fakeGithub, resultsDirectory } from "../../measure/experiment/harness";
import { BenchPlace, SMALL } from "./bench";
import {
  atRequest,
  begin,
  expectComplete,
  expectWholeFiles,
  goOn,
  LOCKED_BY,
  REQUESTS,
  resume,
} from "./plans";
import { type Cleanup, oneError, PROJECT, startReport, startRun } from "./processes";
import { dice, seeds } from "./seeds";
import { SmallDisk } from "./small-disk";
import { row } from "./table";

const MEASURED = join(PROJECT, "docs", "bench-medium.jsonl");
const FULL = /^error: cannot write \S.*: no space is left on the disk; free some$/;

describe(row("run: disk-full"), () => {
  /** @param request number of the request during which the disk fills up */
  async function fillAt(context: Cleanup, request: number): Promise<void> {
    const fake = await fakeGithub(context);
    const disk = await SmallDisk.mount(context, 16);
    const { within, outside } = disk;
    const directory = join(disk.folder, "results");
    const results = join(outside, "results");
    atRequest(fake, request, () => disk.fill(0));
    const first = await startRun(context, fake, begin(directory), { within }).ended;
    expect(first.code, first.stderr).toBe(1);
    expect(oneError(first.stderr)).toMatch(FULL);
    expectWholeFiles(results);

    const words = goOn(directory, results);
    expect(first.stderr.includes("\nGo on with: ")).toBe(words.includes("--resume"));
    disk.free();
    const second = await startRun(context, fake, words, { within }).ended;
    expect(second.code, second.stderr).toBe(0);
    expectComplete(fake, results);
  }

  test("before the lock", (context) => fillAt(context, 1));

  // In the first third: what is left is more than the pages that the files have already.
  test.for(seeds(1))("among the builds, seed %i", (seed, context) =>
    fillAt(context, dice(seed).whole(LOCKED_BY, REQUESTS / 3)),
  );
});

test(row("run: output-full"), async (context) => {
  const fake = await fakeGithub(context);
  const disk = await SmallDisk.mount(context, 3);
  const directory = resultsDirectory(context);
  disk.fill(2);
  const outputTo = join(disk.folder, "events.jsonl");
  const { within } = disk;
  const first = await startRun(context, fake, [...begin(directory), "--json"], { within, outputTo }).ended;
  expect(first.code, first.stderr).toBe(1);
  expect(oneError(first.stderr)).toMatch(FULL);
  expectWholeFiles(directory);
  const second = await startRun(context, fake, [...resume(directory), "--json"]).ended;
  expect(second.code, second.stderr).toBe(0);
  expectComplete(fake, directory);
});

describe(row("report: disk-full"), () => {
  test.for(seeds(1))("seed %i", async (seed, context) => {
    const disk = await SmallDisk.mount(context, 64);
    const [inside, outside] = [join(disk.folder, "report.html"), join(disk.outside, "report.html")];
    const words = [MEASURED, "--baseline", "original", "--format", "html", "--output", inside];
    const older = "an older report\n";
    writeFileSync(outside, older);
    disk.fill(dice(seed).whole(0, 4));
    const first = await startReport(context, words, { within: disk.within }).ended;
    expect(first.code, first.stderr).toBe(2);
    expect(oneError(first.stderr)).toMatch(FULL);
    expect(readFileSync(outside, "utf8")).toBe(older);
    expect(readdirSync(disk.outside).toSorted()).toEqual([".ballast", "report.html"]);
    disk.free();
    const second = await startReport(context, words, { within: disk.within }).ended;
    expect(second.code, second.stderr).toBe(0);
    expect(readFileSync(outside, "utf8")).toMatch(/<\/html>\s*$/);
  });
});

test(row("report: output-full"), async (context) => {
  const disk = await SmallDisk.mount(context, 3);
  disk.fill(1);
  const words = [MEASURED, "--baseline", "original", "--json"];
  const outputTo = join(disk.folder, "report.json");
  const { code, stderr } = await startReport(context, words, { within: disk.within, outputTo }).ended;
  expect(code, stderr).toBe(2);
  expect(oneError(stderr)).toMatch(FULL);
});

describe(row("bench: disk-full"), () => {
  test.for(seeds(1))("seed %i", async (seed, context) => {
    const place = new BenchPlace(context, 0);
    const disk = await SmallDisk.mount(context, 64);
    const results = join(disk.folder, "results");
    mkdirSync(join(disk.outside, "results"));
    // From no room for the first record to room for all but the reports.
    disk.fill(dice(seed).whole(0, 3));
    const words = [...SMALL, "--rounds", "1", "--results-dir", results];
    const first = await place.start(words, { within: disk.within }).ended;
    expect(first.code, first.stderr).toBe(1);
    expect(oneError(first.stderr)).toMatch(FULL);
    const left = readdirSync(join(disk.outside, "results"));
    expect(left.filter((name) => !/\.(jsonl|findings\.json)$/.test(name))).toEqual([]);
    const before = place.records(join(disk.outside, "results")).length;
    place.expectNothingLeft();
    disk.free();
    const second = await place.start(words, { within: disk.within }).ended;
    expect(second.code, second.stderr).toBe(0);
    expect(place.records(join(disk.outside, "results"))).toHaveLength(before + 1);
    place.expectNothingLeft();
  });
});
