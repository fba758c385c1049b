import { pause } from "../../util/stop";
import { isTransient, messageOf } from "./github/failure";
import type { PollOptions } from "./poll-options";

/** GitHub could not be reached for a long time, or refuses what it allowed before. The journal allows a resume. */
export class CannotGoOn extends Error {
  constructor(message: string) {
    super(message);
    this.name = "CannotGoOn";
  }
}

/**
 * Asks until there is an answer: the client repeats a request for a quarter of a minute, this sits out an
 * outage. Rejects with CannotGoOn after `poll.outageAttempts` failures in a row, with Stopped after a stop, and
 * at once with any error that no repetition cures.
 */
export async function retry<T>(
  ask: () => Promise<T>,
  poll: PollOptions,
  stop: AbortSignal,
  onOutage: (message: string) => void,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (!isTransient(error)) throw error;
      if (attempt >= poll.outageAttempts) {
        throw new CannotGoOn(`GitHub does not answer (${messageOf(error)})`);
      }
      if (attempt === 1) onOutage(`${messageOf(error)}; asking again`);
      await pause(poll.pollIntervalMs, stop);
    }
  }
}
