import { setTimeout as sleep } from "node:timers/promises";
import { isRequestFailure } from "./failure";

/** A wait that GitHub asks for. */
export interface LimitWait {
  readonly reason: string;
  readonly seconds: number;
}

/** Where a secondary limit names no time: https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api */
const SECONDARY_SECONDS = 60;
/** No limit lasts longer than an hour. A timer of more than 24 days would not wait at all. */
const LONGEST_SECONDS = 86_400;

/**
 * What a refusal asks to wait, or undefined when it is not about a limit. The end of a primary limit is a time of
 * the server's clock and is read by it: the local one may be wrong by hours.
 */
export function limitWait(error: unknown): LimitWait | undefined {
  const asked = askedWait(error);
  return asked && { ...asked, seconds: Math.min(asked.seconds, LONGEST_SECONDS) };
}

function askedWait(error: unknown): LimitWait | undefined {
  if (!isRequestFailure(error) || (error.status !== 403 && error.status !== 429)) return undefined;
  const headers = error.response?.headers ?? {};
  const retryAfter = secondsOf(headers["retry-after"]);
  if (/\bsecondary rate\b/i.test(error.message)) {
    return { reason: "GitHub's secondary rate limit", seconds: retryAfter || SECONDARY_SECONDS };
  }
  if (headers["x-ratelimit-remaining"] === "0") {
    const { date } = headers;
    const now = typeof date === "string" ? Date.parse(date) : Number.NaN;
    const left =
      (secondsOf(headers["x-ratelimit-reset"]) ?? 0) - (Number.isFinite(now) ? now : Date.now()) / 1_000;
    // One second more: both are whole seconds.
    return { reason: "GitHub's rate limit is used up", seconds: Math.max(0, Math.ceil(left) + 1) };
  }
  return retryAfter === undefined ? undefined : { reason: "GitHub asks to wait", seconds: retryAfter };
}

function secondsOf(header: unknown): number | undefined {
  if (typeof header !== "string" && typeof header !== "number") return undefined;
  const seconds = Number(header);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}

/**
 * Lets work begin one after the other, with a gap: GitHub asks for a second between two writes. Timers are
 * monotonic, so no change of the local time holds anything up.
 */
export class Gap {
  /** When the next may begin, in ms of the monotonic clock. */
  private free = 0;

  constructor(private readonly ms: number) {}

  /** Resolves when it is this caller's turn. Only somebody who waits keeps the program running. */
  async turn(): Promise<void> {
    const now = performance.now();
    const at = Math.max(now, this.free);
    this.free = at + this.ms;
    if (at > now) await sleep(Math.ceil(at - now));
  }
}
