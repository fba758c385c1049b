import { count, listed } from "../../util/words";
import type { SuccessRecord } from "../record/record";
import { describe, type SpeedUp } from "../record/statistics";
import { printable, seconds, speedUpSentence } from "./format";
import { MEASURE_NAMES, PHASES, type Phase, type SubjectReport } from "./model";

/** The most rounds that a remark names. */
const LISTED_ROUNDS = 5;

/** With fewer runs the percentile bootstrap's interval is too narrow. */
const FEW_RUNS = 5;

/** What the runner noted about builds that succeeded; the same remark once. */
export function remarksOn(subject: string, runs: readonly SuccessRecord[]): string[] {
  const rounds = new Map<string, number[]>();
  for (const { detail, round } of runs) {
    if (detail === undefined || detail === "") continue;
    const known = rounds.get(detail);
    if (known === undefined) rounds.set(detail, [round]);
    else known.push(round);
  }
  return [...rounds].map(([detail, numbers]) =>
    printable(
      `${subject}, ${numbers.length > LISTED_ROUNDS ? count(numbers.length, "run") : `round ${listed(numbers.map(String))}`}: ${detail}`,
    ),
  );
}

/** What could not be answered, and what the number of runs does to the answers. */
export function sampleNotes(
  subjects: readonly SubjectReport[],
  baselineRuns: readonly SuccessRecord[] | undefined,
  baseline: string,
  phases: readonly Phase[] = PHASES,
): string[] {
  const notes: string[] = [];
  if (baselineRuns === undefined) {
    notes.push(
      `No record of the baseline ${printable(baseline)}: no speed-up is given. --baseline takes ${listed(subjects.map(({ subject }) => subject))}.`,
    );
  } else if (baselineRuns.length === 0) {
    notes.push(`The baseline ${printable(baseline)} has no run that counts: no speed-up is given.`);
  }
  return [...notes, ...runNotes(subjects, phases)];
}

/** What the number of runs does to the answers. */
export function runNotes(
  subjects: readonly Pick<SubjectReport, "subject" | "attempts" | "runs" | "measures">[],
  phases: readonly Phase[] = PHASES,
): string[] {
  const notes: string[] = [];
  const timed = subjects.filter((subject) => subject.runs.length > 0);
  for (const { subject, attempts, runs } of subjects) {
    if (runs.length === 0) notes.push(`${subject}: no run counts out of ${count(attempts, "attempt")}.`);
  }
  const single = timed.filter(({ runs }) => runs.length === 1).map(({ subject }) => subject);
  if (single.length > 0) notes.push(`One run each, so neither spread nor interval: ${listed(single)}.`);
  const few = timed
    .filter(({ runs }) => runs.length > 1 && runs.length < FEW_RUNS)
    .map(({ subject }) => subject);
  if (few.length > 0) {
    notes.push(
      `Fewer than ${FEW_RUNS} runs, so the intervals are rough and rather too narrow: ${listed(few)}.`,
    );
  }
  const partial = timed.flatMap(({ subject, runs, measures }) => {
    const least = Math.min(...phases.map((phase) => measures[phase]?.n ?? 0));
    return least < runs.length ? [`${subject} (${least} of ${runs.length})`] : [];
  });
  if (partial.length > 0) notes.push(`Not every run tells all its phases: ${listed(partial)}.`);
  return notes;
}

/**
 * Which was fastest, against the baseline and against the next.
 *
 * @param compareTo the speed-up of a subject over a baseline, in the build step
 * @param counted whether to say among how many
 */
export function answersOf(
  names: readonly string[],
  kept: ReadonlyMap<string, readonly SuccessRecord[]>,
  baseline: string,
  compareTo: (baseline: string, subject: string) => SpeedUp,
  counted = false,
): string[] {
  const ranked = names
    .flatMap((name) => {
      const runs = kept.get(name) ?? [];
      const statistic = describe(runs.map((run) => run.seconds.build));
      return statistic === undefined ? [] : [{ name, statistic }];
    })
    .sort((a, b) => a.statistic.median - b.statistic.median);
  const [first, second] = ranked;
  if (first === undefined) return ["No build counts, so there is no time to report."];
  const time = `${MEASURE_NAMES.build} ${seconds(first.statistic.median)}, ${
    first.statistic.n === 1 ? "one run" : `median of ${first.statistic.n} runs`
  }`;
  if (second === undefined) {
    return [printable(`Only ${first.name} has a time (${time}): there is nothing to compare it with.`)];
  }
  const answers = [`Fastest${counted ? ` of ${ranked.length}` : ""}: ${first.name} (${time}).`];
  if (first.name === baseline) answers.push("That is the baseline itself.");
  else if (ranked.some(({ name }) => name === baseline)) {
    answers.push(`Against ${baseline}: ${speedUpSentence(compareTo(baseline, first.name))}.`);
  }
  if (second.name !== baseline || first.name === baseline) {
    answers.push(`Against the next, ${second.name}: ${speedUpSentence(compareTo(second.name, first.name))}.`);
  }
  return answers.map(printable);
}
