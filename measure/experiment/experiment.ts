import { Stopped } from "../../util/stop";
import { type AttemptContext, AttemptRunner } from "./attempt";
import { Estimate } from "./estimate";
import type { Emit } from "./events";
import type { Ledger } from "./ledger";
import { lanesOf, type Plan, type PlannedBuild } from "./plan";
import { nextStep } from "./state";

export interface ExperimentContext extends Omit<AttemptContext, "remaining" | "stop"> {
  readonly stop: AbortController;
  readonly maxAttempts: number;
  readonly parallel: boolean;
}

/**
 * Runs what is left of a plan, round by round: with `parallel` the hosted and the custom builds of one round
 * run beside each other, and the next round waits for both. Returns the builds that never succeeded. Rejects
 * with Stopped or CannotGoOn; what is under way is then in the journal.
 */
export async function runPlan(plan: Plan, context: ExperimentContext): Promise<PlannedBuild[]> {
  const { ledger, maxAttempts, parallel } = context;
  const isOver = (build: PlannedBuild) =>
    ["done", "given-up"].includes(nextStep(ledger.attempts, build, maxAttempts).kind);
  const estimate = new Estimate(plan, parallel, isOver);
  const attempts = new AttemptRunner({
    ...context,
    stop: context.stop.signal,
    emit: learning(context.emit, estimate),
    remaining: (build, elapsed) => estimate.remaining(build, elapsed),
  });
  for (const round of plan) {
    const lanes = lanesOf(round, parallel).map((lane) => runLane(lane, attempts, context));
    await allOrStop(lanes, context.stop);
  }
  return plan.flat().filter((build) => nextStep(ledger.attempts, build, maxAttempts).kind !== "done");
}

async function runLane(
  lane: readonly PlannedBuild[],
  attempts: AttemptRunner,
  context: { readonly ledger: Ledger; readonly maxAttempts: number; readonly stop: AbortController },
): Promise<void> {
  for (const build of lane) {
    for (;;) {
      const step = nextStep(context.ledger.attempts, build, context.maxAttempts);
      if (step.kind === "done" || step.kind === "given-up") break;
      if (context.stop.signal.aborted) throw new Stopped();
      if (step.kind === "continue") await attempts.resume(step.attempt);
      else await attempts.start(build, step.number);
    }
  }
}

/** When one lane fails the other one stops too, in order; the first real error is reported. */
async function allOrStop(lanes: readonly Promise<void>[], stop: AbortController): Promise<void> {
  const ends = await Promise.allSettled(
    lanes.map((lane) =>
      lane.catch((error: unknown) => {
        stop.abort();
        throw error;
      }),
    ),
  );
  const errors: unknown[] = ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
  if (errors.length > 0) throw errors.find((error) => !(error instanceof Stopped)) ?? errors[0];
}

/** Feeds the estimate with what successful builds took, queue included. */
function learning(emit: Emit, estimate: Estimate): Emit {
  return (event) => {
    if (event.event === "record" && event.record.outcome === "success") {
      const { seconds } = event.record;
      estimate.add(event, (seconds.queue ?? 0) + (seconds.job ?? seconds.build));
    }
    emit(event);
  };
}
