import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { type Expected, readArtifact } from "../../../measure/experiment/artifact";
import { archiveOf } from "./fake-artifact";

const EXPECTED: Expected = {
  environment: "c5n",
  experiment: "c5n-20260120t174240z-abcdef",
  round: 2,
  configuration: "custom-default",
  cache: "none",
  output: "default",
  dockerfile: "image",
};
const TIMES = { startedAt: "2026-01-20T17:43:00Z", finishedAt: "2026-01-20T17:50:00Z" };
const ARCHIVE = archiveOf({ ...EXPECTED, ...TIMES }, "good");

describe("an artifact", () => {
  test("of the very build is read", () => {
    expect(readArtifact(ARCHIVE, undefined, EXPECTED)).toMatchObject({
      ok: true,
      facts: { round: 2 },
      progress: { vertices: 4 },
    });
  });

  test.each<Partial<Expected>>([
    { environment: "c5" },
    { experiment: "c5n-of-yesterday" },
    { round: 1 },
    { configuration: "custom-kubernetes" },
    { cache: "inline" },
    { output: "compression=zstd" },
    { dockerfile: "image/allennlp" },
  ])("of a build with another value than %j is refused", (expected) => {
    expect(readArtifact(ARCHIVE, undefined, { ...EXPECTED, ...expected })).toEqual({
      ok: false,
      problem: expect.stringMatching(
        new RegExp(`^it is of another build: ${Object.keys(expected)[0]} is [^;]*$`),
      ),
    });
  });

  test("that lacks both files names both", () => {
    expect(readArtifact(zipSync({}), undefined, EXPECTED)).toEqual({
      ok: false,
      problem: expect.stringContaining("no facts.json and no progress.rawjson"),
    });
  });
});
