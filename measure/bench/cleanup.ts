/** What must be undone, last first, however the program ends. */
export class Cleanup {
  private readonly steps: { readonly what: string; readonly undo: () => Promise<void> | void }[] = [];

  /** Returns a function that undoes this one step now, and not again later. */
  add(what: string, undo: () => Promise<void> | void): () => Promise<void> {
    const step = { what, undo };
    this.steps.push(step);
    return async () => {
      const index = this.steps.indexOf(step);
      if (index < 0) return;
      this.steps.splice(index, 1);
      await undo();
    };
  }

  /** Undoes everything; one step's error does not keep the others from being undone. Returns what failed. */
  async run(): Promise<string[]> {
    const failures: string[] = [];
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) {
      try {
        await step.undo();
      } catch (error) {
        failures.push(`${step.what}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return failures;
  }
}
