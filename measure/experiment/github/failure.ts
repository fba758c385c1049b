/** An answer of GitHub with an error status, or no answer at all (status 500, as Octokit has it). */
export interface RequestFailure extends Error {
  readonly status: number;
  readonly response?: { readonly headers?: Readonly<Record<string, unknown>> };
}

/** By shape and not by class: importing @octokit/request-error would load it for `--help` too. */
export function isRequestFailure(error: unknown): error is RequestFailure {
  return error instanceof Error && "status" in error && typeof error.status === "number";
}

/** GitHub answered 200 with something else than its documentation says, such as a proxy's HTML page. */
export class UnexpectedAnswer extends Error {
  constructor(what: string, problem: string) {
    super(`${what}: the answer is not what GitHub sends (${problem})`);
    this.name = "UnexpectedAnswer";
  }
}

/** The word of GitHub that limits requests: 429, or 403 with a hint of a limit. */
export function isRateLimit(error: RequestFailure): boolean {
  if (error.status === 429) return true;
  if (error.status !== 403) return false;
  const headers = error.response?.headers ?? {};
  return (
    headers["retry-after"] !== undefined ||
    headers["x-ratelimit-remaining"] === "0" ||
    /\brate limit\b/i.test(error.message)
  );
}

/** Worth another try later: the connection, the server, or a limit; not a refusal. */
export function isTransient(error: unknown): boolean {
  if (error instanceof UnexpectedAnswer) return true;
  return isRequestFailure(error) && (error.status >= 500 || error.status === 408 || isRateLimit(error));
}

export function hasStatus(error: unknown, ...statuses: readonly number[]): error is RequestFailure {
  return isRequestFailure(error) && statuses.includes(error.status);
}

/** For a person, without the link to the API documentation that Octokit adds. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = error.message.replace(/ - https:\/\/docs\.github\.com\S*$/, "");
  return isRequestFailure(error) && error.response !== undefined ? `${error.status} ${message}` : message;
}
