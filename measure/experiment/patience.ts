import { pause } from "../../util/stop";
import { isTransient, messageOf } from "./github/failure";
import type { Pace } from "./pace";

/** GitHub could not be reached for a long time, or refuses what it allowed before. The journal allows a resume. */
export class CannotGoOn extends Error {
  constructor(message: string) {
    super(message);
    this.name = "CannotGoOn";
  }
}

/**
 * Asks until there is an answer: the client repeats a request for a quarter of a minute, this sits out an
 * outage. Rejects with CannotGoOn after `pace.outageLooks` failures in a row, with Stopped after a stop, and
 * at once with any error that no repetition cures.
 */
export async function patiently<T>(
  ask: () => Promise<T>,
  pace: Pace,
  stop: AbortSignal,
  onOutage: (message: string) => void,
): Promise<T> {
  for (let look = 1; ; look++) {
    try {
      return await ask();
    } catch (error) {
      if (!isTransient(error)) throw error;
      if (look >= pace.outageLooks) {
        throw new CannotGoOn(`GitHub does not answer (${messageOf(error)})`);
      }
      if (look === 1) onOutage(`${messageOf(error)}; asking again`);
      await pause(pace.pollMs, stop);
    }
  }
}
