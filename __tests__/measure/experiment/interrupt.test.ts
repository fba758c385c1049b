import { EventEmitter } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { onInterrupt } from "../../../util/interrupt";
import { type FakeGithub, type Fault, json } from "./fake-github";
import { ARTIFACTS, matches, RUN } from "./fault-cases";
import { experiment, fakeGithub, journalIn, recordsIn, resultsDirectory } from "./harness";

const WORDS = ["run", "c5n", "--rounds", "1", "--configurations", "hosted-default", "--results-dir"];

/** Ctrl-C while the server holds one request; the answer comes afterwards. */
function interruptAt(fake: FakeGithub, when: Fault["when"]): EventEmitter {
  const signals = new EventEmitter();
  fake.addFault({
    when,
    act: (_, proceed) => {
      signals.emit("SIGINT");
      proceed();
    },
  });
  return signals;
}

const cancels = (fake: FakeGithub) => fake.count("POST", /\/cancel$/);

describe.concurrent("Ctrl-C", () => {
  test("stops with 130, says how to go on, and leaves the run alone", async (context) => {
    const fake = await fakeGithub(context);
    const directory = resultsDirectory(context);
    const signals = interruptAt(fake, matches("GET", RUN));
    const { code, stderr } = await experiment(fake, [...WORDS, directory], { signals });
    expect(code).toBe(130);
    expect(stderr).toContain("stopping; once more to exit at once");
    expect(stderr).toContain(
      `Go on with: npx buildx-on-eks experiment run c5n --resume --results-dir ${directory}`,
    );
    expect(cancels(fake)).toBe(0);
    expect(() => recordsIn(directory)).toThrow("ENOENT");
    expect(signals.listenerCount("SIGINT")).toBe(0);
    expect((await experiment(fake, ["run", "c5n", "--resume", "--results-dir", directory])).code).toBe(0);
    expect(recordsIn(directory).map(({ outcome }) => outcome)).toEqual(["success"]);
    expect(fake.dispatches).toBe(1);
  });

  test("with --cancel-on-interrupt cancels the run, records that, and does not count it as an attempt", async (context) => {
    const fake = await fakeGithub(context);
    const directory = resultsDirectory(context);
    const signals = interruptAt(fake, matches("GET", RUN));
    const words = [...WORDS, directory, "--cancel-on-interrupt", "--max-attempts", "1"];
    expect((await experiment(fake, words, { signals })).code).toBe(130);
    expect(cancels(fake)).toBe(1);
    expect(recordsIn(directory)).toMatchObject(
      [{ outcome: "cancelled", attempt: 1, detail: /Ctrl-C/ }].map((record) => ({
        ...record,
        detail: expect.stringMatching(record.detail),
      })),
    );
    expect((await experiment(fake, ["run", "c5n", "--resume", "--results-dir", directory])).code).toBe(0);
    expect(recordsIn(directory).map(({ outcome, attempt }) => `${outcome} ${attempt}`)).toEqual([
      "cancelled 1",
      "success 2",
    ]);
  });

  test("with --cancel-on-interrupt finds the run that it has not seen yet", async (context) => {
    const fake = await fakeGithub(context, { runDetails: "ignored", script: () => ({ hiddenPolls: 1 }) });
    const directory = resultsDirectory(context);
    const signals = interruptAt(fake, matches("GET", /\/experiment-c5n\.yml\/runs$/));
    await experiment(fake, [...WORDS, directory, "--cancel-on-interrupt"], { signals });
    expect(cancels(fake)).toBe(1);
    expect(recordsIn(directory).map(({ outcome }) => outcome)).toEqual(["cancelled"]);
  });

  test("leaves a run that ended meanwhile to --resume, also with --cancel-on-interrupt", async (context) => {
    const fake = await fakeGithub(context, { script: () => ({ queuedPolls: 0, runningPolls: 0 }) });
    const directory = resultsDirectory(context);
    const signals = interruptAt(fake, matches("GET", RUN));
    await experiment(fake, [...WORDS, directory, "--cancel-on-interrupt"], { signals });
    expect(cancels(fake)).toBe(1);
    expect(() => recordsIn(directory)).toThrow("ENOENT");
    await experiment(fake, ["run", "c5n", "--resume", "--results-dir", directory]);
    expect(recordsIn(directory).map(({ outcome }) => outcome)).toEqual(["success"]);
  });

  test("writes down a build that has ended before it stops", async (context) => {
    const fake = await fakeGithub(context);
    const directory = resultsDirectory(context);
    const signals = interruptAt(fake, matches("GET", ARTIFACTS));
    const words = [
      "run",
      "c5n",
      "--rounds",
      "2",
      "--configurations",
      "hosted-default",
      "--results-dir",
      directory,
    ];
    expect((await experiment(fake, words, { signals })).code).toBe(130);
    expect(recordsIn(directory).map(({ outcome }) => outcome)).toEqual(["success"]);
    expect(fake.dispatches).toBe(1);
    expect(journalIn(directory)).not.toContain('"finished"');
  });
});

describe.concurrent("Ctrl-C while nothing can be recorded", () => {
  test("does not sit out a long rate limit", async (context) => {
    const fake = await fakeGithub(context);
    const directory = resultsDirectory(context);
    const signals = new EventEmitter();
    fake.addFault({
      when: matches("GET", RUN),
      act: (response) => {
        json(response, 429, { message: "Too many requests" }, { "retry-after": "3600000" });
        signals.emit("SIGINT");
      },
    });
    const { code, stderr } = await experiment(fake, [...WORDS, directory], { signals });
    expect(code).toBe(130);
    expect(stderr).toContain("Go on with: ");
  });

  test("in the pre-flight says that nothing was started", async (context) => {
    const fake = await fakeGithub(context);
    const directory = join(resultsDirectory(context), "results");
    const signals = interruptAt(fake, matches("GET", /variables$/));
    const { code, stderr } = await experiment(fake, [...WORDS, directory], { signals });
    expect(code).toBe(130);
    expect(stderr).toContain("stopped. Nothing was started.");
    expect(existsSync(directory)).toBe(false);
    expect(fake.dispatches).toBe(0);
  });
});

describe("the second Ctrl-C", () => {
  test("exits at once, and the first one does not", () => {
    const signals = new EventEmitter();
    const stop = new AbortController();
    const exits: number[] = [];
    onInterrupt(
      signals,
      stop,
      () => undefined,
      (code) => exits.push(code),
    );
    signals.emit("SIGINT");
    expect(stop.signal.aborted).toBe(true);
    expect(exits).toEqual([]);
    signals.emit("SIGTERM");
    expect(exits).toEqual([130]);
  });
});
