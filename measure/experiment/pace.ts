/** Every wait of the runner in one place, so that a test can shorten them. Milliseconds, or a number of looks. */
export interface Pace {
  /** Between two looks at a run. Two requests each, and an unchanged answer (304) costs no rate limit. */
  readonly pollMs: number;
  /** Between two looks for a run that was dispatched. */
  readonly appearPollMs: number;
  /** Looks before a dispatched run counts as never started. */
  readonly appearLooks: number;
  /** Looks for the artifact of a completed job before it counts as missing: the list lags a little. */
  readonly artifactLooks: number;
  /** Looks in a row that may fail (each of them after the request's own retries) before the runner stops. */
  readonly outageLooks: number;
  /** One request, from its start to the last byte of the answer. */
  readonly requestTimeoutMs: number;
  /** What one second of Retry-After, and of the back-off after an error, takes. */
  readonly secondMs: number;
  /** Between two requests that change something: GitHub asks for at least a second. */
  readonly writeGapMs: number;
  /** After Ctrl-C: for what is under way to come to an end that can be written down. */
  readonly graceMs: number;
}

export const DEFAULT_PACE: Pace = {
  pollMs: 10_000,
  appearPollMs: 3_000,
  appearLooks: 60, // three minutes; a run usually appears within five seconds
  artifactLooks: 4,
  outageLooks: 60, // with the requests' retries: about half an hour
  requestTimeoutMs: 60_000,
  secondMs: 1_000,
  writeGapMs: 1_000,
  graceMs: 15_000,
};
