import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { BuildRecord } from "../../../measure/record/record";
import type { Report, SetReport, SubjectReport } from "../../../measure/report/model";
import { parsePublished } from "../../../measure/report/published";
import { buildReport } from "../../../measure/report/summary";
import {
  fabricatedC5,
  fabricatedFailure,
  fabricatedFourByFive,
  fabricatedSuccess,
} from "./fabricated-records";

const OPTIONS = { seed: 1, baseline: "hosted-default", cost: undefined };

function report(records: readonly BuildRecord[], options: Partial<typeof OPTIONS> = {}): Report {
  return buildReport({ records, published: undefined, problems: [] }, { ...OPTIONS, ...options });
}

function only(records: readonly BuildRecord[], options: Partial<typeof OPTIONS> = {}): SetReport {
  const { sets } = report(records, options);
  const [set] = sets;
  if (set === undefined || sets.length !== 1) throw new Error(`expected one set, got ${sets.length}`);
  return set;
}

function subject(set: SetReport, name: string): SubjectReport {
  const found = set.subjects.find((candidate) => candidate.subject === name);
  if (found === undefined) throw new Error(`no subject ${name}`);
  return found;
}

/** Fabricated runs of the given build times in seconds, rounds from 1. */
function timed(configuration: "hosted-default" | "custom-default", ...times: number[]) {
  return times.map((build, index) =>
    fabricatedSuccess(configuration, index + 1, { seconds: { build, job: build + 20, queue: 3, setup: 10 } }),
  );
}

describe("a report", () => {
  it("gives median, spread and n per configuration and measure", () => {
    const set = only([...timed("hosted-default", 100, 300, 200), ...timed("custom-default", 80)]);
    expect(subject(set, "hosted-default").measures).toMatchObject({
      build: { n: 3, median: 200, q1: 150, q3: 250, min: 100, max: 300 },
      job: { n: 3, median: 220 },
      queue: { n: 3, median: 3 },
      setup: { n: 3, median: 10 },
    });
    expect(subject(set, "custom-default").measures.build).toMatchObject({ n: 1, median: 80, q1: null });
  });

  it("has the four configurations in their order and each with its runs", () => {
    const set = only([...fabricatedFourByFive()].reverse());
    expect(set.subjects.map((row) => [row.subject, row.runs.map((run) => run.round)])).toEqual([
      ["hosted-default", [1, 2, 3, 4, 5]],
      ["hosted-kubernetes", [1, 2, 3, 4, 5]],
      ["custom-default", [1, 2, 3, 4, 5]],
      ["custom-kubernetes", [1, 2, 3, 4, 5]],
    ]);
  });

  it("does not depend on the order of records", () => {
    const records = [...fabricatedFourByFive(), ...fabricatedC5(), fabricatedFailure("hosted-default", 9)];
    expect(report([...records].reverse())).toEqual(report(records));
  });

  it("compares step and job with the baseline", () => {
    const set = only([...timed("hosted-default", 200, 202, 198), ...timed("custom-default", 100, 101, 99)]);
    expect(set.comparisons).toMatchObject([
      {
        subject: "custom-default",
        measure: "build",
        speedUp: { timesAsFast: 2, lessTime: 0.5, verdict: "faster" },
      },
      { subject: "custom-default", measure: "job", speedUp: { timesAsFast: 220 / 120, verdict: "faster" } },
    ]);
    expect(set.answers[0]).toBe("Fastest: custom-default (build step 1m40s, median of 3 runs).");
    expect(set.answers[1]).toMatch(
      /^Against hosted-default: 2\.00 times as fast \(50 % less time\), 95 % interval /,
    );
  });

  it("never counts a failure as a time", () => {
    const failures = (["failure", "cancelled", "timed_out", "artifact_expired"] as const).map(
      (outcome, index) =>
        fabricatedFailure("hosted-default", 10 + index, { outcome, detail: `invented reason ${index}` }),
    );
    const row = subject(only([...timed("hosted-default", 100, 110), ...failures]), "hosted-default");
    expect(row).toMatchObject({
      attempts: 6,
      outcomes: { success: 2, failure: 1, cancelled: 1, timed_out: 1, artifact_expired: 1 },
      measures: { build: { n: 2 } },
    });
    expect(row.leftOut.map(({ reason }) => reason)).toContain("timed out: invented reason 2");
  });

  it("lets a build that is not comparable into no number", () => {
    const odd = fabricatedSuccess("custom-default", 9, {
      seconds: { build: 9000, job: 9000 },
      limits: { cpus: 64, memoryBytes: 2 ** 40 },
    });
    const equal = [...timed("hosted-default", 200, 202, 198), ...timed("custom-default", 100, 101, 99)];
    const set = only([...equal, odd]);
    expect(set.comparisons).toEqual(only(equal).comparisons);
    expect(set.answers).toEqual(only(equal).answers);
    expect(subject(set, "custom-default").measures).toEqual(subject(only(equal), "custom-default").measures);
    expect(subject(set, "custom-default").leftOut).toMatchObject([{ round: 9 }]);
    expect(set.notes[0]).toMatch(/^custom-default: 1 run left out of every average/);
  });

  it("says so when every attempt failed", () => {
    const set = only([fabricatedFailure("hosted-default", 1), fabricatedFailure("custom-default", 1)]);
    expect(set.answers).toEqual(["No build counts, so there is no time to report."]);
    expect(set.notes).toContain("custom-default: no run counts out of 1 attempt.");
    expect(set.notes).toContain("The baseline hosted-default has no run that counts: no speed-up is given.");
  });

  it("says so when there is one configuration only", () => {
    const set = only(timed("custom-default", 100, 110));
    expect(set.answers).toEqual([
      "Only custom-default has a time (build step 1m45s, median of 2 runs): there is nothing to compare it with.",
    ]);
    expect(set.comparisons).toEqual([]);
    expect(set.notes[0]).toMatch(
      /^No record of the baseline hosted-default: .* --baseline takes custom-default\.$/,
    );
  });

  it("says that one run has no interval, and that few have a rough one", () => {
    const set = only([...timed("hosted-default", 100), ...timed("custom-default", 90, 91)]);
    expect(set.comparisons[0]?.speedUp).toMatchObject({ verdict: "one-run", low: null });
    expect(set.answers.join(" ")).toContain("one run: no interval");
    expect(set.notes).toContain("One run each, so neither spread nor interval: hosted-default.");
    expect(set.notes).toContain(
      "Fewer than 5 runs, so the intervals are rough and rather too narrow: custom-default.",
    );
  });

  it("counts a build once that was given twice", () => {
    const records = timed("hosted-default", 100, 200);
    const { records: n, sets, problems } = report([...records, ...records]);
    expect(n).toBe(2);
    expect(sets[0]?.subjects[0]?.measures.build?.n).toBe(2);
    expect(problems).toEqual(["2 records given more than once: counted once."]);
  });

  it("keeps the latest of two contradicting records of one build", () => {
    const [early] = timed("hosted-default", 100);
    const [late] = timed("hosted-default", 120);
    if (early === undefined || late === undefined) throw new Error("no record");
    const { sets, problems } = report([{ ...late, recordedAt: "2026-01-02T00:00:00Z" }, early]);
    expect(sets[0]?.subjects[0]?.measures.build?.median).toBe(120);
    expect(problems).toEqual(["1 record contradicting another of the same build: the latest counts."]);
  });

  it("does not mix environments or variants", () => {
    const zstd = fabricatedFourByFive().map((record) => ({
      ...record,
      variant: { ...record.variant, output: "zstd" },
    }));
    const { sets } = report([...fabricatedFourByFive(), ...fabricatedC5(), ...zstd]);
    expect(sets.map(({ title }) => title)).toEqual([
      "c5 (c5.2xlarge, us-west-2), image torch, cache none, output gzip",
      "c5n (c5n.2xlarge, us-west-2), image torch, cache none, output gzip",
      "c5n (c5n.2xlarge, us-west-2), image torch, cache none, output zstd",
    ]);
  });

  it("compares instance types, with what does not run on them as a control", () => {
    const { instances } = report([...fabricatedFourByFive(), ...fabricatedC5()]);
    expect(instances).toHaveLength(1);
    expect(instances[0]).toMatchObject({
      from: { environment: "c5", instanceType: "c5.2xlarge" },
      to: { environment: "c5n", instanceType: "c5n.2xlarge" },
    });
    expect(instances[0]?.rows.map(({ subject: name, control }) => [name, control])).toEqual([
      ["hosted-default", true],
      ["hosted-kubernetes", false],
      ["custom-default", false],
      ["custom-kubernetes", false],
    ]);
    expect(report(fabricatedFourByFive()).instances).toEqual([]);
  });

  it("takes labels of local measurements", () => {
    const bench = [1, 2, 3].flatMap((round) =>
      ["pip, gzip", "uv, zstd"].map((label): BuildRecord => {
        const { configuration: _, ...rest } = fabricatedSuccess("custom-default", round);
        return {
          ...rest,
          kind: "bench",
          label,
          seconds: { build: label === "pip, gzip" ? 95 + round : 26 + round },
        };
      }),
    );
    const set = only(bench, { baseline: "pip, gzip" });
    expect(set.subjects.map((row) => row.subject)).toEqual(["pip, gzip", "uv, zstd"]);
    expect(set.comparisons[0]?.speedUp.verdict).toBe("faster");
  });

  it("passes on what the runner remarked, once", () => {
    const records = timed("hosted-default", 100, 110).map((record) => ({
      ...record,
      detail: "2 lines unreadable",
    }));
    expect(only(records).notes).toContain("hosted-default, round 1 and 2: 2 lines unreadable");
  });

  it("keeps control characters of records out of what is shown", () => {
    const failure = fabricatedFailure("hosted-default", 1, { detail: "red \u001b[31m and \u202Ereversed" });
    expect(JSON.stringify(only([failure]))).not.toMatch(/\\u001b|\u202E/);
  });

  it("says that there is nothing", () => {
    expect(report([])).toMatchObject({
      sets: [],
      problems: ["There is nothing to report: no usable record."],
    });
  });
});

describe("the original table", () => {
  const parsed = parsePublished(readFileSync("measure/report/original-2021.json", "utf8"));
  const published = parsed !== undefined && "published" in parsed ? parsed.published : undefined;

  it("holds the article's four numbers, marked as one run on unequal machines", () => {
    expect(published?.times).toEqual([
      { configuration: "hosted-default", seconds: 9 * 60 + 16 },
      { configuration: "hosted-kubernetes", seconds: 7 * 60 + 34 },
      { configuration: "custom-default", seconds: 7 * 60 + 27 },
      { configuration: "custom-kubernetes", seconds: 7 * 60 + 17 },
    ]);
    expect(published?.runs).toBe(1);
    expect(published?.caveats.join(" ")).toMatch(/not equal/);
  });

  it("is reported alone: ratios without intervals, no phases", () => {
    const {
      sets,
      published: table,
      problems,
    } = buildReport({ records: [], published, problems: [] }, OPTIONS);
    expect(sets).toEqual([]);
    expect(problems).toEqual([]);
    expect(table?.comparisons.map(({ speedUp }) => speedUp.verdict)).toEqual([
      "one-run",
      "one-run",
      "one-run",
    ]);
    expect(table?.comparisons[2]?.speedUp.timesAsFast).toBeCloseTo(556 / 437, 12);
  });

  it("stands beside measured values but never among them", () => {
    const [set] = buildReport({ records: fabricatedFourByFive(), published, problems: [] }, OPTIONS).sets;
    expect(set?.subjects.map((row) => row.published)).toEqual([556, 454, 447, 437]);
    expect(set?.comparisons).toEqual(only(fabricatedFourByFive()).comparisons);
  });

  it("does not stand beside builds with a cache", () => {
    const cached = fabricatedFourByFive().map((record) => ({
      ...record,
      variant: { ...record.variant, cache: "registry" as const },
    }));
    const [set] = buildReport({ records: cached, published, problems: [] }, OPTIONS).sets;
    expect(set?.subjects.map((row) => row.published)).toEqual([null, null, null, null]);
  });

  it.each([
    ['{"schema":2,"kind":"published"}', /newer version/],
    ['{"schema":1,"kind":"published"}', /^not a published table: /],
  ])("with %s is a problem in words", (text, words) => {
    expect(parsePublished(text)).toMatchObject({ problem: expect.stringMatching(words) });
  });

  it("is not looked for in records", () => {
    expect(parsePublished('{"schema":1,"kind":"build"}')).toBeUndefined();
    expect(parsePublished("{}\n{}\n")).toBeUndefined();
  });
});
