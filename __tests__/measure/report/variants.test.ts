import { describe, expect, it } from "vitest";
import type { Configuration } from "../../../environment/configurations";
import { type BuildVariant, VARIANTS } from "../../../environment/variants";
import type { BuildRecord, SuccessRecord } from "../../../measure/record/record";
import { formatHtml, formatSvg } from "../../../measure/report/html";
import { formatMarkdown } from "../../../measure/report/markdown";
import type { Report, VariantComparison } from "../../../measure/report/model";
import { buildReport } from "../../../measure/report/summary";
import { formatTerminal } from "../../../measure/report/terminal";
import {
  fabricatedC5,
  fabricatedEightByFive,
  fabricatedFailure,
  fabricatedSuccess,
} from "./fabricated-records";

function report(records: readonly BuildRecord[], baseline = "hosted-default"): Report {
  return buildReport({ records, published: undefined, problems: [] }, { seed: 1, baseline, cost: undefined });
}

function only(records: readonly BuildRecord[], baseline?: string): VariantComparison {
  const { variants } = report(records, baseline);
  const [comparison] = variants;
  if (comparison === undefined || variants.length !== 1) {
    throw new Error(`expected one comparison, got ${variants.length}`);
  }
  return comparison;
}

/** Fabricated runs of one cell, by their build times in seconds; a job takes 20 s more. */
function timed(
  configuration: Configuration,
  variant: BuildVariant,
  times: readonly number[],
  change: Partial<SuccessRecord> = {},
): SuccessRecord[] {
  return times.map((build, index) =>
    fabricatedSuccess(configuration, index + 1, {
      seconds: { build, job: build + 20, queue: 3, setup: 10 },
      variant: { cache: "none", image: variant.image, output: variant.output },
      ...change,
    }),
  );
}

const { original, fast } = VARIANTS;

/** Medians 400, 100, 300 and 60. */
const FOUR_CELLS = [
  ...timed("hosted-default", original, [398, 400, 404]),
  ...timed("hosted-default", fast, [101, 100, 99]),
  ...timed("custom-default", original, [300, 303, 299]),
  ...timed("custom-default", fast, [60, 61, 59]),
];

describe("variants of one environment", () => {
  const comparison = only(FOUR_CELLS);

  it("are compared configuration by configuration: times as fast and less time", () => {
    expect(comparison.rows).toMatchObject([
      { configuration: "hosted-default", variant: "fast", measure: "build", speedUp: { timesAsFast: 4 } },
      { configuration: "hosted-default", measure: "job", speedUp: { timesAsFast: 420 / 120 } },
      { configuration: "custom-default", measure: "build", speedUp: { timesAsFast: 5, lessTime: 0.8 } },
      { configuration: "custom-default", measure: "job", speedUp: { timesAsFast: 320 / 80, lessTime: 0.75 } },
    ]);
    expect(comparison.rows.map(({ speedUp }) => speedUp.verdict)).toEqual(Array(4).fill("faster"));
  });

  it("have every cell against the baseline in the original", () => {
    expect(comparison.baseline).toBe("hosted-default original");
    expect(comparison.cells.map(({ name, speedUp }) => [name, speedUp?.timesAsFast])).toEqual([
      ["hosted-default original", undefined],
      ["hosted-default fast", 4],
      ["custom-default original", 400 / 300],
      ["custom-default fast", 400 / 60],
    ]);
  });

  it("are answered: the fastest of all cells against the baseline, the next one, and each variant", () => {
    expect(comparison.answers).toEqual([
      "Fastest of 4: custom-default fast (build step 1m00s, median of 3 runs).",
      expect.stringMatching(
        /^Against hosted-default original: 6\.67 times as fast \(85 % less time\), 95 % interval 6\.\d\d to 6\.\d\d\.$/,
      ),
      expect.stringMatching(
        /^Against the next, hosted-default fast: 1\.67 times as fast \(40 % less time\), 95 % interval /,
      ),
      "fast against original, times as fast in the build step: 4.00 in hosted-default and 5.00 in custom-default.",
    ]);
  });

  it.each([
    // 105 / 102.
    ["no difference shown", "1.03", [100, 110, 120, 90], [95, 105, 115, 99]],
    ["slower", "0.50", [100, 101, 99], [200, 201, 199]],
  ])("are told as %s where they are", (verdict, times, before, after) => {
    const { answers } = only([
      ...timed("hosted-default", original, before),
      ...timed("hosted-default", fast, after),
    ]);
    expect(answers.at(-1)).toBe(
      `fast against original, times as fast in the build step: ${times} in hosted-default (${verdict}).`,
    );
    expect(answers.includes("That is the baseline itself.")).toBe(verdict === "slower");
  });

  it("do not depend on the order of records, nor on what else is in the report", () => {
    expect(only([...FOUR_CELLS].reverse())).toEqual(comparison);
    expect(report([...FOUR_CELLS, ...fabricatedC5()]).variants).toEqual([comparison]);
  });

  it("are not compared when there is one, nor across environments, caches or configurations", () => {
    const cached = { variant: { cache: "registry", ...fast } } as const;
    for (const other of [
      [],
      timed("hosted-default", fast, [9], { environment: "c5" }),
      timed("hosted-default", fast, [9], { instanceType: "c5.2xlarge" }),
      timed("hosted-default", fast, [9], { region: "eu-west-1" }),
      timed("hosted-default", fast, [9], cached),
      timed("custom-default", fast, [9]),
    ]) {
      expect(report([...timed("hosted-default", original, [10]), ...other]).variants).toEqual([]);
    }
  });

  it("are not looked for in local measurements", () => {
    const bench = FOUR_CELLS.map(({ configuration, ...record }): BuildRecord => {
      return { ...record, kind: "bench", label: configuration };
    });
    expect(report(bench).variants).toEqual([]);
  });

  it("without a preset are named by their settings, after those that have one", () => {
    const mine = { image: "mine", output: "compression=gzip" };
    const three = only([
      ...timed("custom-default", mine, [50, 51]),
      ...timed("custom-default", fast, [60, 61]),
      ...timed("custom-default", original, [300, 301]),
    ]);
    expect(three.variants.map(({ name }) => name)).toEqual([
      "original",
      "fast",
      "image mine, output compression=gzip",
    ]);
    expect(three.cells.map(({ name }) => name)).toEqual([
      "custom-default original",
      "custom-default fast",
      "custom-default (image mine, output compression=gzip)",
    ]);
    expect(
      report([...timed("custom-default", mine, [50]), ...timed("custom-default", fast, [60])]).sets,
    ).toMatchObject([
      { title: "c5n (c5n.2xlarge, us-west-2), image mine, cache none, output compression=gzip" },
      { title: "c5n (c5n.2xlarge, us-west-2), fast, cache none" },
    ]);
  });

  it("that failed have no time and no ratio, and are noted", () => {
    const failed = only([
      ...timed("hosted-default", original, [400, 401]),
      fabricatedFailure("hosted-default", 1, { variant: { cache: "none", ...fast } }),
    ]);
    expect(failed.rows.map(({ speedUp }) => speedUp.verdict)).toEqual(["not-comparable", "not-comparable"]);
    expect(failed.cells[1]).toMatchObject({ measures: { build: null }, compressedBytes: null });
    expect(failed.notes).toContain("hosted-default fast: no run counts out of 1 attempt.");
    expect(failed.answers[0]).toContain("Only hosted-default original has a time");
  });
});

describe("what a reader must know about variants", () => {
  it("is nothing when they were built in turn, often enough and with the same means", () => {
    expect(only(fabricatedEightByFive()).notes).toEqual([]);
  });

  it("is that they were not built in turn", () => {
    const { notes } = only([
      ...timed("hosted-default", original, [400, 401, 402, 403, 404], { experiment: "of-monday" }),
      ...timed("hosted-default", fast, [100, 101, 102, 103, 104], { experiment: "of-friday" }),
    ]);
    expect(notes).toEqual([
      "original and fast were not built in turn, in one experiment: a difference may be that of their days. --variants builds them in turn.",
    ]);
  });

  it("is that the baseline has no run", () => {
    const { notes, cells } = only(
      FOUR_CELLS.filter(
        ({ configuration, variant }) => configuration !== "hosted-default" || variant.image === fast.image,
      ),
    );
    expect(notes).toContain("No run of hosted-default original that counts: nothing is compared with it.");
    expect(cells.every(({ speedUp }) => speedUp === null)).toBe(true);
  });

  it("is that they had other means; that their images differ in size is a result", () => {
    const image = fabricatedSuccess("hosted-default", 1).image;
    if (image === undefined) throw new Error("no image");
    const sized = { image: { ...image, compressedBytes: 1_000_000_000 } };
    const times = [400, 401, 402, 403, 404];
    const smaller = only([
      ...timed("hosted-default", original, times),
      ...timed("hosted-default", fast, times, sized),
    ]);
    expect(smaller.notes).toEqual([]);
    expect(smaller.cells.map(({ compressedBytes }) => compressedBytes)).toEqual([
      1_900_000_003, 1_000_000_000,
    ]);
    const { notes } = only([
      ...timed("hosted-default", original, times),
      ...timed("hosted-default", fast, times, { limits: { cpus: 4, memoryBytes: 7 * 2 ** 30 } }),
    ]);
    expect(notes).toEqual([
      "Not equal: CPUs given to the build (hosted-default original 2, hosted-default fast 4). The comparison includes that difference.",
    ]);
  });
});

describe("in each format, eight cells", () => {
  const data = report(fabricatedEightByFive());

  it("come first, with the answer, in terminal and Markdown", () => {
    for (const text of [formatTerminal(data, { color: false }), formatMarkdown(data)]) {
      const plain = text
        .replaceAll(/[\\*#]/g, "")
        .replaceAll(/\s+/g, " ")
        .trim();
      expect(plain).toMatch(
        /^c5n \(c5n\.2xlarge, us-west-2\): original and fast Fastest of 8: custom-kubernetes fast \(build step 1m16s, median of 5 runs\)\. Against hosted-default original: 6\.10 times as fast \(84 % less time\), 95 % interval /,
      );
      for (const title of [
        "Configurations and variants",
        "fast against original",
        "Phases by configuration and variant",
      ]) {
        expect(plain).toContain(title);
      }
    }
  });

  it("have a row each, with the size of the image", () => {
    const markdown = formatMarkdown(data);
    expect(markdown).toMatch(
      /^\| hosted-default original \| 5 \| 7m45s .* \| 1\.90 GB \| – \| – \| – \| baseline \|$/m,
    );
    expect(markdown).toMatch(
      /^\| custom-kubernetes fast \| 5 \| 1m16s .* \| 1\.50 GB \| 6\.10 \| 84 % less \| .* \| faster \|$/m,
    );
    expect(markdown.match(/^\| (?:hosted|custom)-\w+ (?:original|fast) \| 5 /gm)).toHaveLength(8);
  });

  it("are eight bars under four names in HTML", async () => {
    const html = await formatHtml(data);
    expect([...html.matchAll(/<figure id="([^"]+)"/g)].map(([, id]) => id)[0]).toBe("variants-0");
    const figure = /<figure id="variants-0"[\s\S]*?<\/figure>/.exec(html)?.[0] ?? "";
    for (const chart of figure.match(/<svg class="(?:wide|narrow)"[\s\S]*?<\/svg>/g) ?? []) {
      const texts = [...chart.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = ""]) => text);
      expect(texts.filter((text) => /^(?:hosted|custom)-/.test(text))).toEqual([
        "hosted-default",
        "hosted-kubernetes",
        "custom-default",
        "custom-kubernetes",
      ]);
      expect(texts.filter((text) => text.startsWith("original: build step "))).toHaveLength(4);
      expect(texts.filter((text) => text.startsWith("fast: build step "))).toHaveLength(4);
      // Eight bars of eight phases that take time.
      expect(chart.match(/var\(--phase-/g)).toHaveLength(64);
    }
    expect(figure.match(/<svg class="(?:wide|narrow)"/g)).toHaveLength(2);
  });

  it("are the picture of a README", async () => {
    const svg = (await formatSvg(data)) ?? "";
    expect(svg).toContain("c5n (c5n.2xlarge, us-west-2): original and fast");
    expect(svg).toContain("base pull");
    expect(svg).toContain("custom-kubernetes fast 1m16s");
  });

  it("break a long name of a variant into lines", async () => {
    const mine = {
      image: "image/of-mine",
      output: "compression=zstd,compression-level=19,force-compression=true,oci-mediatypes=true",
    };
    const html = await formatHtml(
      report([...timed("custom-default", mine, [50]), ...timed("custom-default", original, [300])]),
    );
    const narrow =
      /<figure id="variants-0"[\s\S]*?<svg class="narrow"([\s\S]*?)<\/svg>/.exec(html)?.[1] ?? "";
    const lines = [...narrow.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = ""]) => text);
    expect(lines).toContain("force-compression=true,");
    expect(lines).toContain("oci-mediatypes=true: build step 50.0s");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(42);
  });
});
