import { count } from "../../util/words";
import { type Chart, costChart, phasesChart, publishedChart, runsChart, variantsChart } from "./charts";
import { isConfiguration } from "./cost";
import { seconds } from "./format";
import {
  MEASURE_NAMES,
  PHASES,
  type PublishedReport,
  type Report,
  type SetReport,
  type SubjectReport,
  type VariantComparison,
} from "./model";
import { colorOf, declarations, markOf, phaseName, SHAPE_PATHS } from "./palette";
import { STYLE } from "./style";
import { escapeXml as escapeHtml, inlineSvg, standaloneSvg, type Words } from "./svg";
import { CELL_PHASES, sectionsOf, type Table } from "./tables";

/** What was measured, in a heading. */
function titleOf({ title, sets }: Report): string {
  if (title !== undefined) return title;
  const subjects = [...new Set(sets.flatMap((set) => set.subjects.map(({ subject }) => subject)))];
  const what = subjects.every(isConfiguration) ? "configuration" : "variant";
  const compared = subjects.length > 1 ? `${count(subjects.length, what)} compared` : subjects.join("");
  return ["Building and pushing a container image", compared].filter((part) => part !== "").join(": ");
}

/** Each chart is drawn for a desktop and for a telephone, and the page shows the one that fits. */
const WIDTHS = { wide: 840, narrow: 328 } as const;

/** Characters of a cell that stays on one line, so that a time is not torn from its spread. */
const SHORT_CELL = 32;

/** One self-contained page: no script, nothing loaded from anywhere. */
export async function formatHtml(report: Report): Promise<string> {
  const charts = new Map<string, readonly string[]>();
  for (const [index, set] of report.sets.entries())
    charts.set(set.title, await setFigures(set, `set-${index}`));
  for (const [index, comparison] of report.variants.entries())
    charts.set(comparison.title, await variantsFigure(comparison, `variants-${index}`));
  if (report.published !== null) {
    charts.set(report.published.table.title, [await publishedFigure(report.published)]);
  }
  const sections = sectionsOf(report).map((section, index) => {
    const id = `section-${index}`;
    return [
      `<section aria-labelledby="${id}">`,
      `<h2 id="${id}">${escapeHtml(section.title)}</h2>`,
      ...(section.lead === undefined ? [] : [`<p class="lead">${escapeHtml(section.lead)}</p>`]),
      ...section.paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`),
      ...(charts.get(section.title) ?? []),
      ...section.tables.map((table) => tableHtml(table, section.title)),
      ...(section.notes.length === 0
        ? []
        : [`<ul class="notes">${section.notes.map((note) => `<li>${escapeHtml(note)}</li>`).join("")}</ul>`]),
      "</section>",
    ].join("\n");
  });
  return `${[
    "<!DOCTYPE html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    // The page is opened from disk and from artifacts: whatever a record holds, nothing may run or load.
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="color-scheme" content="light dark">',
    `<title>${escapeHtml(titleOf(report))}</title>`,
    `<style>:root{${declarations("light")}}@media (prefers-color-scheme:dark){:root{${declarations("dark")}}}\n${STYLE}</style>`,
    "</head>",
    "<body>",
    "<main>",
    "<header>",
    `<h1>${escapeHtml(titleOf(report))}</h1>`,
    `<p>${escapeHtml(introduction(report))}</p>`,
    "</header>",
    ...sections,
    "</main>",
    "</body>",
    "</html>",
  ].join("\n")}\n`;
}

/**
 * The picture for a README: the phases of the first environment that was built in several variants, else the
 * build step's runs of the first set, or the published times where nothing was measured. Undefined when there
 * is none of them.
 */
export async function formatSvg(report: Report): Promise<string | undefined> {
  for (const comparison of report.variants) {
    const words = variantsWords(comparison);
    const chart = await variantsChart(comparison, WIDTHS.wide, {
      text: comparison.title,
      subtitle: ["Phases overlap, so a bar can be longer than queue, set-up and build step."],
    });
    if (chart !== undefined) return standaloneSvg(chart, words);
  }
  for (const set of report.sets) {
    const words = runsWords(set);
    const beside = set.subjects.some(({ published }) => published !== null);
    const chart = await runsChart(set, WIDTHS.wide, {
      text: `${words.title}: ${set.title}`,
      subtitle: [
        "A point is one run, a bar the median. The axis does not start at zero.",
        ...(beside ? ["A diamond is the original article's time (n=1, unequal machines)."] : []),
      ],
    });
    if (chart !== undefined) return standaloneSvg(chart, words);
  }
  if (report.published === null) return undefined;
  const words = publishedWords(report.published);
  const { runs, image, instanceType } = report.published.table;
  const heading = {
    text: words.title,
    subtitle: [`n=${runs}, unequal machines, nodes ${instanceType}`, image.description],
  };
  return standaloneSvg(await publishedChart(report.published, WIDTHS.wide, heading), words);
}

function introduction({ records, sets, baseline, seed }: Report): string {
  if (sets.length === 0) return "No measured builds: only what was published.";
  return `${count(records, "record")}, compared with ${baseline}; intervals from seed ${seed}.`;
}

async function setFigures(set: SetReport, id: string): Promise<string[]> {
  const subjects = set.subjects.map(({ subject }) => subject);
  const costs = set.subjects.filter(
    ({ cost, runs }) => cost !== null && cost.total !== null && runs.length > 0,
  );
  return [
    ...(await figure(`${id}-phases`, phasesWords(set), (width) => phasesChart(set, width), {
      place: set.title,
      legend: phasesLegend(set.subjects),
      table: "Phases",
    })),
    ...(await figure(`${id}-runs`, runsWords(set), (width) => runsChart(set, width), {
      place: set.title,
      legend: [
        legendItem(shape(SHAPE_PATHS.circle, "accent"), "one run"),
        legendItem(shape("M7 1h3v14h-3z", "text"), "median"),
        ...(set.subjects.some(({ published }) => published !== null)
          ? [
              legendItem(
                outline(SHAPE_PATHS.diamond, "phase-push"),
                "original article (n=1, unequal machines)",
              ),
            ]
          : []),
        "<li>(the axis does not start at zero)</li>",
      ],
      table: runsTable(set),
    })),
    ...(await figure(
      `${id}-cost`,
      {
        title: "Cost against time",
        description: `Cost of a build against its time for ${subjects.join(", ")}; the table Cost of a build has the numbers.`,
      },
      (width) => costChart(set, width),
      {
        place: set.title,
        legend: costs.map(({ subject }) => {
          const mark = markOf(subject);
          return legendItem(shape(SHAPE_PATHS[mark.shape], mark.color), subject);
        }),
        table: "Cost of a build",
      },
    )),
  ];
}

function phasesLegend(bars: readonly Pick<SubjectReport, "measures">[]): string[] {
  return PHASES.filter((phase) => bars.some(({ measures }) => (measures[phase]?.median ?? 0) > 0)).map(
    (phase) => legendItem(square(colorOf(phaseName(phase))), MEASURE_NAMES[phase]),
  );
}

function variantsFigure(comparison: VariantComparison, id: string): Promise<string[]> {
  return figure(id, variantsWords(comparison), (width) => variantsChart(comparison, width), {
    place: comparison.title,
    legend: phasesLegend(comparison.cells),
    table: CELL_PHASES,
  });
}

function variantsWords({ cells }: VariantComparison): Words {
  const parts = cells.flatMap(({ name, measures: { build } }) =>
    build === null ? [] : [`${name} ${seconds(build.median)}`],
  );
  return {
    title: "Where the time goes, by configuration and variant",
    description: `Stacked median time of each phase. Medians of the build step: ${parts.join(", ")}. Phases overlap, so a bar can be longer.`,
  };
}

function phasesWords(set: SetReport): Words {
  return {
    title: "Where the time goes",
    description: `Stacked median time of each phase for ${set.subjects.map(({ subject }) => subject).join(", ")}; phases overlap, so a bar can be longer than the build step.`,
  };
}

function runsWords(set: SetReport): Words {
  const parts = set.subjects.flatMap(({ subject, measures: { build } }) =>
    build === null ? [] : [`${subject} ${seconds(build.median)} (n=${build.n})`],
  );
  return {
    title: "Every run of the build step",
    description: `Medians: ${parts.join(", ")}. The axis does not start at zero.`,
  };
}

function publishedWords({ table }: PublishedReport): Words {
  const times = table.times.map((time) => `${time.configuration} ${seconds(time.seconds)}`);
  return {
    title: `${table.title}: elapsed time of one build and push`,
    description: `${times.join(", ")}. One run each, on unequal machines.`,
  };
}

async function publishedFigure(published: PublishedReport): Promise<string> {
  const made = await figure(
    "published",
    publishedWords(published),
    (width) => publishedChart(published, width),
    {
      place: published.table.title,
      legend: [],
      table: `Published times (n=${published.table.runs}, unequal machines)`,
    },
  );
  return made.join("");
}

/** The numbers behind the picture of the runs: a table of its own. */
function runsTable(set: SetReport): Table {
  return {
    title: "Runs of the build step",
    columns: ["configuration", "n", "shortest", "lower quartile", "median", "upper quartile", "longest"],
    rows: set.subjects.flatMap(({ subject, measures: { build } }) =>
      build === null
        ? []
        : [
            [
              subject,
              String(build.n),
              ...[build.min, build.q1 ?? build.median, build.median, build.q3 ?? build.median, build.max].map(
                seconds,
              ),
            ],
          ],
    ),
  };
}

/** Where the numbers of a chart are text: under a heading of the section, or in a table of its own. */
interface FigureParts {
  readonly place: string;
  readonly legend: readonly string[];
  readonly table: string | Table;
}

async function figure(
  id: string,
  words: Words,
  drawAt: (width: number) => Promise<Chart | undefined>,
  { place, legend, table }: FigureParts,
): Promise<string[]> {
  const wide = await drawAt(WIDTHS.wide);
  const narrow = await drawAt(WIDTHS.narrow);
  if (wide === undefined || narrow === undefined) return [];
  const alternative =
    typeof table === "string"
      ? `<p class="alternative">The numbers are in the table “${escapeHtml(table)}”.</p>`
      : `<details><summary>The numbers as a table</summary>${tableHtml(table, place)}</details>`;
  return [
    [
      `<figure id="${id}">`,
      `<figcaption>${escapeHtml(words.title)}</figcaption>`,
      ...(legend.length === 0 ? [] : [`<ul class="legend">${legend.join("")}</ul>`]),
      inlineSvg(wide, `${id}-wide`, words, "wide"),
      inlineSvg(narrow, `${id}-narrow`, words, "narrow"),
      alternative,
      "</figure>",
    ].join("\n"),
  ];
}

function legendItem(symbol: string, label: string): string {
  return `<li>${symbol}${escapeHtml(label)}</li>`;
}

function symbol(path: string, attributes: string): string {
  return `<svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true"><path d="${path}" ${attributes}/></svg>`;
}

function square(color: string): string {
  return symbol("M1 1h14v14h-14z", `fill="${color}"`);
}

function shape(path: string, color: string): string {
  return symbol(path, `fill="${colorOf(color)}"`);
}

function outline(path: string, color: string): string {
  return symbol(path, `fill="none" stroke="${colorOf(color)}" stroke-width="2"`);
}

/** @param place distinguishes tables of the same title on one page */
function tableHtml({ title, columns, rows, caption }: Table, place: string): string {
  const head = columns.map((column) => `<th scope="col">${escapeHtml(column)}</th>`).join("");
  const body = rows.map(([name = "", ...values]) => {
    const cells = values
      .map((value) => `<td${value.length <= SHORT_CELL ? ' class="short"' : ""}>${escapeHtml(value)}</td>`)
      .join("");
    return `<tr><th scope="row">${escapeHtml(name)}</th>${cells}</tr>`;
  });
  const label = escapeHtml(title);
  const region = escapeHtml(`${title}, ${place}`);
  return [
    // A wide table scrolls by itself, by keyboard too, and never widens the page.
    `<div class="scroll" role="region" tabindex="0" aria-label="${region}">`,
    `<table><caption>${label}</caption><thead><tr>${head}</tr></thead>`,
    `<tbody>${body.join("\n")}</tbody></table>`,
    "</div>",
    ...(caption === undefined ? [] : [`<p class="caption">${escapeHtml(caption)}</p>`]),
  ].join("\n");
}
