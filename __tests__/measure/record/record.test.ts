import { describe, expect, it } from "vitest";
import { parseFacts } from "../../../measure/record/facts";
import {
  formatRecord,
  identityOf,
  OUTCOMES,
  parseRecords,
  recordSchema,
  subjectOf,
} from "../../../measure/record/record";
import {
  fabricatedFailure,
  fabricatedFourByFive,
  fabricatedSuccess,
  jsonLines,
} from "../report/fabricated-records";

const success = fabricatedSuccess("custom-kubernetes", 1);

describe("a record", () => {
  it("survives a round trip through its line", () => {
    const records = [...fabricatedFourByFive(), fabricatedFailure("hosted-default", 6)];
    const parsed = parseRecords(records.map(formatRecord).join(""), "c5n.jsonl");
    expect(parsed).toEqual({ records, problems: [] });
  });

  it.each(OUTCOMES.filter((outcome) => outcome !== "success"))("of outcome %s has no times", (outcome) => {
    expect(recordSchema.safeParse(fabricatedFailure("hosted-default", 1, { outcome })).success).toBe(true);
    for (const time of [
      { seconds: { build: 30 } },
      { phases: success.phases },
      { startedAt: success.recordedAt },
    ]) {
      expect(
        recordSchema.safeParse({ ...fabricatedFailure("hosted-default", 1, { outcome }), ...time }).success,
      ).toBe(false);
    }
  });

  it("that succeeded needs the time of its build step", () => {
    const { seconds: _, ...timeless } = success;
    expect(recordSchema.safeParse(timeless).success).toBe(false);
  });

  it("is of a configuration or has a label, never both or neither", () => {
    const { configuration: _, ...nameless } = success;
    expect(recordSchema.safeParse({ ...nameless, kind: "bench", label: "uv, zstd" }).success).toBe(true);
    expect(recordSchema.safeParse({ ...nameless, kind: "build", label: "uv, zstd" }).success).toBe(false);
    expect(recordSchema.safeParse(nameless).success).toBe(false);
    expect(recordSchema.safeParse({ ...success, kind: "bench", label: "uv, zstd" }).success).toBe(false);
  });

  it("is compared by its configuration or its label", () => {
    expect(subjectOf(success)).toBe("custom-kubernetes");
    expect(subjectOf({ label: "uv, zstd" })).toBe("uv, zstd");
  });

  it.each([
    { round: 0 },
    { attempt: 1.5 },
    { seconds: { build: -1 } },
    { configuration: "hosted" },
    { recordedAt: "yesterday" },
    { surprise: true },
  ])("is refused with %o", (change) => {
    expect(recordSchema.safeParse({ ...success, ...change }).success).toBe(false);
  });

  it("is the same build as another only with the same round, attempt and variant", () => {
    expect(identityOf({ ...success, recordedAt: "2026-02-02T00:00:00Z" })).toBe(identityOf(success));
    const others = [
      { ...success, round: 2 },
      { ...success, attempt: 2 },
      { ...success, environment: "c5" },
      { ...success, variant: { ...success.variant, output: "zstd" } },
      fabricatedSuccess("hosted-default", 1),
    ];
    expect(new Set([success, ...others].map(identityOf)).size).toBe(others.length + 1);
  });
});

describe("parseRecords", () => {
  const [first = "", second = ""] = jsonLines([success, fabricatedSuccess("hosted-default", 1)]).split("\n");

  it("names a malformed line and reads the others", () => {
    const { records, problems } = parseRecords(`${first}\n{oops\n${second}\n`, "f");
    expect(records).toHaveLength(2);
    expect(problems).toEqual([{ file: "f", line: 2, message: "not valid JSON; the line was left out" }]);
  });

  it("tells a last line that was cut off from a malformed one", () => {
    const { records, problems } = parseRecords(`${first}\n${second.slice(0, 40)}`, "f");
    expect(records).toHaveLength(1);
    expect(problems).toEqual([
      { file: "f", line: 2, message: "the last line is cut off (a write was interrupted); it was left out" },
    ]);
  });

  it("reads a whole last line without its newline", () => {
    expect(parseRecords(`${first}\n${second}`, "f").records).toHaveLength(2);
  });

  it("says that a newer schema needs an update, not that the record is broken", () => {
    const { records, problems } = parseRecords('{"schema":2,"whatever":true}\n', "f");
    expect(records).toEqual([]);
    expect(problems.map(({ message }) => message)).toEqual([
      "written by a newer version of this program (schema 2, known: 1); update to read it",
    ]);
  });

  it("names all that is wrong with a record", () => {
    const { problems } = parseRecords(`${JSON.stringify({ ...success, round: 0, region: "" })}\n`, "f");
    expect(problems[0]?.message).toMatch(/^not a record: round: .*; region: /);
  });

  it.each(["", "\n\n", "\uFEFF\n"])("says that %o is empty", (text) => {
    expect(parseRecords(text, "f").problems).toEqual([
      { file: "f", line: 0, message: "the file is empty: it holds no record" },
    ]);
  });

  it("takes Windows newlines, blank lines and a byte order mark", () => {
    expect(parseRecords(`\uFEFF${first}\r\n\r\n${second}\r\n`, "f").records).toHaveLength(2);
  });
});

describe("parseFacts", () => {
  const facts = {
    schema: 1,
    environment: "c5n",
    configuration: "hosted-default",
    round: 1,
    experiment: "fabricated-example",
    cache: "none",
    output: "gzip",
    dockerfile: "torch",
    startedAt: "2026-01-01T00:00:00Z",
    finishedAt: "2026-01-01T00:07:00+00:00",
    machine: { cpus: 2, memoryBytes: 7e9, instanceType: null, region: null },
    limits: { cpus: 2, memoryBytes: 7e9 },
    versions: { buildx: "v0.37.2", buildkit: "v0.31.2" },
    image: { reference: "r", digest: "sha256:0", compressedBytes: 5, unpackedBytes: null, layers: [5] },
  };

  it("reads what the workflow writes", () => {
    expect(parseFacts(JSON.stringify(facts))).toEqual({ ok: true, facts });
  });

  it.each([
    ["{", "facts.json is not valid JSON"],
    ['{"schema":9}', "facts.json was written by a newer workflow (schema 9, known: 1)"],
    [
      JSON.stringify({ ...facts, finishedAt: "2025-12-31T00:00:00Z" }),
      "not a facts.json: finishedAt lies before startedAt",
    ],
  ])("says what is wrong with %s", (text, problem) => {
    expect(parseFacts(text)).toEqual({ ok: false, problem });
  });

  it("names a field that is missing or unknown", () => {
    const { limits: _, ...unlimited } = facts;
    const parsed = parseFacts(JSON.stringify({ ...unlimited, extra: 1 }));
    expect(parsed.ok ? "" : parsed.problem).toMatch(/limits: .*"extra"/);
  });
});
