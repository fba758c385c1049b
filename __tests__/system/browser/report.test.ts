import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { BuildRecord } from "../../../measure/record/record";
import { costBasis } from "../../../measure/report/cost";
import { formatHtml } from "../../../measure/report/html";
import type { Report } from "../../../measure/report/model";
import { PAGE, SHADES } from "../../../measure/report/palette";
import { parsePublished } from "../../../measure/report/published";
import { buildReport } from "../../../measure/report/summary";
import {
  fabricatedC5,
  fabricatedEightByFive,
  fabricatedFailure,
  fabricatedFourByFive,
} from "../../measure/report/fabricated-records";
import { Chromium } from "./chromium";

const box = z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() });
const measuredSchema = z.object({
  texts: z.number(),
  worst: z.array(z.object({ text: z.string(), ratio: z.number() })),
  charts: z.array(
    z.object({
      id: z.string(),
      frame: box,
      title: z.string(),
      fontSize: z.number(),
      inks: z.array(z.string()),
      outside: z.array(z.string()),
      overlapping: z.array(z.string()),
    }),
  ),
  figures: z.number(),
  background: z.string(),
  pageWidth: z.number(),
  viewport: z.number(),
  pageHeight: z.number(),
});
type Measured = z.infer<typeof measuredSchema>;

const MEASURE = readFileSync(join(__dirname, "measure-page.js"), "utf8");

let chromium: Chromium | undefined;
let folder = "";

/** The pages, by name, with the number of their pictures. */
const PAGES = {
  "of everything": { report: reportOfEverything, figures: 7 },
  "of eight cells": { report: reportOfEightCells, figures: 8 },
} as const satisfies Record<string, { report: () => Report; figures: number }>;
type PageName = keyof typeof PAGES;

const pathOf = (name: PageName) => join(folder, `report-${name.replaceAll(" ", "-")}.html`);
const urlOf = (name: PageName) => pathToFileURL(pathOf(name)).href;

beforeAll(async () => {
  chromium = Chromium.launch();
  folder = mkdtempSync(join(tmpdir(), "report-page-"));
  for (const name of ["of everything", "of eight cells"] as const) {
    writeFileSync(pathOf(name), await formatHtml(PAGES[name].report()));
  }
}, 60_000);

afterAll(async () => {
  await chromium?.close();
  if (folder !== "") rmSync(folder, { recursive: true });
});

/** Everything the page can show: two instance types, a failure, an odd machine, the original. */
function reportOfEverything(): Report {
  const failure = fabricatedFailure("custom-default", 6, {
    detail: "an invented reason of some length, ".repeat(5),
  });
  const odd = fabricatedFourByFive({ round: 7, limits: { cpus: 4, memoryBytes: 7 * 2 ** 30 } }).slice(0, 1);
  return reportOf(
    [...fabricatedFourByFive(), ...fabricatedC5(), failure, ...odd],
    ["an-invented-file-name-that-is-quite-long-and-cannot-be-broken-at-a-space.jsonl, line 3: cut off"],
  );
}

/** Four configurations in two variants. */
function reportOfEightCells(): Report {
  return reportOf(fabricatedEightByFive(), []);
}

function reportOf(records: readonly BuildRecord[], problems: readonly string[]): Report {
  const original = parsePublished(readFileSync("measure/report/original-2021.json", "utf8"));
  const published = original !== undefined && "published" in original ? original.published : undefined;
  return buildReport(
    { records, published, problems },
    {
      seed: 1,
      baseline: "hosted-default",
      cost: costBasis({ hostedIsFree: false, fixedPerMonth: () => 230 }),
    },
  );
}

interface Look {
  readonly measured: Measured;
  readonly requests: readonly string[];
}

async function look(name: PageName, width: number, scheme: "light" | "dark"): Promise<Look> {
  if (chromium === undefined) throw new Error("Chromium was not started");
  const page = await chromium.page();
  const size = (height: number) =>
    page("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: width < 600 });
  const requests: string[] = [];
  const loaded = new Promise<void>((resolve) => {
    chromium?.listen((method, params) => {
      if (method === "Page.loadEventFired") resolve();
      if (method === "Network.requestWillBeSent") requests.push(requestedUrl(params));
    });
  });
  await page("Page.enable");
  await page("Network.enable");
  await size(900);
  await page("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
  await page("Page.navigate", { url: urlOf(name) });
  await loaded;
  // Elements can be found by their place only inside the viewport: make it as high as the page.
  await size((await evaluate(page)).pageHeight);
  return { measured: await evaluate(page), requests };
}

function requestedUrl(params: unknown): string {
  return z.object({ request: z.object({ url: z.string() }) }).parse(params).request.url;
}

async function evaluate(page: Awaited<ReturnType<Chromium["page"]>>): Promise<Measured> {
  const { result, exceptionDetails } = await page("Runtime.evaluate", {
    expression: MEASURE,
    returnByValue: true,
  });
  expect(exceptionDetails).toBeUndefined();
  return z.object({ value: measuredSchema }).parse(result).value;
}

/** Colours that each chart must show. */
const INKS: readonly (readonly [chart: RegExp, colors: readonly string[]])[] = [
  [/-phases$/, ["phase-install", "phase-push"]],
  [/-runs$/, ["text"]],
  [/-cost$/, ["subject-3"]],
  [/^published$/, ["accent"]],
  [/^variants-0$/, ["phase-install", "phase-export", "phase-push"]],
];

describe.each([
  ["of everything", 1200, "light"],
  ["of everything", 390, "dark"],
  ["of eight cells", 1200, "dark"],
  ["of eight cells", 390, "light"],
] as const)("the report's page %s, %d pixels wide and %s", (name, width, scheme) => {
  let seen: Look;
  beforeAll(async () => {
    seen = await look(name, width, scheme);
  }, 60_000);

  it("does not overflow sideways", () => {
    expect(seen.measured.viewport).toBe(width);
    expect(seen.measured.pageWidth).toBeLessThanOrEqual(width);
  });

  it("has every text in a contrast of 4.5 or more", () => {
    expect(seen.measured.texts).toBeGreaterThan(300);
    expect(seen.measured.worst.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
  });

  it("shows one drawing of each chart, no wider than the page and with legible labels", () => {
    const { charts, figures } = seen.measured;
    expect(figures).toBe(PAGES[name].figures);
    expect(charts.map(({ id }) => id)).toHaveLength(new Set(charts.map(({ id }) => id)).size);
    expect(charts).toHaveLength(figures);
    for (const { frame, fontSize, title } of charts) {
      expect(title).not.toBe("");
      expect(frame.width).toBeGreaterThan(250);
      expect(frame.x + frame.width).toBeLessThanOrEqual(width);
      expect(fontSize).toBeGreaterThanOrEqual(11);
    }
  });

  it("cuts no label off and lets none overlap", () => {
    for (const { outside, overlapping } of seen.measured.charts) {
      expect(outside).toEqual([]);
      expect(overlapping).toEqual([]);
    }
  });

  it("is painted in the colours of its scheme, charts included", () => {
    expect(seen.measured.background).toBe(PAGE.background[scheme]);
    for (const { id, inks } of seen.measured.charts) {
      const expected = INKS.filter(([pattern]) => pattern.test(id)).flatMap(([, colors]) => colors);
      expect(inks, id).toEqual(expect.arrayContaining(expected.map((color) => SHADES.get(color)?.[scheme])));
    }
  });

  it("asks for nothing but itself", () => {
    expect(seen.requests.length).toBeGreaterThan(0);
    expect(seen.requests.filter((request) => request !== urlOf(name))).toEqual([]);
  });
});
