import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { appendDurably, readText, repairLines, writeWhole } from "../../util/durable-file";
import { resultsDirectory } from "../measure/experiment/harness";

const WHOLE = '{"round":1}\n{"round":2}\n';

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

const CUTS = [1, 5, 10];

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

test("writes a whole file in place of an older one, and follows a link to it", (context) => {
  const folder = resultsDirectory(context);
  const [path, link] = [join(folder, "report.html"), join(folder, "latest.html")];
  writeWhole(path, "first");
  symlinkSync(path, link);
  writeWhole(link, "second");
  expect(readText(path)).toBe("second");
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readdirSync(folder).toSorted()).toEqual(["latest.html", "report.html"]);
});

test("names the file that it cannot write, and leaves nothing", (context) => {
  const folder = resultsDirectory(context);
  writeFileSync(join(folder, "file"), "");
  const within = join(folder, "file", "report.html");
  expect(() => writeWhole(within, "x")).toThrow(`cannot write ${within}: `);
  expect(() => appendDurably(join(folder, "none", "a.jsonl"), "x")).toThrow("there is no such folder");
  expect(readdirSync(folder)).toEqual(["file"]);
});

test("clears away the drafts of its file that killed processes left, and no others", (context) => {
  const path = join(resultsDirectory(context), "report.html");
  const { pid: gone } = spawnSync(process.execPath, ["-e", ""]);
  const kept = [
    `${path}.${hostname()}-${process.ppid}.draft`,
    `${path}.elsewhere-${gone}.draft`,
    `${path}.draft`,
  ];
  for (const draft of [...kept, `${path}.${hostname()}-${gone}.draft`]) writeFileSync(draft, "half");
  writeWhole(path, "whole");
  expect(existsSync(`${path}.${hostname()}-${gone}.draft`)).toBe(false);
  expect(kept.map((draft) => existsSync(draft))).toEqual([true, true, true]);
});
