import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { FakeGithub } from "./fake-github";
import { drop, matches, RUN } from "./fault-cases";
import { experiment, fakeGithub, journalIn, recordsIn, resultsDirectory } from "./harness";

const WORDS = ["run", "c5n", "--rounds", "1", "--configurations", "hosted-default", "--results-dir"];

const resume = (fake: FakeGithub, directory: string, words: readonly string[] = []) =>
  experiment(fake, ["run", "c5n", "--resume", "--results-dir", directory, ...words]);

/** Stops the first build in the middle, its run under way. */
async function interrupted(fake: FakeGithub, directory: string, words: readonly string[] = []) {
  fake.addFault({ when: matches("GET", RUN), act: drop, times: 12 });
  const { code } = await experiment(fake, [...WORDS, directory, ...words]);
  if (code !== 1) throw new Error(`expected an interrupted experiment, got exit code ${code}`);
}

describe.concurrent("--resume", () => {
  /** Lines in the order in which they reach the disk; the record is written just before "recorded". */
  const LINES = ["plan", "intent", "accepted", "run", "RECORD", "recorded", "finished"] as const;

  test.for([1, 2, 3, 4, 5, 6])(
    "goes on from a crash after %i writes, with one run and one record",
    async (kept, context) => {
      const fake = await fakeGithub(context);
      const directory = resultsDirectory(context);
      await experiment(fake, [...WORDS, directory]);
      const journal = journalIn(directory).trimEnd().split("\n");
      expect(journal.map((line): string => JSON.parse(line).type)).toEqual(
        LINES.filter((line) => line !== "RECORD"),
      );
      const survived = LINES.slice(0, kept);
      const lines = survived.filter((line) => line !== "RECORD").length;
      writeFileSync(join(directory, "c5n.journal.jsonl"), `${journal.slice(0, lines).join("\n")}\n`);
      if (!survived.includes("RECORD")) writeFileSync(join(directory, "c5n.jsonl"), "");
      const { code } = await resume(fake, directory);
      expect(code).toBe(0);
      expect(recordsIn(directory)).toHaveLength(1);
      // With the plan alone on the disk nothing had been dispatched: the run that the fake has is another's.
      expect(fake.dispatches).toBe(kept === 1 ? 2 : 1);
    },
  );

  test("sends a dispatch that never left under the same request, as the same attempt", async (context) => {
    const fake = await fakeGithub(context);
    const directory = resultsDirectory(context);
    await experiment(fake, [...WORDS, directory]);
    const kept = journalIn(directory).split("\n").slice(0, 2);
    const request = "c5n-never-left";
    const intent = { ...JSON.parse(kept[1] ?? ""), request };
    writeFileSync(join(directory, "c5n.journal.jsonl"), `${kept[0]}\n${JSON.stringify(intent)}\n`);
    writeFileSync(join(directory, "c5n.jsonl"), "");
    expect((await resume(fake, directory)).code).toBe(0);
    expect(fake.runs.at(-1)?.inputs).toMatchObject({ request });
    expect(recordsIn(directory).map(({ attempt }) => attempt)).toEqual([1]);
  });

  test("repairs a journal and results whose last lines were cut off, and keeps what was cut", async (context) => {
    const fake = await fakeGithub(context);
    const directory = resultsDirectory(context);
    await interrupted(fake, directory);
    const journal = journalIn(directory);
    writeFileSync(join(directory, "c5n.journal.jsonl"), `${journal}{"type":"rec`);
    writeFileSync(join(directory, "c5n.jsonl"), '{"schema":1,"kind":"bui');
    const { code, stderr } = await resume(fake, directory);
    expect(code).toBe(0);
    expect(stderr).toContain("c5n.jsonl was cut off; its 23 bytes are in");
    expect(recordsIn(directory)).toHaveLength(1);
    expect(fake.dispatches).toBe(1);
    expect(readFileSync(join(directory, "c5n.jsonl.partial"), "utf8")).toBe('{"schema":1,"kind":"bui\n');
    expect(readFileSync(join(directory, "c5n.journal.jsonl.partial"), "utf8")).toBe('{"type":"rec\n');
  });

  test("takes every option from the journal, and the same ones again", async (context) => {
    const fake = await fakeGithub(context);
    const directory = resultsDirectory(context);
    await interrupted(fake, directory, ["--cache", "inline", "--seed", "5"]);
    const { code } = await resume(fake, directory, ["--cache", "inline", "--rounds", "1", "--seed", "5"]);
    expect(code).toBe(0);
    expect(recordsIn(directory).map(({ variant }) => variant.cache)).toEqual(["inline"]);
  });

  test("refuses others, all at once", async (context) => {
    const fake = await fakeGithub(context);
    const directory = resultsDirectory(context);
    await interrupted(fake, directory, ["--cache", "inline", "--seed", "5"]);
    const { code, stderr } = await resume(fake, directory, [
      "--cache",
      "none",
      "--rounds",
      "2",
      "--seed",
      "5",
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain("--rounds is 1 in c5n-");
    expect(stderr).toContain("--cache is inline in c5n-");
    expect(stderr).not.toContain("--seed is");
    expect(fake.dispatches).toBe(1);
  });

  test("refuses an environment that names another repository by now", async (context) => {
    const fake = await fakeGithub(context);
    const directory = resultsDirectory(context);
    await interrupted(fake, directory);
    const journal = journalIn(directory).replace("large-python-container", "older-container");
    writeFileSync(join(directory, "c5n.journal.jsonl"), journal);
    const { code, stderr } = await resume(fake, directory);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /runs in your-organization\/older-container, and the environment names .*\/large-python-container now/,
    );
  });

  test("has nothing to do without an experiment, nor after a finished one", async (context) => {
    const fake = await fakeGithub(context);
    const directory = resultsDirectory(context);
    const before = await resume(fake, directory);
    expect(before.code).toBe(2);
    expect(before.stderr).toContain("holds no experiment. Start one");
    await experiment(fake, [...WORDS, directory]);
    const after = await resume(fake, directory);
    expect(after.code).toBe(2);
    expect(after.stderr).toMatch(/c5n-\S+ is finished/);
  });

  test("does not guess at a damaged journal", async (context) => {
    const fake = await fakeGithub(context);
    const directory = resultsDirectory(context);
    await interrupted(fake, directory);
    writeFileSync(join(directory, "c5n.journal.jsonl"), `${journalIn(directory)}{"type":"what"}\n`);
    const { code, stderr } = await resume(fake, directory);
    expect(code).toBe(2);
    expect(stderr).toMatch(/c5n\.journal\.jsonl, line 5 is not an entry of the journal/);
  });

  test("with --dry-run tells what is left, and takes no lock", async (context) => {
    const fake = await fakeGithub(context);
    const directory = resultsDirectory(context);
    await interrupted(fake, directory);
    const { code, stdout } = await resume(fake, directory, ["--dry-run"]);
    expect(code).toBe(0);
    expect(stdout).toContain("1 build in 1 round, seed");
    expect(fake.dispatches).toBe(1);
  });
});
