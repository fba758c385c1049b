import type { Octokit as Core } from "@octokit/core";
import type { PollOptions } from "../poll-options";
import { hasStatus } from "./failure";
import { fetchWhole } from "./fetch";

export interface ClientOptions {
  /** `https://api.github.com`, or `https://HOST/api/v3`. */
  readonly apiUrl: string;
  readonly token: string;
  readonly poll: PollOptions;
  /** Called before each wait for a limit, in seconds. */
  readonly onWait: (reason: string, seconds: number) => void;
}

export type Client = Awaited<ReturnType<typeof createClient>>;

/** How often one request is repeated because of a limit. */
const LIMIT_RETRIES = 5;

/** How often one request is repeated after a server's error or a broken connection: after 1, 4 and 9 seconds. */
const RETRIES = 3;

/** No limit lasts longer than an hour, and a timer of more than 24 days fires at once. */
const LONGEST_SECONDS = 86_400;

/** Refusals, and 429, which the throttling plugin repeats. */
const DO_NOT_RETRY = [400, 401, 403, 404, 409, 410, 422, 429, 451];

/**
 * Octokit with retries (5xx and broken connections), waits for limits (primary, secondary, and a mere Retry-After)
 * and a pause between two writes. Loaded here and not at the top, because `report` and `--help` need none of it.
 */
export async function createClient({ apiUrl, token, poll, onWait }: ClientOptions) {
  const [
    { Octokit },
    { restEndpointMethods },
    { paginateRest },
    { retry },
    { throttling },
    { default: Bottleneck },
  ] = await Promise.all([
    import("@octokit/core"),
    import("@octokit/plugin-rest-endpoint-methods"),
    import("@octokit/plugin-paginate-rest"),
    import("@octokit/plugin-retry"),
    import("@octokit/plugin-throttling"),
    import("bottleneck"),
  ]);
  const wait = (reason: string) => (seconds: number, _options: object, _octokit: Core, retries: number) => {
    if (retries >= LIMIT_RETRIES || seconds > LONGEST_SECONDS) return false;
    onWait(reason, seconds);
    return true;
  };
  return new (Octokit.plugin(restEndpointMethods, paginateRest, nameLimit, retry, throttling))({
    auth: token,
    baseUrl: apiUrl,
    userAgent: "buildx-on-eks-experiment",
    // Octokit warns on the console by default; what matters arrives as an error or through onWait.
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    request: { fetch: fetchWhole(poll.requestTimeoutMs) },
    retry: { retries: RETRIES, doNotRetry: DO_NOT_RETRY, retryAfterBaseValue: poll.secondMs },
    throttle: {
      retryAfterBaseValue: poll.secondMs,
      write: new Bottleneck.Group({ maxConcurrent: 1, minTime: poll.writeGapMs }),
      onRateLimit: wait("GitHub's rate limit is used up"),
      onSecondaryRateLimit: wait("GitHub's secondary rate limit"),
    },
  });
}

/** The throttling plugin knows secondary limits by their message only; a proxy may send a mere Retry-After. */
function nameLimit(octokit: Core) {
  octokit.hook.error("request", (error) => {
    const named = error.message.includes("secondary rate");
    if (!named && hasStatus(error, 403, 429) && error.response?.headers?.["retry-after"] !== undefined) {
      error.message += " (secondary rate limit)";
    }
    throw error;
  });
}

function ignore(): void {}
