import fc from "fast-check";
import { expect, test } from "vitest";
import type { BuildRecord } from "../../measure/record/record";
import { costBasis } from "../../measure/report/cost";
import { formatHtml, formatSvg } from "../../measure/report/html";
import { formatJson } from "../../measure/report/json";
import { formatMarkdown } from "../../measure/report/markdown";
import type { Report } from "../../measure/report/model";
import { buildReport } from "../../measure/report/summary";
import { formatTerminal } from "../../measure/report/terminal";
import { fabricatedSuccess } from "../measure/report/fabricated-records";
import { hostileLabel, PROTOTYPE_KEYS } from "./arbitraries/hostile";
import { records } from "./arbitraries/records";
import { check } from "./check";

const report = (all: readonly BuildRecord[]): Report =>
  buildReport(
    { records: all, published: undefined, problems: [] },
    {
      seed: 1,
      baseline: "hosted-default",
      cost: costBasis({ hostedIsFree: false, fixedPerMonth: () => 230 }),
    },
  );

/** Two runs under each label. */
const labelled = (...labels: readonly string[]): readonly BuildRecord[] =>
  labels.flatMap((label) =>
    [1, 2].map((round): BuildRecord => {
      const { configuration: _, ...rest } = fabricatedSuccess("hosted-default", round);
      return { ...rest, kind: "bench", label };
    }),
  );

/** Ordinary builds whose texts are hostile, and records of any shape beside them. */
const sets = fc
  .tuple(
    fc.array(
      fc.tuple(hostileLabel, hostileLabel, hostileLabel).map(([label, image, region]): BuildRecord => {
        const { configuration: _, ...rest } = fabricatedSuccess("hosted-default", 1);
        return { ...rest, kind: "bench", label, region, variant: { ...rest.variant, image } };
      }),
      { minLength: 1, maxLength: 3 },
    ),
    fc.array(records, { maxLength: 4 }),
    fc.tuple(hostileLabel, hostileLabel),
  )
  .map(([bench, any, [environment, output]]): readonly BuildRecord[] => [
    ...bench,
    ...any,
    ...([1, 2] as const).map((round) => {
      const record = fabricatedSuccess("custom-default", round);
      return { ...record, environment, variant: { ...record.variant, output } };
    }),
  ]);

/** What is wrong with a text as XML: characters it may not hold, entities it has not, tags out of order. */
function xmlProblems(xml: string, voids: readonly string[] = []): string[] {
  const problems: string[] = [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML forbids exactly these
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u.test(xml))
    problems.push("a forbidden character");
  const bare = xml.replace(/<style>[\s\S]*?<\/style>/g, "").replace(/^<!DOCTYPE html>/, "");
  if (/&(?!(?:amp|lt|gt|quot|#39|#x?[0-9a-f]+);)/i.test(bare)) problems.push("a bare ampersand");
  const open: string[] = [];
  const tag = /<(\/?)([a-zA-Z][\w:-]*)((?:\s+[\w:-]+(?:="[^"<]*")?)*)\s*(\/?)>/y;
  for (let at = bare.indexOf("<"); at >= 0; at = bare.indexOf("<", tag.lastIndex)) {
    tag.lastIndex = at;
    const match = tag.exec(bare);
    if (match === null) return [...problems, `no tag: ${bare.slice(at, at + 80)}`];
    const [, end, name = "", , selfClosed] = match;
    if (selfClosed === "/" || voids.includes(name)) continue;
    if (end !== "/") open.push(name);
    else if (open.pop() !== name) problems.push(`</${name}>`);
  }
  return [...problems, ...open];
}

const WRONG = /\bNaN\b|\bInfinity\b|\bundefined\b|\[object/;

test("hostile labels change no table", () =>
  check(
    25,
    fc.property(sets, (all) => {
      const data = report(all);
      let cells = 0;
      for (const line of formatMarkdown(data).split("\n")) {
        const found = line.startsWith("|") ? line.split(/(?<!\\)(?:\\\\)*\|/).length : 0;
        if (cells > 0 && found > 0) expect(found, line).toBe(cells);
        cells = found;
      }
      const terminal = formatTerminal(data, { color: false });
      expect(terminal).not.toMatch(/[\p{Bidi_Control}\u2028\u2029]/u);
      expect(terminal.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
      expect(JSON.parse(formatJson(data))).toMatchObject({ records: all.length });
      expect(formatJson(data)).not.toMatch(/:(?:NaN|Infinity|-Infinity)/);
      if (!all.some((record) => WRONG.test(JSON.stringify(record)))) {
        for (const text of [formatMarkdown(data), terminal]) expect(text).not.toMatch(WRONG);
      }
    }),
    [[labelled("a|b", "a\\|b")]],
  ));

test("hostile labels stay text in pages and pictures", () =>
  check(
    2,
    fc.asyncProperty(sets, async (all) => {
      const data = report(all);
      const html = await formatHtml(data);
      expect(xmlProblems(html, ["meta"])).toEqual([]);
      expect(html).not.toMatch(/<script|<iframe|<link|<img/i);
      const svg = await formatSvg(data);
      if (svg !== undefined) expect(xmlProblems(svg)).toEqual([]);
    }),
    [[labelled(...PROTOTYPE_KEYS)], [labelled("\ud800", "\uffff", "\u0000")]],
  ));
