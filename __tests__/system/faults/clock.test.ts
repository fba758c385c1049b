import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isSuccess } from "../../../measure/record/record";
import { timesOf } from "../../measure/experiment/fake-timeline";
import { eventsIn, fakeGithub, recordsIn, resultsDirectory } from "../../measure/experiment/harness";
import { BenchPlace, SMALL } from "./bench";
import { begin, expectComplete, LOCKED_BY, REQUESTS } from "./plans";
import { type Cleanup, type Ended, processesWith, scratchFolder, startRun, until } from "./processes";
import { dice, seeds } from "./seeds";
import { row } from "./table";

const HOUR_MS = 3_600_000;

/** Environment of a program whose clock `set` moves. */
function movableClock(context: Cleanup) {
  const file = join(scratchFolder(context), "shift");
  return {
    env: { NODE_OPTIONS: `--require ${join(__dirname, "clock.cjs")}`, CLOCK_SHIFT_FILE: file },
    set: (shift: string) => writeFileSync(file, shift),
  };
}

async function jumpInRun(context: Cleanup, seed: number, direction: 1 | -1): Promise<void> {
  const random = dice(seed);
  const fake = await fakeGithub(context);
  const directory = resultsDirectory(context);
  const clock = movableClock(context);
  const jump = direction * random.whole(1, 12) * HOUR_MS;
  let second: Promise<Ended> | undefined;
  fake.addFault({
    when: () => true,
    skip: random.whole(LOCKED_BY, REQUESTS / 2),
    act: (_, proceed) => {
      clock.set(`${jump} or 0`);
      second = startRun(context, fake, begin(directory), { env: clock.env }).ended;
      void second.then(proceed);
    },
  });
  const started = Date.now();
  const child = startRun(context, fake, [...begin(directory), "--json"], { env: clock.env });
  let ended: Ended | undefined;
  void child.ended.then((result) => {
    ended = result;
  });
  const { code, stdout, stderr } = await until("the run ends", () => ended, 60_000);
  expect(code, stderr + stdout).toBe(0);
  expect((await second)?.stderr).toMatch(/another instance runs an experiment of this environment/);
  expectComplete(fake, directory);

  for (const record of recordsIn(directory).filter(isSuccess)) {
    const { queue, setup, build, after } = timesOf(record.configuration ?? "hosted-default");
    expect(record.seconds).toEqual({ queue, setup, build, job: setup + build + after });
    expect(record.phases).toBeDefined();
    expect(Math.abs(Date.parse(record.recordedAt) - started)).toBeLessThan(120_000);
  }
  for (const event of eventsIn(stdout)) {
    if (event.event !== "progress") continue;
    expect(event.elapsedSeconds).toBeGreaterThanOrEqual(0);
    expect(event.elapsedSeconds).toBeLessThan(120);
    expect(event.remainingSeconds ?? 0).toBeGreaterThanOrEqual(0);
  }
}

test.for(seeds(1))(`${row("run: clock-forward")} (seed %i)`, (seed, context) => jumpInRun(context, seed, 1));
test.for(seeds(1))(`${row("run: clock-back")} (seed %i)`, (seed, context) => jumpInRun(context, seed, -1));

async function jumpInBench(context: Cleanup, seed: number, direction: 1 | -1): Promise<void> {
  const place = new BenchPlace(context, 1);
  const clock = movableClock(context);
  const child = place.start([...SMALL, "--rounds", "2"], { env: clock.env });
  await child.says("round 1 of 2");
  await until("a timed build runs its step", () => processesWith(place.step)[0]);
  clock.set(String(direction * dice(seed).whole(1, 12) * HOUR_MS));
  const { code, stderr } = await child.ended;
  expect(code, stderr).toBe(0);
  const [first, second, ...more] = place.records().filter(isSuccess);
  expect(more).toEqual([]);
  for (const record of [first, second]) {
    expect(record?.seconds.build).toBeGreaterThan(1);
    expect(record?.seconds.build).toBeLessThan(60);
  }
  expect(first).not.toHaveProperty("phases");
  expect(first?.detail).toMatch(/the clock was set during the build/);
  expect(second?.phases?.install).toBeGreaterThan(1);
  expect(second).not.toHaveProperty("detail");
  place.expectNothingLeft();
}

test.for(seeds(1))(`${row("bench: clock-forward")} (seed %i)`, (seed, context) =>
  jumpInBench(context, seed, 1),
);
test.for(seeds(0))(`${row("bench: clock-back")} (seed %i)`, (seed, context) =>
  jumpInBench(context, seed, -1),
);
