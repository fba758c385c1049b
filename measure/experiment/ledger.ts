import type { Journal, JournalEntry, JournalPlan } from "./journal";
import { type Attempt, type ExperimentState, next } from "./state";

/** The journal and what it means, always in step: an entry is on the disk before it counts. */
export class Ledger {
  private state: ExperimentState;

  constructor(
    private readonly journal: Journal,
    state: ExperimentState,
  ) {
    this.state = state;
  }

  get plan(): JournalPlan {
    return this.state.plan;
  }

  get attempts(): readonly Attempt[] {
    return this.state.attempts;
  }

  write(entry: Exclude<JournalEntry, JournalPlan>): void {
    this.journal.write(entry);
    this.state = next(this.state, entry) ?? this.state;
  }
}
