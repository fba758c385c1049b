import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fakeGithub, resultsDirectory } from "../../measure/experiment/harness";
import { BenchPlace, SMALL } from "./bench";
import { atRequest, begin, expectComplete, resume } from "./plans";
import { PROJECT, processesWith, scratchFolder, startReport, startRun, until } from "./processes";

// While a build is followed, and between two builds.
test.for([25, 40, 41, 42])(
  "a run killed at request %i is resumed, each build once",
  async (request, context) => {
    const fake = await fakeGithub(context);
    const directory = join(resultsDirectory(context), "results");
    const child = startRun(context, fake, begin(directory));
    atRequest(fake, request, () => child.signal("SIGKILL"));
    expect((await child.ended).signal).toBe("SIGKILL");
    const next = await startRun(context, fake, resume(directory)).ended;
    expect(next.code, next.stderr).toBe(0);
    expectComplete(fake, directory);
  },
);

test("a report clears away the draft of one that was killed", async (context) => {
  const folder = scratchFolder(context);
  const output = join(folder, "report.html");
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  writeFileSync(`${output}.${hostname()}-${pid}.draft`, "<html>half a rep");
  const words = [join(PROJECT, "docs", "bench-medium.jsonl"), "--baseline", "original"];
  const { code, stderr } = await startReport(context, [...words, "--format", "html", "--output", output])
    .ended;
  expect(code, stderr).toBe(0);
  expect(readdirSync(folder)).toEqual(["report.html"]);
  expect(readFileSync(output, "utf8")).toMatch(/<\/html>\s*$/);
});

test.for(["SIGTERM", "SIGKILL"] as const)(
  "%s in a build: no process is left, and the next bench works",
  async (signal, context) => {
    const place = new BenchPlace(context, 1);
    const child = place.start([...SMALL, "--rounds", "50"]);
    await child.says("round 1 of 50");
    await until("a build runs its step", () => processesWith(place.step)[0]);
    child.signal(signal);
    const ended = await child.ended;
    if (signal === "SIGTERM") {
      expect(ended.code, ended.stderr).toBe(130);
      place.expectNothingLeft();
    }
    await until("every process is gone", () => place.processes().length === 0 || undefined);
    place.expectNothingRuns();
    const before = place.records().length;
    const { code, stderr } = await place.start([...SMALL, "--rounds", "1"]).ended;
    expect(code, stderr).toBe(0);
    expect(place.records()).toHaveLength(before + 1);
    place.expectNothingLeft();
  },
);
