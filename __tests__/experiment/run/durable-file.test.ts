import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { appendDurably, readText, repairLines } from "../../../experiment/run/durable-file";
import { resultsDirectory } from "./harness";

const WHOLE = '{"round":1}\n{"round":2}\n';

test("appends to what is there", (context) => {
  const path = join(resultsDirectory(context), "a.jsonl");
  appendDurably(path, '{"round":1}\n');
  appendDurably(path, '{"round":2}\n');
  expect(readFileSync(path, "utf8")).toBe(WHOLE);
});

test("leaves whole lines, an empty file and no file as they are", (context) => {
  const path = join(resultsDirectory(context), "a.jsonl");
  expect(repairLines(path)).toBe(0);
  expect(existsSync(path)).toBe(false);
  writeFileSync(path, "");
  expect(repairLines(path)).toBe(0);
  writeFileSync(path, WHOLE);
  expect(repairLines(path)).toBe(0);
  expect(readText(path)).toBe(WHOLE);
  expect(existsSync(`${path}.partial`)).toBe(false);
});

// Every length at which a write can be cut, but the one that takes the newline alone.
const CUTS = Array.from({ length: 10 }, (_, index) => index + 1);

test.for(CUTS)("moves a last line of %i bytes aside", (length, context) => {
  const cut = '{"round":3}'.slice(0, length);
  const path = join(resultsDirectory(context), "a.jsonl");
  writeFileSync(path, `${WHOLE}${cut}`);
  expect(repairLines(path)).toBe(length);
  expect(readText(path)).toBe(WHOLE);
  expect(readText(`${path}.partial`)).toBe(`${cut}\n`);
});

test("keeps a last line that lacks only its newline", (context) => {
  const path = join(resultsDirectory(context), "a.jsonl");
  writeFileSync(path, WHOLE.trimEnd());
  expect(repairLines(path)).toBe(0);
  expect(readText(path)).toBe(WHOLE);
});

test("a file that is one cut line becomes empty, and its line is kept", (context) => {
  const path = join(resultsDirectory(context), "a.jsonl");
  writeFileSync(path, '{"ro');
  expect(repairLines(path)).toBe(4);
  expect(readText(path)).toBe("");
  expect(readText(`${path}.partial`)).toBe('{"ro\n');
});
