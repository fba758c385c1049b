import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fakeGithub, recordsIn, resultsDirectory } from "../../measure/experiment/harness";
import { BenchPlace, SMALL } from "./bench";
import { BUILDS, begin, expectComplete, expectWholeFiles } from "./plans";
import { type Ended, PROJECT, scratchFolder, startReport, startRun } from "./processes";
import { row } from "./table";

test(row("run: two-instances"), async (context) => {
  const fake = await fakeGithub(context);
  const directory = resultsDirectory(context);
  let second: Promise<Ended> | undefined;
  fake.addFault({
    when: () => true,
    skip: 20,
    act: (_, proceed) => {
      second = startRun(context, fake, begin(directory)).ended;
      void second.then(proceed);
    },
  });
  const first = startRun(context, fake, begin(directory));
  expect((await first.ended).code, first.stderr()).toBe(0);
  const refused = await second;
  expect(refused?.code).toBe(2);
  expect(refused?.stderr).toContain(
    `another instance runs an experiment of this environment (pid ${first.pid}`,
  );
  expect(refused?.stderr).toContain(`kill -INT ${first.pid}`);
  expectComplete(fake, directory);
});

test(row("run: two-folders"), async (context) => {
  const fake = await fakeGithub(context);
  const folders = [resultsDirectory(context), resultsDirectory(context)];
  const ends = await Promise.all(folders.map((folder) => startRun(context, fake, begin(folder)).ended));
  for (const { code, stderr } of ends) expect(code, stderr).toBe(0);
  const experiments = folders.map((folder) => {
    expectWholeFiles(folder);
    const records = recordsIn(folder);
    expect(records.filter(({ outcome }) => outcome === "success")).toHaveLength(BUILDS);
    return [...new Set(records.map(({ experiment }) => experiment))];
  });
  expect(new Set(experiments.flat()).size).toBe(2);
  expect(fake.dispatches).toBe(2 * BUILDS);
});

test(row("report: two-instances"), async (context) => {
  const folder = scratchFolder(context);
  const output = join(folder, "report.html");
  const words = [join(PROJECT, "docs", "bench-medium.jsonl"), "--baseline", "original", "--format", "html"];
  const ends = await Promise.all(
    [1, 2].map(() => startReport(context, [...words, "--output", output]).ended),
  );
  for (const { code, stderr } of ends) expect(code, stderr).toBe(0);
  expect(readFileSync(output, "utf8").match(/<\/html>/g)).toHaveLength(1);
  expect(readdirSync(folder)).toEqual(["report.html"]);
});

test(row("bench: two-instances"), async (context) => {
  const place = new BenchPlace(context, 1);
  const work = place.path("work");
  const words = [...SMALL, "--rounds", "1", "--work-dir", work];
  const first = place.start(words);
  await first.says("preparing fast");
  const second = await place.start(words, { env: { XDG_CACHE_HOME: place.path("other-cache") } }).ended;
  expect(second.code).toBe(1);
  expect(second.stderr).toMatch(/another bench runs on this machine.*\(lock \S+\)/);
  const { code, stderr } = await first.ended;
  expect(code, stderr).toBe(0);
  expect(place.records()).toHaveLength(1);
  place.expectNothingLeft();
  expect(readdirSync(work)).toEqual([]);
});
