import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fakeGithub } from "../../measure/experiment/harness";
import { BenchPlace, SMALL } from "./bench";
import { atRequest, begin, expectComplete, expectWholeFiles, resume } from "./plans";
import { oneError, PROJECT, startReport, startRun } from "./processes";
import { SmallDisk } from "./small-disk";

const MEASURED = join(PROJECT, "docs", "bench-medium.jsonl");
const FULL = /^error: cannot write \S.*: no space is left on the disk; free some$/;

test("a full disk ends a run with one error and whole records; --resume completes the plan", async (context) => {
  const fake = await fakeGithub(context);
  const disk = await SmallDisk.mount(context, 16);
  const { within, outside } = disk;
  const directory = join(disk.folder, "results");
  const results = join(outside, "results");
  atRequest(fake, 25, () => disk.fill(0));
  const first = await startRun(context, fake, begin(directory), { within }).ended;
  expect(first.code, first.stderr).toBe(1);
  expect(oneError(first.stderr)).toMatch(FULL);
  expect(first.stderr).toContain("\nGo on with: ");
  expectWholeFiles(results);
  disk.free();
  const second = await startRun(context, fake, resume(directory), { within }).ended;
  expect(second.code, second.stderr).toBe(0);
  expectComplete(fake, results);
});

test("a full disk leaves the older report whole", async (context) => {
  const disk = await SmallDisk.mount(context, 64);
  const [inside, outside] = [join(disk.folder, "report.html"), join(disk.outside, "report.html")];
  const words = [MEASURED, "--baseline", "original", "--format", "html", "--output", inside];
  writeFileSync(outside, "an older report\n");
  disk.fill(2);
  const first = await startReport(context, words, { within: disk.within }).ended;
  expect(first.code, first.stderr).toBe(2);
  expect(oneError(first.stderr)).toMatch(FULL);
  expect(readFileSync(outside, "utf8")).toBe("an older report\n");
  expect(readdirSync(disk.outside).toSorted()).toEqual([".ballast", "report.html"]);
});

test("a full disk behind standard output is an error of the report", async (context) => {
  const disk = await SmallDisk.mount(context, 3);
  disk.fill(1);
  const words = [MEASURED, "--baseline", "original", "--json"];
  const outputTo = join(disk.folder, "report.json");
  const { code, stderr } = await startReport(context, words, { within: disk.within, outputTo }).ended;
  expect(code, stderr).toBe(2);
  expect(oneError(stderr)).toMatch(FULL);
});

test("a full disk ends a bench with one error and leaves nothing behind; the next bench works", async (context) => {
  const place = new BenchPlace(context, 0);
  const disk = await SmallDisk.mount(context, 64);
  const results = join(disk.folder, "results");
  const seen = join(disk.outside, "results");
  mkdirSync(seen);
  disk.fill(1);
  const words = [...SMALL, "--rounds", "1", "--results-dir", results];
  const first = await place.start(words, { within: disk.within }).ended;
  expect(first.code, first.stderr).toBe(1);
  expect(oneError(first.stderr)).toMatch(FULL);
  expect(readdirSync(seen).filter((name) => !/\.(jsonl|findings\.json)$/.test(name))).toEqual([]);
  const before = place.records(seen).length;
  place.expectNothingLeft();
  disk.free();
  const second = await place.start(words, { within: disk.within }).ended;
  expect(second.code, second.stderr).toBe(0);
  expect(place.records(seen)).toHaveLength(before + 1);
});
