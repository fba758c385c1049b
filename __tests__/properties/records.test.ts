import fc from "fast-check";
import { describe, expect } from "vitest";
import { factsSchema, parseFacts } from "../../measure/record/facts";
import { formatRecord, parseRecords } from "../../measure/record/record";
import { factsOf } from "../measure/experiment/fake-artifact";
import { fabricatedSuccess } from "../measure/report/fabricated-records";
import { hostile, hostileText } from "./arbitraries/hostile";
import { spoilt, spoiltText, withUnknownKey } from "./arbitraries/mutations";
import { records } from "./arbitraries/records";
import { unclear, unclearOf, withoutSchemaWords } from "./clear";
import { holds } from "./runs";

/** What a value is in a file; what JSON cannot hold is left out of the file, or is none at all. */
const written = (value: unknown): string => {
  try {
    return JSON.stringify(value) ?? "null";
  } catch {
    return "null";
  }
};

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

describe("result records", () => {
  holds(
    "records: a valid one survives its line",
    fc.property(records, (record) => {
      const line = formatRecord(record);
      expect(line.indexOf("\n")).toBe(line.length - 1);
      expect(parseRecords(line, "f")).toEqual({ records: [JSON.parse(line)], problems: [] });
      expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(record)));
    }),
  );

  const good = records.map((record) => formatRecord(record).trimEnd());
  const foreign = fc.oneof(
    fc.json(),
    hostileText.filter((text) => text.length < 1000),
    good.chain(spoiltText),
  );
  const oneLine = foreign.map((text) => text.replaceAll("\n", " "));

  holds(
    "records: each line is a record or a problem, whatever stands beside it",
    fc.property(
      fc.array(fc.oneof(fc.record({ good }), fc.record({ foreign: oneLine })), { maxLength: 8 }),
      fc.constantFrom("\n", "\r\n"),
      (lines, end) => {
        const texts = lines.map((line) => ("good" in line ? line.good : line.foreign));
        const { records: read, problems } = parseRecords(texts.map((text) => text + end).join(""), "f");
        // Each good one is there as often as it was written, in its order; what stands between does not matter.
        const expected = lines.flatMap((line) => ("good" in line ? [line.good] : []));
        const found = read.map((record) => written(record));
        let at = -1;
        for (const line of expected) {
          at = found.indexOf(written(JSON.parse(line)), at + 1);
          expect(at, line).toBeGreaterThanOrEqual(0);
        }
        const filled = texts.filter(
          (text, index) => (index === 0 ? text.replace(/^\uFEFF/, "") : text).trim() !== "",
        );
        expect(read.length + problems.filter(({ line }) => line > 0).length).toBe(filled.length);
        expect(new Set(problems.map(({ line }) => line)).size).toBe(problems.length);
      },
    ),
  );

  holds(
    "records: a spoilt one is refused in words",
    fc.property(
      fc.oneof(
        records.chain(spoilt),
        records.chain(withUnknownKey),
        hostile.map((value) => ({ value })),
      ),
      ({ value }) => {
        const text = written(value);
        const { records: read, problems } = parseRecords(`${text}\n`, "f");
        expect(read.length + problems.length).toBe(1);
        for (const { message } of problems) expect(unclear(withoutSchemaWords(message))).toBeUndefined();
        // What was read says all that was written, and nothing else.
        for (const record of read) expect(written(record)).toBe(inOrderOf(record, text));
      },
    ),
    [
      [{ value: JSON.parse('{"__proto__":1}') as unknown }],
      [{ value: { ...fabricatedSuccess("hosted-default", 1), [`\u009b31m${"\u{1f600}".repeat(1000)}`]: 1 } }],
    ],
  );

  holds(
    "records: never throws, and accounts for each line that is not blank",
    fc.property(fc.array(fc.oneof(good, oneLine), { maxLength: 8 }), (lines) => {
      const { records: read, problems } = parseRecords(lines.map((text) => `${text}\n`).join(""), "f");
      const filled = lines.filter(
        (text, index) => (index === 0 ? text.replace(/^\uFEFF/, "") : text).trim() !== "",
      );
      expect(read.length + problems.filter((problem) => problem.line > 0).length).toBe(filled.length);
    }),
  );
});

holds(
  "facts: spoilt ones are refused in words",
  fc.property(
    fc.oneof(
      spoilt(FACTS).map(({ value }) => written(value)),
      withUnknownKey(FACTS).map(({ value }) => written(value)),
      spoiltText(JSON.stringify(FACTS)),
      hostile.map(written),
    ),
    (text) => {
      const parsed = parseFacts(text);
      if (parsed.ok) expect(factsSchema.parse(JSON.parse(text))).toEqual(parsed.facts);
      else expect(unclearOf([withoutSchemaWords(parsed.problem)])).toEqual([]);
    },
  ),
);

/** The text's value with the keys as the record orders them. */
function inOrderOf(record: unknown, text: string): string {
  const order = (like: unknown, value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((inner, index) => order((like as unknown[])[index], inner));
    if (typeof value !== "object" || value === null) return value;
    const keys = typeof like === "object" && like !== null ? Object.keys(like) : [];
    const all = [...keys, ...Object.keys(value).filter((key) => !keys.includes(key))];
    return Object.fromEntries(
      all.map((key) => [
        key,
        order((like as Record<string, unknown>)[key], (value as Record<string, unknown>)[key]),
      ]),
    );
  };
  return written(order(record, JSON.parse(text)));
}
