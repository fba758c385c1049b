import { expect, test } from "vitest";
import { limitOf } from "../../../measure/bench/limit";
import type { Scenario } from "../../../measure/bench/plan";
import { benchSections } from "../../../measure/bench/report";
import { parseVariants } from "../../../measure/bench/variant";
import { type BuildRecord, RECORD_SCHEMA, type SuccessRecord } from "../../../measure/record/record";

const { variants } = parseVariants("original,fast");
const options = {
  source: { kind: "size", size: "small" } as const,
  variants,
  scenarios: ["cold", "unchanged"] as const,
  seed: 1,
};
const parts = { read: 1, compress: 2, send: 1 };
const limit = { ...parts, ...limitOf(parts), bytes: 1e9, compressedBytes: 3e8, level: 1 };
const findings = {
  limit,
  imports: new Map([["fast", [2, 4]]]),
  compared: new Map([["fast", 123]]),
  varying: new Set<string>(),
  differing: new Map<string, string>(),
};

function record(
  label: string,
  scenario: Scenario,
  round: number,
  build: number,
  sent: number,
): SuccessRecord {
  const digest = `sha256:${"d".repeat(64)}`;
  return {
    ...{
      schema: RECORD_SCHEMA,
      kind: "bench",
      experiment: "x",
      round,
      attempt: 1,
      label,
      outcome: "success",
    },
    ...{ environment: "bench", instanceType: "2 CPUs", region: "local", recordedAt: "2026-01-01T00:00:00Z" },
    variant: { image: "small", cache: "none", output: "by variant", scenario, link: "unshaped" },
    seconds: { build },
    phases: { context: 0, pull: 0, install: 0, export: sent / 2, push: sent / 2, cache: 0, other: 0 },
    image: { reference: "r", digest, compressedBytes: 1e8, unpackedBytes: 3e8, layers: [6e7, 4e7] },
  };
}

const records: BuildRecord[] = [1, 2, 3].flatMap((round) => [
  record("original", "cold", round, 40 + round, 20),
  record("fast", "cold", round, 10, 8),
  record("original", "unchanged", round, 2, 1),
  record("fast", "unchanged", round, 1, 0.5),
]);

const table = (title: string) => {
  const found = benchSections(records, options, findings)
    .flatMap(({ tables }) => tables)
    .find((each) => each.title === title);
  if (found === undefined) throw new Error(`no table ${title}`);
  return found;
};
const row = (title: string, scenario: string, variant: string) =>
  table(title).rows.find((cells) => cells[0] === scenario && cells[1] === variant);

test("compares a variant with the baseline in its own scenario and with the baseline's cold build", () => {
  expect(row("All scenarios", "unchanged", "fast")).toEqual([
    ...["unchanged", "fast", "3", "1.0s (1.0s–1.0s)", "2.00", "2.00 to 2.00", "faster", "42.00"],
  ]);
  expect(row("All scenarios", "cold", "original")?.slice(2)).toEqual([
    ...["3", "42.0s (41.0s–43.0s)", "–", "–", "baseline", "1.00"],
  ]);
});

test("says first how much faster the best variant is", () => {
  const [section] = benchSections(records, options, findings);
  expect(section?.lead).toBe(
    "cold: fast against original: 4.20 times as fast (76 % less time), 95 % interval 4.10 to 4.30; export and push alone 2.50 times as fast.",
  );
});

test("names what every build was given, without its value", () => {
  const inputs = { buildArgs: ["A=first", "B"], target: "prod", secrets: ["id=npmrc,src=/x/y"] };
  const source = { kind: "own", context: "/c", dockerfile: "/c/Dockerfile", inputs } as const;
  const [section] = benchSections(records, { ...options, source }, findings);
  expect(section?.paragraphs).toContain(
    "Given to every build, values apart: build arguments A, B; target prod; secrets npmrc.",
  );
});

test("says which Dockerfiles were built, and what of their images is not the same", () => {
  const inputs = { buildArgs: [], target: undefined, secrets: [] };
  const source = { kind: "own", context: "/c", dockerfile: "/c/Dockerfile", inputs } as const;
  const own = parseVariants("original=/c/Dockerfile,fast=/c/Dockerfile.fast+compression=zstd:1").variants;
  const differing = new Map([["fast", "1 file differs: a (missing)"]]);
  const [section] = benchSections(records, { ...options, source, variants: own }, { ...findings, differing });
  expect(section?.paragraphs.slice(-2)).toEqual([
    "original: Dockerfile, compression gzip, cache inline, 4 connections.",
    "fast: Dockerfile.fast, compression zstd:1, cache inline, 4 connections.",
  ]);
  expect(section?.notes).toContain("The image of fast is not that of original: 1 file differs: a (missing).");
  expect(section?.notes.join(" ")).not.toContain("its files are those of original");
});

test("names once the files that differ between two builds of the baseline", () => {
  const notes = (varying: ReadonlySet<string>) =>
    benchSections(records, options, { ...findings, varying }).flatMap((section) => section.notes);
  const paths = ["f", "b", "a", "d", "c", "e"];
  expect(notes(new Set(paths)).filter((note) => note.startsWith("Not compared"))).toEqual([
    "Not compared, because two builds of original itself differ in them: 6 files: a, b, c, d, e, and 1 more.",
  ]);
  expect(notes(new Set()).filter((note) => note.startsWith("Not compared"))).toEqual([]);
});

test("puts export and push beside the physical limit in cold builds alone", () => {
  expect(row("Export and push", "cold", "fast")?.slice(2)).toEqual([
    ...["8.0s (8.0s–8.0s)", "2.50", "2.50 to 2.50", "4.0s", "2.00"],
  ]);
  expect(row("Export and push", "unchanged", "fast")?.slice(-2)).toEqual(["–", "–"]);
});

test("shows sizes, the first import and how many files were compared", () => {
  expect(table("Images").rows.find(([label]) => label === "fast")).toEqual([
    ...["fast", "0.30 GB", "0.10 GB", "2", "0.06 GB", "3.0s (2.0s–4.0s)", "123"],
  ]);
});

test("gives no figure to a variant none of whose builds count", () => {
  const failed: BuildRecord = {
    ...{ schema: RECORD_SCHEMA, kind: "bench", experiment: "x", round: 1, attempt: 1, label: "fast" },
    ...{ environment: "bench", instanceType: "2 CPUs", region: "local", recordedAt: "2026-01-01T00:00:00Z" },
    variant: { image: "small", cache: "none", output: "by variant", scenario: "cold", link: "unshaped" },
    outcome: "failure",
    detail: "not the same image as original: 1 file differs: a (changed)",
  };
  const [section] = benchSections([record("original", "cold", 1, 40, 20), failed], options, findings);
  const cells = section?.tables[0]?.rows.find((each) => each[0] === "cold" && each[1] === "fast");
  expect(cells?.slice(2, 5)).toEqual(["0", "–", "–"]);
});
