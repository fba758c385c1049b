import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { identityOf } from "../../../measure/record/record";
import type { FakeGithub } from "../../measure/experiment/fake-github";
import { recordsIn } from "../../measure/experiment/harness";

/** A plan of a few builds. */
const ROUNDS = 5;
const CONFIGURATIONS = ["hosted-default", "custom-default"] as const;
const BUILDS = ROUNDS * CONFIGURATIONS.length;

export const begin = (directory: string) => [
  ...["run", "c5n", "--rounds", String(ROUNDS), "--configurations", CONFIGURATIONS.join(",")],
  ...["--results-dir", directory],
];
export const resume = (directory: string) => ["run", "c5n", "--resume", "--results-dir", directory];

/** Calls back at the fake's request of that number, from now on, before it is answered. */
export function atRequest(fake: FakeGithub, number: number, act: () => void): void {
  fake.addFault({
    when: () => true,
    skip: number - 1,
    act: (_, proceed) => {
      act();
      proceed();
    },
  });
}

/** Every file holds whole lines of JSON; there are no other files. */
export function expectWholeFiles(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (name === ".ballast") continue;
    expect(["c5n.jsonl", "c5n.journal.jsonl"], `${name} in the results`).toContain(name);
    const text = readFileSync(join(directory, name), "utf8");
    expect(text.endsWith("\n"), `${name} ends with a whole line`).toBe(true);
    for (const line of text.trimEnd().split("\n")) expect(() => JSON.parse(line)).not.toThrow();
  }
}

/** Each planned build succeeded once, was dispatched once for each of its records, and no lock is there. */
export function expectComplete(fake: FakeGithub, directory: string): void {
  const records = recordsIn(directory);
  const done = records.filter(({ outcome }) => outcome === "success");
  const builds = new Set(done.map(({ round, configuration }) => `${round} ${configuration}`));
  expect(done).toHaveLength(BUILDS);
  expect(builds.size).toBe(BUILDS);
  expect(new Set(records.map(identityOf)).size).toBe(records.length);
  expect(fake.dispatches).toBe(records.length);
  expectWholeFiles(directory);
}
