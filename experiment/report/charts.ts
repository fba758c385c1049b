import type { TopLevelSpec } from "vega-lite" with { "resolution-mode": "import" };
import { MEASURE_NAMES, PHASES, type PublishedReport, type SetReport } from "./model";
import { colorOf, markOf, phaseName } from "./palette";

/** SVG text whose colours are CSS custom properties of the page (see palette.ts), width x height in pixels. */
export interface Chart {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** Height of one configuration's band in pixels: its name above, its marks below. */
const BAND = 54;
/** Marks stand so far under the middle of their band, which leaves the top to the name. */
const BELOW_NAME = 10;
/** Keeps the outermost mark off the frame. */
const MARGIN = 1.08;
/** The golden ratio's fraction spreads consecutive points evenly, and the same way each time. */
const GOLDEN = 0.618033988749895;

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";

/** Words drawn above a chart that stands alone. */
export interface Heading {
  readonly text: string;
  /** Lines of at most 75 characters: vega guesses widths generously and would shrink the plot for longer ones. */
  readonly subtitle: readonly string[];
}

/** Stacked medians of the phases, one bar a configuration; undefined where no phase is known. */
export async function phasesChart(set: SetReport, width: number): Promise<Chart | undefined> {
  const values = set.subjects.flatMap(({ subject, measures }) =>
    PHASES.flatMap((phase, order) => {
      const statistic = measures[phase];
      return statistic === null || statistic.median === 0
        ? []
        : [{ subject, phase: MEASURE_NAMES[phase], order, minutes: statistic.median / 60 }];
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
        x: { field: "minutes", type: "quantitative", stack: "zero", title: "minutes (medians, stacked)" },
        order: { field: "order", type: "quantitative" },
        color: {
          field: "phase",
          type: "nominal",
          scale: {
            domain: phases.map((phase) => MEASURE_NAMES[phase]),
            range: phases.map((phase) => colorOf(phaseName(phase))),
          },
          legend: null,
        },
      },
    },
    width,
    set.subjects.length * BAND,
  );
}

/** Every run as a point and the median as a bar, with the published time as a diamond beside. */
export async function runsChart(
  set: SetReport,
  width: number,
  heading?: Heading,
): Promise<Chart | undefined> {
  const runs = set.subjects.flatMap(({ subject, runs: times }) =>
    times.map(({ seconds }, index) => ({
      subject,
      minutes: seconds / 60,
      // A single run sits in the middle.
      offset: times.length === 1 ? 0 : (((index + 1) * GOLDEN) % 1) - 0.5,
    })),
  );
  const medians = set.subjects.flatMap(({ subject, measures: { build } }) =>
    build === null ? [] : [{ subject, minutes: build.median / 60 }],
  );
  if (runs.length === 0) return undefined;
  const published = set.subjects.flatMap(({ subject, published: seconds }) =>
    seconds === null ? [] : [{ subject, minutes: seconds / 60 }],
  );
  const y = bands(set.subjects.map(({ subject }) => subject));
  // Every point counts here and no length does, so the axis need not start at nothing.
  const x = {
    field: "minutes",
    type: "quantitative",
    title: "minutes of the build step",
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
export async function costChart(set: SetReport, width: number): Promise<Chart | undefined> {
  const values = set.subjects.flatMap(({ subject, cost, measures: { build } }) =>
    cost === null || cost.total === null || build === null
      ? []
      : [{ subject, minutes: build.median / 60, cents: cost.total * 100 }],
  );
  if (values.length === 0) return undefined;
  const marks = values.map(({ subject }) => markOf(subject));
  const domain = values.map(({ subject }) => subject);
  return draw(
    {
      data: { values },
      mark: { type: "point", filled: true, size: 160, opacity: 1 },
      encoding: {
        x: {
          field: "minutes",
          type: "quantitative",
          title: "minutes of the build step (median)",
          scale: {
            zero: true,
            nice: true,
            domainMax: MARGIN * Math.max(...values.map(({ minutes }) => minutes)),
          },
        },
        y: {
          field: "cents",
          type: "quantitative",
          title: "US cents per build (mean)",
          scale: {
            zero: true,
            nice: true,
            domainMax: MARGIN * Math.max(...values.map(({ cents }) => cents)),
          },
          axis: { tickCount: 5 },
        },
        color: {
          field: "subject",
          type: "nominal",
          scale: { domain, range: marks.map(({ color }) => colorOf(color)) },
          legend: null,
        },
        shape: {
          field: "subject",
          type: "nominal",
          scale: { domain, range: marks.map(({ shape }) => shape) },
          legend: null,
        },
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

function titled(heading: Heading | undefined) {
  return heading === undefined ? {} : { title: { ...heading, anchor: "start", frame: "group", offset: 12 } };
}

function bands(subjects: readonly string[]) {
  return {
    field: "subject",
    type: "nominal",
    title: null,
    sort: [...subjects],
    scale: { domain: [...subjects], padding: 0 },
    // Names stand above their bars: on a telephone there is no room beside them.
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
