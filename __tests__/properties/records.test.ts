import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { parseFacts } from "../../measure/record/facts";
import { parseProgress } from "../../measure/record/progress";
import { formatRecord, parseRecords } from "../../measure/record/record";
import { appendDurably, repairLines } from "../../util/durable-file";
import { factsOf } from "../measure/experiment/fake-artifact";
import { fabricatedFailure } from "../measure/report/fabricated-records";
import { hostile, hostileText } from "./arbitraries/hostile";
import { spoilt, spoiltText, withUnknownKey } from "./arbitraries/mutations";
import { records } from "./arbitraries/records";
import { check, json, unclear } from "./check";

const folder = mkdtempSync(join(tmpdir(), "properties-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FACTS = factsOf({
  environment: "c5n",
  configuration: "custom-default",
  round: 1,
  experiment: "c5n-1",
  cache: "none",
  output: "default",
  dockerfile: "image",
  startedAt: "2026-01-20T17:43:00Z",
  finishedAt: "2026-01-20T17:50:00Z",
});

test("a record survives its line", () =>
  check(
    80,
    fc.property(records, (record) => {
      const line = formatRecord(record);
      expect(line.indexOf("\n")).toBe(line.length - 1);
      expect(parseRecords(line, "f")).toEqual({
        records: [JSON.parse(JSON.stringify(record))],
        problems: [],
      });
    }),
  ));

const good = records.map((record) => formatRecord(record).trimEnd());
const foreign = fc
  .oneof(fc.json(), hostileText, good.chain(spoiltText))
  .map((text) => text.replaceAll("\n", " ").slice(0, 1_000));

test("each line is a record or a problem, whatever is beside it", () =>
  check(
    120,
    fc.property(
      fc.array(fc.oneof(fc.record({ good }), fc.record({ foreign })), { maxLength: 8 }),
      fc.constantFrom("\n", "\r\n"),
      (lines, end) => {
        const texts = lines.map((line) => ("good" in line ? line.good : line.foreign));
        const { records: read, problems } = parseRecords(texts.map((text) => text + end).join(""), "f");
        const found = read.map(json);
        let at = -1;
        for (const line of lines) {
          if (!("good" in line)) continue;
          at = found.indexOf(json(JSON.parse(line.good)), at + 1);
          expect(at, line.good).toBeGreaterThanOrEqual(0);
        }
        const filled = texts.filter(
          (text, index) => (index === 0 ? text.replace(/^\uFEFF/, "") : text).trim() !== "",
        );
        expect(read.length + problems.filter(({ line }) => line > 0).length).toBe(filled.length);
      },
    ),
  ));

test("a spoilt record is refused in words", () =>
  check(
    200,
    fc.property(
      fc.oneof(
        records.chain(spoilt),
        records.chain(withUnknownKey),
        hostile.map((value) => ({ value })),
      ),
      ({ value }) => {
        const { records: read, problems } = parseRecords(`${json(value)}\n`, "f");
        expect(read.length + problems.length).toBe(1);
        expect(unclear(problems.map(({ message }) => message))).toEqual([]);
      },
    ),
    [[{ value: JSON.parse('{"__proto__":1}') as unknown }]],
  ));

test("spoilt facts are refused in words", () =>
  check(
    150,
    fc.property(
      fc.oneof(
        spoilt(FACTS).map(({ value }) => json(value)),
        withUnknownKey(FACTS).map(({ value }) => json(value)),
        spoiltText(json(FACTS)),
        hostile.map(json),
      ),
      (text) => {
        const parsed = parseFacts(text);
        if (!parsed.ok) expect(unclear([parsed.problem])).toEqual([]);
      },
    ),
  ));

const LOG = readFileSync(join(__dirname, "../measure/fixtures/cold.progress.rawjson"), "utf8");

test("no phase of a spoilt build log is negative or longer than the build", () =>
  check(
    30,
    fc.property(spoiltText(LOG), (text) => {
      const { phases, wallSeconds } = parseProgress(text);
      for (const seconds of Object.values(phases)) {
        expect(seconds).toBeGreaterThanOrEqual(0);
        expect(seconds).toBeLessThanOrEqual((wallSeconds ?? 0) + 1e-6);
      }
    }),
  ));

const ACCENTED = fabricatedFailure("hosted-default", 1, { detail: "é" });

test("a file that was cut anywhere loses no whole record", () =>
  check(
    40,
    fc.property(fc.array(records, { minLength: 1, maxLength: 4 }), records, fc.nat(), (all, next, at) => {
      const path = join(folder, "c5n.jsonl");
      const lines = all.map(formatRecord);
      const bytes = Buffer.from(lines.join(""));
      const left = bytes.subarray(0, at % (bytes.length + 1));
      rmSync(`${path}.partial`, { force: true });
      writeFileSync(path, left);
      const moved = repairLines(path);
      appendDurably(path, formatRecord(next));
      const { records: read, problems } = parseRecords(readFileSync(path, "utf8"), path);
      expect(problems).toEqual([]);
      const kept = read.slice(0, -1).map(formatRecord);
      expect(kept).toEqual(lines.slice(0, kept.length));
      const fragment = left.subarray(Buffer.byteLength(kept.join("")));
      expect(moved).toBe(fragment.length);
      if (moved > 0) expect(readFileSync(`${path}.partial`).subarray(0, moved).equals(fragment)).toBe(true);
    }),
    // Cut inside a character.
    [[[ACCENTED], ACCENTED, Buffer.from(formatRecord(ACCENTED)).indexOf("é") + 1]],
  ));
