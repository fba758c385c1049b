import fc from "fast-check";
import { expect, test } from "vitest";
import { type Expected, readArtifact } from "../../measure/experiment/artifact";
import { parseRunOptions } from "../../measure/experiment/options";
import { archiveOf } from "../measure/experiment/fake-artifact";
import { hostileText } from "./arbitraries/hostile";
import { check, refusal, unclear } from "./check";

const EXPECTED: Expected = {
  environment: "c5n",
  experiment: "c5n-1",
  round: 2,
  configuration: "custom-default",
  cache: "none",
  output: "default",
  dockerfile: "image",
};
const TIMES = { startedAt: "2026-01-20T17:43:00Z", finishedAt: "2026-01-20T17:50:00Z" };
const ARCHIVE = archiveOf({ ...EXPECTED, ...TIMES }, "good");

test("a spoilt artifact is refused in words", () =>
  check(
    120,
    fc.property(fc.nat(ARCHIVE.length - 1), fc.nat(255), fc.nat(2), (at, byte, how) => {
      const archive = Uint8Array.from(ARCHIVE);
      archive[at] = byte;
      const spoilt = [archive, ARCHIVE.subarray(0, at), Uint8Array.from([...ARCHIVE, ...archive])][how];
      const read = readArtifact(spoilt ?? ARCHIVE, undefined, EXPECTED);
      if (read.ok) expect(read.facts).toMatchObject(EXPECTED);
      else expect(unclear([read.problem])).toEqual([]);
    }),
  ));

const words = fc.oneof(
  hostileText,
  fc.constantFrom("5", "0", "1e3", "hosted-default", "original,fast", "none", "main", "https://github.com"),
);
const KEYS = [
  "rounds",
  "configurations",
  "variants",
  "seed",
  "cache",
  "output",
  "image",
  "ref",
  "maxAttempts",
];
const options = Object.fromEntries([...KEYS, "apiUrl"].map((key) => [key, words]));

test("options are read or refused in words", () =>
  check(
    100,
    fc.property(fc.record(options, { requiredKeys: [] }), (raw) => {
      const problems = refusal(() => parseRunOptions(raw)) ?? [];
      expect(unclear(problems)).toEqual([]);
      for (const problem of problems) expect(problem).toMatch(/^--[a-z-]+ /);
    }),
    // Once took minutes.
    [[{ rounds: "1", apiUrl: "a".repeat(1_000_000) }]],
  ));
