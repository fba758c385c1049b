import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { VARIANTS } from "../../../environment/variants";
import type { BuildRecord } from "../../../measure/record/record";
import { costBasis } from "../../../measure/report/cost";
import * as words from "../../../measure/report/format";
import { formatHtml, formatSvg } from "../../../measure/report/html";
import { formatJson } from "../../../measure/report/json";
import { escapeMarkdown, formatMarkdown } from "../../../measure/report/markdown";
import type { Report } from "../../../measure/report/model";
import { PAGE, SHADES } from "../../../measure/report/palette";
import { parsePublished } from "../../../measure/report/published";
import { buildReport } from "../../../measure/report/summary";
import { formatTerminal } from "../../../measure/report/terminal";
import {
  fabricatedC5,
  fabricatedEightByFive,
  fabricatedFailure,
  fabricatedFourByFive,
  fabricatedSuccess,
} from "./fabricated-records";

const parsed = parsePublished(readFileSync("measure/report/original-2021.json", "utf8"));
const published = parsed !== undefined && "published" in parsed ? parsed.published : undefined;

function report(records: readonly BuildRecord[], withPublished = true): Report {
  return buildReport(
    { records, published: withPublished ? published : undefined, problems: [] },
    {
      seed: 1,
      baseline: "hosted-default",
      cost: costBasis({ hostedIsFree: false, fixedPerMonth: () => 230 }),
    },
  );
}

const [bare] = fabricatedFourByFive();
if (bare === undefined) throw new Error("no fabricated record");
const { phases: _p, image: _i, machine: _m, limits: _l, versions: _v, ...unknowing } = bare;

/** Inputs that tempt a report into NaN, and an ordinary one. */
const CASES: ReadonlyMap<string, Report> = new Map([
  ["nothing", report([], false)],
  ["the original alone", report([])],
  ["four by five", report(fabricatedFourByFive())],
  ["eight by five", report(fabricatedEightByFive())],
  ["variants of which one failed", report(withFailures())],
  ["two instance types", report([...fabricatedFourByFive(), ...fabricatedC5()])],
  ["one run", report([fabricatedSuccess("hosted-default", 1)])],
  ["one configuration", report([1, 2, 3].map((round) => fabricatedSuccess("custom-default", round)))],
  ["all failed", report([fabricatedFailure("hosted-default", 1), fabricatedFailure("custom-default", 1)])],
  ["no facts and no phases", report([{ ...unknowing, seconds: { build: 5 } }])],
  [
    "times of zero",
    report([
      fabricatedSuccess("hosted-default", 1, { seconds: { build: 0 }, phases: { ...zero() } }),
      fabricatedSuccess("custom-default", 1, { seconds: { build: 0 }, phases: { ...zero() } }),
    ]),
  ],
  ["all not comparable", report(disagreeing())],
]);

function zero() {
  return { context: 0, pull: 0, install: 0, export: 0, push: 0, cache: 0, other: 0 };
}

/** The fast variant has no time at all, and the original none in one configuration. */
function withFailures(): BuildRecord[] {
  return fabricatedEightByFive().map((record) =>
    record.variant.image === VARIANTS.fast.image || record.configuration === "custom-default"
      ? fabricatedFailure(record.configuration ?? "hosted-default", record.round, { variant: record.variant })
      : record,
  );
}

/** Three builds, each odd in another way, so that none agrees with every majority. */
function disagreeing(): BuildRecord[] {
  const change = [
    { limits: { cpus: 3, memoryBytes: 7 * 2 ** 30 } },
    { versions: { buildx: "v9", buildkit: "v0.31.2" } },
    { versions: { buildx: "v0.37.2", buildkit: "v9" } },
  ];
  return change.map((odd, index) => fabricatedSuccess("custom-default", index + 1, odd));
}

describe.each([...CASES])("the report of %s", (_, data) => {
  let html = "";
  beforeAll(async () => {
    html = await formatHtml(data);
  });

  it("holds no NaN, Infinity or undefined in any format", () => {
    const texts = [formatTerminal(data, { color: false }), formatMarkdown(data), formatJson(data), html];
    for (const text of texts) expect(text).not.toMatch(/\bNaN\b|Infinity|undefined|\[object/);
  });

  it("is JSON that says the same when read again", () => {
    const again: unknown = JSON.parse(formatJson(data));
    expect(again).toMatchObject({ schema: 1, records: data.records, problems: data.problems });
  });

  it("has as many cells in each row of a Markdown table as in its heading", () => {
    let columns = 0;
    for (const line of formatMarkdown(data).split("\n")) {
      const cells = line.startsWith("|") ? line.split(/(?<!\\)\|/).length : 0;
      if (columns > 0 && cells > 0) expect(cells).toBe(columns);
      columns = cells;
    }
  });

  it("is well-formed HTML with a title and without anything that runs or loads", () => {
    expect(unbalanced(html)).toEqual([]);
    expect(html).toMatch(/<html lang="en">/);
    expect(html).toMatch(/<title>[^<]{10,}<\/title>/);
    expect(html).not.toMatch(/<script|<iframe|<link|<img|javascript:|\son\w+=|@import|url\(/i);
    expect(html).not.toMatch(/https?:\/\//);
  });

  it("has a title, a description and a table for each chart", () => {
    const figures = html.match(/<figure [\s\S]*?<\/figure>/g) ?? [];
    for (const figure of figures) {
      const charts = figure.match(/<svg class="(wide|narrow)"[\s\S]*?<\/svg>/g) ?? [];
      expect(charts).toHaveLength(2);
      for (const chart of charts) {
        const [, title = "", description = ""] = /aria-labelledby="(\S+) (\S+)"/.exec(chart) ?? [];
        expect(chart).toContain(`<title id="${title}">`);
        expect(chart).toContain(`<desc id="${description}">`);
      }
      const named = /The numbers are in the table “([^”]+)”/.exec(figure)?.[1];
      expect(named === undefined ? figure : html).toContain(
        `<caption>${named ?? "Runs of the build step"}</caption>`,
      );
    }
    const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("is the same when written twice", async () => {
    expect(await formatHtml(data)).toBe(html);
    expect(await formatSvg(data)).toBe(await formatSvg(data));
  });
});

/** Tags that are not closed in order; void elements of HTML are none. */
function unbalanced(html: string): string[] {
  const open: string[] = [];
  const problems: string[] = [];
  const body = html.replace(/<style>[\s\S]*?<\/style>/, "");
  for (const [, end, name = "", selfClosed] of body.matchAll(
    /<(\/?)([a-zA-Z][\w-]*)(?:"[^"]*"|[^">])*?(\/?)>/g,
  )) {
    if (name === "meta" || selfClosed === "/") continue;
    if (end !== "/") open.push(name);
    else if (open.pop() !== name) problems.push(name);
  }
  return [...problems, ...open];
}

describe("the four by five report", () => {
  const data = CASES.get("four by five");
  if (data === undefined) throw new Error("no such case");

  it("stands the original beside the measured values in each format", async () => {
    for (const text of [
      formatTerminal(data, { color: false }),
      formatMarkdown(data),
      await formatHtml(data),
    ]) {
      expect(text).toContain("9m16s");
      expect(text.replaceAll(/[\s│]+/g, " ")).toMatch(/n=1,? .*unequal/);
    }
    expect(JSON.parse(formatJson(data))).toMatchObject({
      sets: [{ subjects: [{ published: 556 }, { published: 454 }, { published: 447 }, { published: 437 }] }],
      published: { table: { runs: 1 } },
    });
  });

  it("draws three charts of the set and one of the original", async () => {
    const html = await formatHtml(data);
    expect([...html.matchAll(/<figure id="([^"]+)"/g)].map(([, id]) => id)).toEqual([
      "set-0-phases",
      "set-0-runs",
      "set-0-cost",
      "published",
    ]);
  });

  it("draws every run as a point, each median and each published time", async () => {
    const html = await formatHtml(data);
    const figure = /<figure id="set-0-runs"[\s\S]*?<svg class="wide"([\s\S]*?)<\/svg>/.exec(html)?.[1] ?? "";
    const layers = figure.split(/(?=layer_\d_marks)/).slice(1);
    expect(layers.map((layer) => layer.match(/<path (?!class=)/g)?.length)).toEqual([20, 4, 4]);
  });

  it("fits a terminal of 80 columns", () => {
    const lines = formatTerminal(data, { color: false, width: 80 }).split("\n");
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it("colours the terminal only when asked", () => {
    expect(formatTerminal(data, { color: false })).not.toContain("\u001b");
    expect(formatTerminal(data, { color: true })).toContain("\u001b[1m");
  });

  it("draws a picture that brings its colours for both schemes", async () => {
    const svg = (await formatSvg(data)) ?? "";
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg).toContain("prefers-color-scheme:dark");
    const declared = new Set([...svg.matchAll(/--([\w-]+):/g)].map(([, name]) => name));
    for (const [, name] of svg.matchAll(/var\(--([\w-]+)\)/g)) expect(declared).toContain(name);
  });
});

describe("text from records", () => {
  const nasty = `<img src=x onerror=alert(1)>|"'&=SUM(A1)`;
  const failure = fabricatedFailure("hosted-default", 1, { detail: nasty, environment: nasty });
  const data = report([failure, fabricatedSuccess("custom-default", 1, { environment: nasty })]);

  it("stays text in HTML", async () => {
    const html = await formatHtml(data);
    expect(html).not.toContain("<img");
    expect(html).toContain("&lt;img src=x onerror=alert(1)&gt;");
    expect(unbalanced(html)).toEqual([]);
  });

  it("stays text in Markdown", () => {
    expect(formatMarkdown(data)).not.toContain("<img");
    expect(escapeMarkdown("a|b*c_d`e<f")).toBe("a\\|b\\*c\\_d\\`e&lt;f");
  });
});

describe("JSON", () => {
  const data = CASES.get("four by five");
  if (data === undefined) throw new Error("no such case");

  it("refuses what is not a number instead of writing null", () => {
    expect(() => formatJson({ ...data, seed: Number.NaN })).toThrow("must hold finite numbers");
  });

  it("rounds the noise of binary fractions away", () => {
    expect(formatJson({ ...data, seed: 0.1 + 0.2 })).toContain('"seed": 0.3,');
  });
});

describe("colours", () => {
  /** WCAG 2.2 contrast ratio of two colours written #rrggbb. */
  function contrast(a: string, b: string): number {
    const luminance = (color: string) => {
      const [r = 0, g = 0, blue = 0] = [1, 3, 5].map((at) => {
        const channel = Number.parseInt(color.slice(at, at + 2), 16) / 255;
        return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * blue;
    };
    const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  }

  it.each(["light", "dark"] as const)("of text reach 4.5:1 on a %s page and panel", (scheme) => {
    for (const ink of ["text", "muted", "accent"] as const) {
      for (const paper of ["background", "panel"] as const) {
        expect(contrast(PAGE[ink][scheme], PAGE[paper][scheme])).toBeGreaterThanOrEqual(4.5);
      }
    }
  });

  it.each(["light", "dark"] as const)("of shapes reach 3:1 on a %s page", (scheme) => {
    for (const [name, shade] of SHADES) {
      if (["background", "panel", "line"].includes(name)) continue;
      expect(contrast(shade[scheme], PAGE.background[scheme]), name).toBeGreaterThanOrEqual(3);
    }
  });
});

describe("words", () => {
  it.each([
    [0, "0.0s"],
    [4.24, "4.2s"],
    [59.94, "59.9s"],
    [59.96, "1m00s"],
    [556, "9m16s"],
    [3599.6, "1h00m00s"],
    [3725, "1h02m05s"],
  ])("write %d seconds as %s", (value, text) => {
    expect(words.seconds(value)).toBe(text);
  });

  it.each([
    [0.214, "21 % less"],
    [-0.25, "25 % more"],
    [0.004, "the same"],
  ])("write %d of the time as %s", (value, text) => {
    expect(words.lessTime(value)).toBe(text);
  });

  it("say a speed-up both ways", () => {
    const speedUp = {
      timesAsFast: 556 / 437,
      lessTime: 1 - 437 / 556,
      low: 1.2,
      high: 1.3,
      n: [5, 5],
    } as const;
    expect(words.speedUpSentence({ ...speedUp, verdict: "faster" })).toBe(
      "1.27 times as fast (21 % less time), 95 % interval 1.20 to 1.30",
    );
    expect(words.speedUpSentence({ ...speedUp, verdict: "no-difference-shown", low: 0.9 })).toBe(
      "no difference shown: 1.27 times as fast (21 % less time), 95 % interval 0.90 to 1.30",
    );
    expect(words.speedUpSentence({ ...speedUp, verdict: "one-run", low: null, high: null })).toBe(
      "1.27 times as fast (21 % less time); one run: no interval",
    );
  });
});
