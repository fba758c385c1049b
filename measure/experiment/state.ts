import type { Outcome } from "../record/record";
import type { BuildRef } from "./events";
import type { JournalEntry, JournalPlan } from "./journal";
import { type PlannedBuild, sameBuild } from "./plan";

/** One attempt, as the journal has it. */
export interface Attempt extends BuildRef {
  readonly request: string;
  /** ISO 8601, the server's time just before the dispatch. */
  readonly at: string;
  /** Whether GitHub took the dispatch; undefined when no answer was written down. */
  readonly accepted?: boolean;
  readonly runId?: number;
  readonly outcome?: Outcome;
  /** Set with `outcome`: whether the attempt counts against the limit. */
  readonly spent?: boolean;
}

/** An experiment, read from its journal. */
export interface ExperimentState {
  readonly plan: JournalPlan;
  readonly attempts: readonly Attempt[];
  readonly finished: boolean;
}

/** The newest experiment of a journal, or undefined when it holds none. Pure. */
export function stateOf(entries: readonly JournalEntry[]): ExperimentState | undefined {
  let state: ExperimentState | undefined;
  for (const entry of entries) state = next(state, entry);
  return state;
}

/** The state after one more entry. */
export function next(state: ExperimentState | undefined, entry: JournalEntry): ExperimentState | undefined {
  if (entry.type === "plan") return { plan: entry, attempts: [], finished: false };
  if (state === undefined) return undefined;
  if (entry.type === "finished") return { ...state, finished: true };
  const others = state.attempts.filter(({ request }) => request !== entry.request);
  if (entry.type === "intent") {
    const { request, round, configuration, variant, attempt, at } = entry;
    // The same request a second time: it was refused, or never sent, and starts afresh.
    return { ...state, attempts: [...others, { request, round, configuration, variant, attempt, at }] };
  }
  const known = state.attempts.find(({ request }) => request === entry.request);
  return known === undefined ? state : { ...state, attempts: [...others, updated(known, entry)] };
}

function updated(
  attempt: Attempt,
  entry: Exclude<JournalEntry, { type: "plan" | "finished" | "intent" }>,
): Attempt {
  switch (entry.type) {
    case "accepted":
      return { ...attempt, accepted: true };
    case "refused":
      return { ...attempt, accepted: false };
    case "run":
      return { ...attempt, runId: entry.runId };
    case "recorded":
      return { ...attempt, outcome: entry.outcome, spent: entry.spent };
  }
}

/** What is to be done next for one build. */
export type NextStep =
  | { readonly kind: "done" }
  | { readonly kind: "given-up" }
  | { readonly kind: "continue"; readonly attempt: Attempt }
  | { readonly kind: "start"; readonly number: number };

export function nextStep(attempts: readonly Attempt[], build: PlannedBuild, maxAttempts: number): NextStep {
  const own = attempts.filter((attempt) => sameBuild(attempt, build));
  if (own.some(({ outcome }) => outcome === "success")) return { kind: "done" };
  const open = own.find(({ outcome }) => outcome === undefined);
  if (open !== undefined) return { kind: "continue", attempt: open };
  if (own.filter(({ spent }) => spent).length >= maxAttempts) return { kind: "given-up" };
  return { kind: "start", number: Math.max(0, ...own.map(({ attempt }) => attempt)) + 1 };
}
