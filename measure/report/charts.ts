import type { TopLevelSpec } from "vega-lite" with { "resolution-mode": "import" };
import { seconds } from "./format";
import {
  MEASURE_NAMES,
  PHASES,
  type Phase,
  type PublishedReport,
  type SetReport,
  type VariantComparison,
} from "./model";
import { colorOf, markOf, phaseName } from "./palette";

/** SVG text whose colours are CSS custom properties of the page (see palette.ts), width x height in pixels. */
export interface Chart {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** Height of one configuration's band in pixels: its name above, its marks below. */
const BAND = 54;
/** Distance in pixels from the middle of a band down to its marks: the name is above. */
const BELOW_NAME = 10;
/** Keeps the outermost mark off the frame. */
const MARGIN = 1.08;
/** The golden ratio's fraction spreads consecutive points evenly, and the same way each time. */
const GOLDEN = 0.618033988749895;

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";

/** Title of a chart that is a picture of its own. */
export interface Heading {
  readonly text: string;
  /** Lines of at most 75 characters: vega guesses widths generously and would shrink the plot for longer ones. */
  readonly subtitle: readonly string[];
}

/** What the axes of time count in: a build of seconds would be a few hundredths of a minute. */
function unitOf(set: SetReport): { readonly name: "minutes" | "seconds"; readonly seconds: number } {
  const longest = Math.max(0, ...set.subjects.map(({ measures: { build } }) => build?.max ?? 0));
  return longest < 120 ? { name: "seconds", seconds: 1 } : { name: "minutes", seconds: 60 };
}

/**
 * Vega keeps groups by name in plain objects and fails on a name that every object has ("hasOwnProperty").
 * A space after it does not show.
 */
function drawable(set: SetReport): SetReport {
  const subjects = set.subjects.map((one) =>
    one.subject in {} ? { ...one, subject: `${one.subject} ` } : one,
  );
  return { ...set, subjects };
}

/** Stacked medians of the phases, one bar a configuration; undefined where no phase is known. */
export async function phasesChart(given: SetReport, width: number): Promise<Chart | undefined> {
  const set = drawable(given);
  const unit = unitOf(set);
  const values = set.subjects.flatMap(({ subject, measures }) =>
    PHASES.flatMap((phase, order) => {
      const statistic = measures[phase];
      return statistic === null || statistic.median === 0
        ? []
        : [{ subject, phase: MEASURE_NAMES[phase], order, time: statistic.median / unit.seconds }];
    }),
  );
  if (values.length === 0) return undefined;
  const phases = PHASES.filter((phase) => values.some((value) => value.phase === MEASURE_NAMES[phase]));
  return draw(
    {
      data: { values },
      mark: { type: "bar", height: 24, yOffset: BELOW_NAME, stroke: colorOf("background"), strokeWidth: 1 },
      encoding: {
        y: bands(set.subjects.map(({ subject }) => subject)),
        x: { field: "time", type: "quantitative", stack: "zero", title: `${unit.name} (medians, stacked)` },
        order: { field: "order", type: "quantitative" },
        color: { ...phaseColors(phases), legend: null },
      },
    },
    width,
    set.subjects.length * BAND,
  );
}

/** Heights in the picture of variants, in pixels: a configuration's name, a line of a label, a bar, the gap after it. */
const GROUP = { name: 26, line: 17, bar: 18, gap: 7, after: 8 } as const;
/** Average width of a character of a label, in pixels. */
const CHARACTER = 7;

/**
 * Stacked medians of the phases, a bar for each variant under the name of its configuration; undefined where no
 * phase is known. Places are computed here: no scale of vega-lite leaves room for names above the bars.
 */
export async function variantsChart(
  { cells }: VariantComparison,
  width: number,
  heading?: Heading,
): Promise<Chart | undefined> {
  const bars: { phase: string; from: number; to: number; top: number; bottom: number }[] = [];
  const labels: { text: string; y: number; role: "configuration" | "variant" }[] = [];
  const phases = new Set<Phase>();
  let y = 0;
  let configuration: string | undefined;
  for (const cell of cells) {
    if (cell.configuration !== configuration) {
      if (configuration !== undefined) y += GROUP.after;
      configuration = cell.configuration;
      labels.push({ text: configuration, y: y + GROUP.name / 2, role: "configuration" });
      y += GROUP.name;
    }
    const { build } = cell.measures;
    const time = build === null ? "no run that counts" : `build step ${seconds(build.median)}`;
    for (const text of lines(`${cell.variant}: ${time}`, Math.floor(width / CHARACTER) - 4)) {
      labels.push({ text, y: y + GROUP.line / 2, role: "variant" });
      y += GROUP.line;
    }
    let minutes = 0;
    for (const phase of PHASES) {
      const median = cell.measures[phase]?.median ?? 0;
      if (median === 0) continue;
      phases.add(phase);
      const from = minutes;
      minutes += median / 60;
      bars.push({ phase: MEASURE_NAMES[phase], from, to: minutes, top: y, bottom: y + GROUP.bar });
    }
    y += GROUP.bar + GROUP.gap;
  }
  if (bars.length === 0) return undefined;
  const shown = PHASES.filter((phase) => phases.has(phase));
  const height = y;
  const pixels = {
    type: "quantitative",
    axis: null,
    scale: { domain: [0, height], range: [0, height] },
  } as const;
  return draw(
    {
      ...titled(heading),
      layer: [
        {
          data: { values: bars },
          mark: { type: "rect", stroke: colorOf("background"), strokeWidth: 1 },
          encoding: {
            x: { field: "from", type: "quantitative", title: "minutes (medians, stacked)" },
            x2: { field: "to" },
            y: { field: "top", ...pixels },
            y2: { field: "bottom" },
            color: {
              ...phaseColors(shown),
              // A page has a legend of its own, in its own type.
              legend:
                heading === undefined
                  ? null
                  : {
                      orient: "bottom",
                      title: null,
                      columns: 5,
                      labelColor: colorOf("text"),
                      labelFontSize: 13,
                    },
            },
          },
        },
        ...(["configuration", "variant"] as const).map((role) => ({
          data: { values: labels.filter((label) => label.role === role) },
          mark: {
            type: "text",
            align: "left",
            baseline: "middle",
            fontSize: role === "configuration" ? 14 : 13,
            fontWeight: role === "configuration" ? "bold" : "normal",
            color: colorOf(role === "configuration" ? "text" : "muted"),
          },
          encoding: {
            x: { value: 0 },
            y: { field: "y", ...pixels },
            text: { field: "text", type: "nominal" },
          },
        })),
      ],
    },
    width,
    height,
  );
}

/** Breaks after spaces and commas, so that no line is longer than `most` where that can be helped. */
function lines(text: string, most: number): string[] {
  const made: string[] = [];
  let line = "";
  for (const part of text.split(/(?<=[ ,])/)) {
    if (line !== "" && (line + part).trimEnd().length > most) {
      made.push(line.trimEnd());
      line = "";
    }
    line += part;
  }
  return [...made, line];
}

/** Every run as a point and the median as a bar, with the published time as a diamond beside. */
export async function runsChart(
  given: SetReport,
  width: number,
  heading?: Heading,
): Promise<Chart | undefined> {
  const set = drawable(given);
  const unit = unitOf(set);
  const runs = set.subjects.flatMap(({ subject, runs: times }) =>
    times.map(({ seconds }, index) => ({
      subject,
      time: seconds / unit.seconds,
      // A single run sits in the middle.
      offset: times.length === 1 ? 0 : (((index + 1) * GOLDEN) % 1) - 0.5,
    })),
  );
  const medians = set.subjects.flatMap(({ subject, measures: { build } }) =>
    build === null ? [] : [{ subject, time: build.median / unit.seconds }],
  );
  if (runs.length === 0) return undefined;
  const published = set.subjects.flatMap(({ subject, published: seconds }) =>
    seconds === null ? [] : [{ subject, time: seconds / unit.seconds }],
  );
  const y = bands(set.subjects.map(({ subject }) => subject));
  // Every point counts here and no length does, so the axis need not start at nothing.
  const x = {
    field: "time",
    type: "quantitative",
    title: `${unit.name} of the build step`,
    scale: { zero: false, nice: true, padding: 12 },
  } as const;
  // Thousands of points would be one blot at full size.
  const crowded = runs.length > 400;
  return draw(
    {
      ...titled(heading),
      layer: [
        {
          data: { values: runs },
          mark: {
            type: "point",
            filled: true,
            size: crowded ? 8 : 36,
            opacity: crowded ? 0.4 : 0.75,
            color: colorOf("accent"),
          },
          encoding: {
            y,
            x,
            yOffset: {
              field: "offset",
              type: "quantitative",
              // The runs take the lower half of their band.
              scale: { domain: [-1.37, 0.63] },
            },
          },
        },
        {
          data: { values: medians },
          mark: {
            type: "tick",
            opacity: 1,
            thickness: 3,
            size: 26,
            yOffset: BELOW_NAME,
            color: colorOf("text"),
          },
          encoding: { y, x },
        },
        {
          data: { values: published },
          mark: {
            type: "point",
            shape: "diamond",
            yOffset: BELOW_NAME,
            filled: false,
            opacity: 1,
            size: 90,
            strokeWidth: 2,
            color: colorOf("phase-push"),
          },
          encoding: { y, x },
        },
      ],
    },
    width,
    set.subjects.length * BAND,
  );
}

/** Cost of a build against the time of its build step; undefined where no cost is known. */
export async function costChart(given: SetReport, width: number): Promise<Chart | undefined> {
  const set = drawable(given);
  const values = set.subjects.flatMap(({ subject, cost, measures: { build } }) =>
    cost === null || cost.total === null || build === null
      ? []
      : [{ subject, minutes: build.median / 60, cents: cost.total * 100 }],
  );
  if (values.length === 0) return undefined;
  const marks = values.map(({ subject }) => markOf(subject));
  const domain = values.map(({ subject }) => subject);
  const bySubject = { field: "subject", type: "nominal", legend: null } as const;
  const fromZero = (field: "minutes" | "cents", title: string) => ({
    field,
    type: "quantitative",
    title,
    scale: { zero: true, nice: true, domainMax: MARGIN * Math.max(...values.map((value) => value[field])) },
  });
  return draw(
    {
      data: { values },
      mark: { type: "point", filled: true, size: 160, opacity: 1 },
      encoding: {
        x: fromZero("minutes", "minutes of the build step (median)"),
        y: { ...fromZero("cents", "US cents per build (mean)"), axis: { tickCount: 5 } },
        color: { ...bySubject, scale: { domain, range: marks.map(({ color }) => colorOf(color)) } },
        shape: { ...bySubject, scale: { domain, range: marks.map(({ shape }) => shape) } },
      },
    },
    width,
    240,
  );
}

/** The published times as bars, each with its time at the end. */
export async function publishedChart(
  { table }: PublishedReport,
  width: number,
  heading?: Heading,
): Promise<Chart> {
  const values = table.times.map(({ configuration, seconds }) => ({
    subject: configuration,
    minutes: seconds / 60,
    label: `${Math.floor(seconds / 60)}m${String(Math.round(seconds % 60)).padStart(2, "0")}s`,
  }));
  const encoding = {
    y: bands(values.map(({ subject }) => subject)),
    x: { field: "minutes", type: "quantitative", title: "minutes elapsed" },
  } as const;
  return draw(
    {
      ...titled(heading),
      data: { values },
      encoding,
      layer: [
        { mark: { type: "bar", height: 24, yOffset: BELOW_NAME, color: colorOf("accent") } },
        {
          mark: {
            type: "text",
            align: "right",
            dx: -8,
            yOffset: BELOW_NAME,
            fontSize: 13,
            fontWeight: "bold",
            color: colorOf("background"),
          },
          encoding: { text: { field: "label", type: "nominal" } },
        },
      ],
    },
    width,
    values.length * BAND,
  );
}

/** Bold, and so wider than a subtitle's: vega would take the plot's room for a longer one. */
const TITLE_CHARACTERS = 66;

function titled(heading: Heading | undefined) {
  if (heading === undefined) return {};
  const text = lines(heading.text, TITLE_CHARACTERS);
  return { title: { ...heading, text, anchor: "start", frame: "group", offset: 12 } };
}

function phaseColors(phases: readonly Phase[]) {
  return {
    field: "phase",
    type: "nominal",
    scale: {
      domain: phases.map((phase) => MEASURE_NAMES[phase]),
      range: phases.map((phase) => colorOf(phaseName(phase))),
    },
  } as const;
}

function bands(subjects: readonly string[]) {
  return {
    field: "subject",
    type: "nominal",
    title: null,
    sort: [...subjects],
    scale: { domain: [...subjects], padding: 0 },
    // Names are above their bars: a telephone has no room beside them.
    axis: { labelAlign: "left", labelPadding: 0, labelOffset: -BAND / 2 + 12, ticks: false, domain: false },
  } as const;
}

/**
 * @param spec without size and look, which are the same for all
 * @param width of the whole picture, labels included, in pixels
 * @param height of the plot alone
 */
async function draw(spec: object, width: number, height: number): Promise<Chart> {
  // Half a second to load, so only a report with pictures pays for it.
  const [vega, vegaLite] = await Promise.all([import("vega"), import("vega-lite")]);
  const styled = {
    ...spec,
    width,
    height,
    autosize: { type: "fit-x", contains: "padding" },
    padding: 4,
    background: "transparent",
    config: {
      // The page gives title, description and table; 2,000 labelled points would drown a screen reader.
      aria: false,
      font: FONT,
      view: { stroke: null },
      title: {
        color: colorOf("text"),
        subtitleColor: colorOf("muted"),
        fontSize: 15,
        subtitleFontSize: 13,
        subtitlePadding: 4,
      },
      axis: {
        labelColor: colorOf("text"),
        titleColor: colorOf("muted"),
        titleFontWeight: "normal",
        labelFontSize: 13,
        titleFontSize: 13,
        domainColor: colorOf("line"),
        tickColor: colorOf("line"),
        gridColor: colorOf("line"),
        labelLimit: width - 20,
        // About a label each 60 pixels.
        tickCount: Math.max(3, Math.floor(width / 60)),
      },
    },
  };
  const compiled = vegaLite.compile(styled as TopLevelSpec, { logger: vega.logger(vega.Warn) });
  const view = new vega.View(vega.parse(compiled.spec), { renderer: "none" });
  try {
    const svg = await view.toSVG();
    const size = /viewBox="0 0 (\d+(?:\.\d+)?) (\d+(?:\.\d+)?)"/.exec(svg);
    if (size === null) throw new Error("vega drew an SVG without a viewBox");
    return { svg, width: Number(size[1]), height: Number(size[2]) };
  } finally {
    view.finalize();
  }
}
