import fc from "fast-check";
import { describe, expect } from "vitest";
import type { BuildRecord } from "../../measure/record/record";
import { Bootstrap, describe as describeValues } from "../../measure/record/statistics";
import { formatHtml, formatSvg } from "../../measure/report/html";
import { formatJson } from "../../measure/report/json";
import { formatMarkdown } from "../../measure/report/markdown";
import type { Report } from "../../measure/report/model";
import { costBasis } from "../../measure/report/prices";
import { buildReport } from "../../measure/report/summary";
import { formatTerminal } from "../../measure/report/terminal";
import { fabricatedSuccess } from "../measure/report/fabricated-records";
import { hostileLabel, PROTOTYPE_KEYS } from "./arbitraries/hostile";
import { records } from "./arbitraries/records";
import { holds } from "./runs";

const seconds = fc.double({ min: 0.001, max: 1e6, noNaN: true });
const group = (values: readonly number[], name: string) => ({ name, values });

describe("statistics", () => {
  holds(
    "statistics: lie within each other, whatever the order",
    fc.property(
      fc.array(seconds, { minLength: 2, maxLength: 40 }).chain((values) =>
        fc.record({
          values: fc.constant(values),
          other: fc.shuffledSubarray(values, { minLength: values.length }),
        }),
      ),
      ({ values, other }) => {
        const statistic = describeValues(values);
        expect(statistic).toEqual(describeValues(other));
        const { min = 0, q1 = 0, median: middle = 0, q3 = 0, max = 0 } = statistic ?? {};
        const ordered = [min, q1 ?? 0, middle, q3 ?? 0, max];
        expect(ordered).toEqual([...ordered].sort((a, b) => a - b));
        expect([min, max]).toEqual([Math.min(...values), Math.max(...values)]);
        expect(values.filter((value) => value <= middle).length * 2).toBeGreaterThanOrEqual(values.length);
      },
    ),
  );

  holds(
    "statistics: an interval is finite and within its ratio's bounds",
    fc.property(
      fc.array(seconds, { minLength: 2, maxLength: 12 }),
      fc.array(seconds, { minLength: 2, maxLength: 12 }),
      fc.nat(),
      (a, b, seed) => {
        const { timesAsFast, low, high } = new Bootstrap(seed).compare(group(a, "a"), group(b, "b"));
        for (const value of [timesAsFast, low, high]) expect(Number.isFinite(value)).toBe(true);
        expect(low ?? 0).toBeLessThanOrEqual(high ?? 0);
        expect(low ?? 0).toBeGreaterThanOrEqual((Math.min(...a) / Math.max(...b)) * (1 - 1e-12));
        expect(high ?? 0).toBeLessThanOrEqual((Math.max(...a) / Math.min(...b)) * (1 + 1e-12));
        // The order in which runs were made says nothing.
        const turned = new Bootstrap(seed).compare(
          group([...a].reverse(), "a"),
          group([...b].reverse(), "b"),
        );
        expect([turned.timesAsFast, turned.low, turned.high]).toEqual([timesAsFast, low, high]);
      },
    ),
  );
});

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

describe("reports", () => {
  holds(
    "reports: hostile labels change no table",
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
  );

  holds(
    "reports: hostile labels stay text in pages and pictures",
    fc.asyncProperty(sets, async (all) => {
      const data = report(all);
      const html = await formatHtml(data);
      expect(xmlProblems(html, ["meta"])).toEqual([]);
      expect(html).not.toMatch(/<script|<iframe|<link|<img/i);
      const svg = await formatSvg(data);
      if (svg !== undefined) expect(xmlProblems(svg)).toEqual([]);
    }),
    [[labelled(...PROTOTYPE_KEYS)], [labelled("\ud800", "\uffff", "\u0000")]],
  );
});
