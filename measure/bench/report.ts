import { readFileSync } from "node:fs";
import { basename, relative } from "node:path";
import { listed } from "../../util/words";
import { type BuildRecord, isSuccess, parseRecords, type SuccessRecord, subjectOf } from "../record/record";
import { Bootstrap, describe, type SpeedUp } from "../record/statistics";
import { gigabytes, interval, NONE, ratio, seconds, speedUpSentence, verdict } from "../report/format";
import type { Report } from "../report/model";
import { buildReport } from "../report/summary";
import type { Section, Table } from "../report/tables";
import { describeInputs } from "./build-inputs";
import { describePaths } from "./file-list";
import type { Limit } from "./limit";
import type { BenchOptions } from "./options";
import { SCENARIO_WORDS, type Scenario } from "./plan";
import type { Findings } from "./run";

function titleOf({ source, variants }: Pick<BenchOptions, "source" | "variants">): string {
  if (source.kind === "size") {
    return "What makes a big image fast to build and push: variants measured on one BuildKit";
  }
  return `Building and pushing ${basename(source.context)}: ${listed(variants.map(({ label }) => label))} measured on one BuildKit`;
}

/** The report of one bench's records: the experiment's own, and what only a bench knows. */
export function benchReport(recordsFile: string, options: BenchOptions, findings: Findings): Report {
  const { records, problems } = parseRecords(readFileSync(recordsFile, "utf8"), recordsFile);
  const baseline = options.variants[0]?.label ?? "original";
  const report = buildReport(
    { records, published: undefined, problems: problems.map(({ message }) => message) },
    { seed: options.seed, baseline, cost: undefined },
  );
  return { ...report, title: titleOf(options), sections: benchSections(records, options, findings) };
}

export function benchSections(
  records: readonly BuildRecord[],
  { source, scenarios, variants, seed }: Pick<BenchOptions, "source" | "scenarios" | "variants" | "seed">,
  { limit, imports, compared, varying, differing }: Findings,
): Section[] {
  const labels = variants.map(({ label }) => label);
  const [baseline = ""] = labels;
  const inputs = source.kind === "own" ? describeInputs(source.inputs) : undefined;
  const bootstrap = new Bootstrap(seed);
  const runs = (scenario: Scenario, label: string) =>
    records
      .filter(isSuccess)
      .filter((record) => record.variant.scenario === scenario && subjectOf(record) === label);
  const group = (scenario: Scenario, label: string, measure: Measured) => ({
    name: JSON.stringify([scenario, label, measure.name]),
    values: runs(scenario, label).flatMap((record) => measure.of(record) ?? []),
  });
  const compare = (measure: Measured, scenario: Scenario, label: string, against: Scenario): SpeedUp =>
    bootstrap.compare(group(against, baseline, measure), group(scenario, label, measure));

  const rows = scenarios.flatMap((scenario) =>
    labels.map((label) => {
      const whole = group(scenario, label, BUILD).values;
      const sent = group(scenario, label, EXPORT_AND_PUSH).values;
      return { scenario, label, whole, sent };
    }),
  );
  const against = (speedUp: SpeedUp): string =>
    speedUp.timesAsFast === null ? NONE : ratio(speedUp.timesAsFast);
  const tables: Table[] = [
    {
      title: "All scenarios",
      columns: [
        "scenario",
        "variant",
        "n",
        "build step",
        `times as fast as ${baseline}`,
        "95 % interval",
        "verdict",
        ...(scenarios.includes("cold") ? [`as ${baseline}, cold`] : []),
      ],
      rows: rows.map(({ scenario, label, whole }) => {
        const speedUp = compare(BUILD, scenario, label, scenario);
        const known = label === baseline;
        return [
          scenario,
          label,
          String(whole.length),
          range(whole),
          ...(known ? [NONE, NONE, "baseline"] : [against(speedUp), interval(speedUp), verdict(speedUp)]),
          ...(scenarios.includes("cold") ? [against(compare(BUILD, scenario, label, "cold"))] : []),
        ];
      }),
      caption: "Median and, in brackets, the shortest and the longest run.",
    },
    {
      title: "Export and push",
      columns: [
        "scenario",
        "variant",
        "export and push",
        `times as fast as ${baseline}`,
        "95 % interval",
        "physical limit",
        "times the limit",
      ],
      rows: rows.map(({ scenario, label, sent }) => {
        const speedUp = compare(EXPORT_AND_PUSH, scenario, label, scenario);
        // Only a cold build makes and sends the whole image.
        const limited = scenario === "cold" ? limit : undefined;
        const median = describe(sent)?.median;
        return [
          scenario,
          label,
          range(sent),
          ...(label === baseline ? [NONE, NONE] : [against(speedUp), interval(speedUp)]),
          limited === undefined ? NONE : seconds(limited.seconds),
          limited === undefined || median === undefined ? NONE : ratio(median / limited.seconds),
        ];
      }),
      caption:
        "Layers made, compressed and sent; the cache's own export is not in it. The limit is for the whole image, so only cold builds have one.",
    },
    ...imageTable(rows, runs, imports, compared),
  ];
  return [
    {
      title: "Scenarios, the physical limit and what was checked",
      ...leadOf(labels, scenarios, (measure, scenario, label) => compare(measure, scenario, label, scenario)),
      paragraphs: [
        ...scenarios.map((scenario) => `${scenario}: ${SCENARIO_WORDS[scenario]}.`),
        ...(limit === undefined ? [] : [limitWords(limit)]),
        ...dockerfilesOf(source, variants),
        ...(inputs === undefined ? [] : [`Given to every build, values apart: ${inputs}.`]),
      ],
      tables,
      notes: [
        differing.size > 0
          ? "Every image was pulled back and its digests were checked."
          : `Every image was pulled back and its digests were checked; its files are those of ${baseline}, apart from bytecode, the notes and scripts that installers write, and pip itself. A build of which this is not true has no time.`,
        ...[...differing].map(
          ([label, words]) => `The image of ${label} is not that of ${baseline}: ${words}.`,
        ),
        ...(varying.size === 0
          ? []
          : [
              `Not compared, because two builds of ${baseline} itself differ in them: ${describePaths(varying)}.`,
            ]),
        "A new builder's start is not in the times, nor is the network of a package index when the local one is used.",
      ],
    },
  ];
}

/** Which Dockerfiles of the user's were built, and how their layers were written. */
function dockerfilesOf(source: BenchOptions["source"], variants: BenchOptions["variants"]): string[] {
  if (source.kind === "size") return [];
  return variants.map(({ label, dockerfile = source.dockerfile, settings }) => {
    const { compression, force, cache, concurrency } = settings;
    const file = relative(source.context, dockerfile) || dockerfile;
    return `${label}: ${file}, compression ${compression}${force === "on" ? " of every layer" : ""}, cache ${cache}, ${concurrency} connections.`;
  });
}

/** The fastest variant of the first scenario, in a sentence. */
function leadOf(
  labels: readonly string[],
  scenarios: readonly Scenario[],
  compare: (measure: Measured, scenario: Scenario, label: string) => SpeedUp,
): { readonly lead?: string } {
  const [baseline = "", ...others] = labels;
  const [scenario] = scenarios;
  if (scenario === undefined) return {};
  const ranked = others
    .map((label) => ({ label, speedUp: compare(BUILD, scenario, label) }))
    .filter(({ speedUp }) => speedUp.timesAsFast !== null)
    .sort((a, b) => (b.speedUp.timesAsFast ?? 0) - (a.speedUp.timesAsFast ?? 0));
  const [best] = ranked;
  if (best === undefined) return {};
  const sent = compare(EXPORT_AND_PUSH, scenario, best.label).timesAsFast;
  const parts = [
    `${scenario}: ${best.label} against ${baseline}: ${speedUpSentence(best.speedUp)}`,
    ...(sent === null ? [] : [`export and push alone ${ratio(sent)} times as fast`]),
  ];
  return { lead: `${parts.join("; ")}.` };
}

interface Measured {
  readonly name: string;
  readonly of: (record: SuccessRecord) => number | undefined;
}

const BUILD: Measured = { name: "build", of: ({ seconds: { build } }) => build };
const EXPORT_AND_PUSH: Measured = {
  name: "export and push",
  of: ({ phases }) => (phases === undefined ? undefined : phases.export + phases.push),
};

function range(values: readonly number[]): string {
  const statistic = describe(values);
  if (statistic === undefined) return NONE;
  const { n, median, min, max } = statistic;
  return n === 1 ? seconds(median) : `${seconds(median)} (${seconds(min)}–${seconds(max)})`;
}

function imageTable(
  rows: readonly { readonly scenario: Scenario; readonly label: string }[],
  runs: (scenario: Scenario, label: string) => readonly SuccessRecord[],
  imports: ReadonlyMap<string, readonly number[]>,
  compared: ReadonlyMap<string, number>,
): Table[] {
  const labels = new Set(rows.map(({ label }) => label));
  const body = [...labels].flatMap((label) => {
    const image = rows
      .filter((row) => row.label === label)
      .flatMap(({ scenario }) => runs(scenario, label))
      .find((record) => record.image !== undefined)?.image;
    if (image === undefined) return [];
    return [
      [
        label,
        gigabytes(image.unpackedBytes ?? 0),
        gigabytes(image.compressedBytes),
        String(image.layers.length),
        gigabytes(Math.max(...image.layers)),
        range(imports.get(label) ?? []),
        String(compared.get(label) ?? 0),
      ],
    ];
  });
  if (body.length === 0) return [];
  return [
    {
      title: "Images",
      columns: ["variant", "unpacked", "compressed", "layers", "largest layer", "first import", "files"],
      rows: body,
      caption:
        "The first import of every package, of a cold image: without bytecode in the image it compiles the modules, and again in every new container.",
    },
  ];
}

function limitWords({
  read,
  compress,
  send,
  seconds: sum,
  overlapped,
  bytes,
  compressedBytes,
  level,
}: Limit): string {
  return [
    `The physical limit is ${seconds(sum)}: the layers above the base (${gigabytes(bytes)} as one archive, without bytecode)`,
    `read in ${seconds(read)}, compressed by zstd -${level} on all CPUs in ${seconds(compress)} (to ${gigabytes(compressedBytes)})`,
    `and sent over the same link in ${seconds(send)}, one after the other, without BuildKit. All at once would take ${seconds(overlapped)}.`,
  ].join(" ");
}
