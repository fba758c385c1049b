import { performance } from "node:perf_hooks";

/**
 * GitHub's clock between two of its answers. It goes on by the machine's monotonic clock: that the local time is
 * set, by hand or by NTP, moves nothing.
 */
export class ServerClock {
  /** Of this clock's time before the monotonic one. The local time stands in until the first answer. */
  private ahead = Date.now() - performance.now();

  /** @param now what an answer says, ms since the epoch */
  note(now: number): void {
    this.ahead = now - performance.now();
  }

  /** ms since the epoch. */
  now(): number {
    return Math.round(performance.now() + this.ahead);
  }
}
