/** Waits of the runner, which tests shorten. */
export interface PollOptions {
  /** Milliseconds between two polls of a run: two requests each; an unchanged answer (304) costs no rate limit. */
  readonly pollIntervalMs: number;
  /** Milliseconds between two polls for a dispatched run. */
  readonly appearPollIntervalMs: number;
  /** Polls before a dispatched run counts as never started. */
  readonly appearAttempts: number;
  /** Polls for the artifact of a completed job before it counts as missing: the list lags a little. */
  readonly artifactAttempts: number;
  /** Failures in a row, each after the request's own retries, before the runner stops. */
  readonly outageAttempts: number;
  /** Milliseconds of one request, to the last byte of the answer. */
  readonly requestTimeoutMs: number;
  /** Milliseconds that one second of Retry-After, and of the back-off after an error, takes. */
  readonly secondMs: number;
  /** Milliseconds between two requests that change something: GitHub asks for at least a second. */
  readonly writeGapMs: number;
  /** Milliseconds after Ctrl-C for work under way to be finished and recorded. */
  readonly graceMs: number;
}

export const DEFAULT_POLL_OPTIONS: PollOptions = {
  pollIntervalMs: 10_000,
  appearPollIntervalMs: 3_000,
  appearAttempts: 60, // three minutes; a run usually appears within five seconds
  artifactAttempts: 4,
  outageAttempts: 60, // with the requests' retries: about half an hour
  requestTimeoutMs: 60_000,
  secondMs: 1_000,
  writeGapMs: 1_000,
  graceMs: 15_000,
};
