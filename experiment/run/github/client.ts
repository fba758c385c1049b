import type { ThrottlingOptions } from "@octokit/plugin-throttling";
import type { Pace } from "../pace";
import { isRequestFailure } from "./failure";
import { patientFetch } from "./fetch";

/** The throttling plugin's queue of writes: at most one a second, shared by the whole process by default. */
export type WriteQueue = NonNullable<Extract<ThrottlingOptions, { enabled: false }>["write"]>;

export interface ClientOptions {
  /** `https://api.github.com`, or `https://HOST/api/v3`. */
  readonly apiUrl: string;
  readonly token: string;
  readonly pace: Pace;
  /** Told of each wait that a limit imposes, in seconds. */
  readonly onWait: (reason: string, seconds: number) => void;
  /**
   * Called with the server's clock, ms since the epoch, at every answer: the local one may be wrong.
   */
  readonly onServerTime: (now: number) => void;
  /** @default - the plugin's own, one write a second */
  readonly writeQueue?: WriteQueue;
}

export type Client = Awaited<ReturnType<typeof createClient>>;

/** How often one request is repeated because of a limit. */
const LIMIT_RETRIES = 5;

/**
 * Octokit with throttling (primary and secondary limits), retries (5xx and broken connections) and the one case
 * that both plugins leave out: 403 or 429 with a Retry-After and no more. Loaded here and not at the top,
 * because `report` and `--help` need none of it.
 */
export async function createClient(options: ClientOptions) {
  const [{ Octokit }, { throttling }, { retry }, { restEndpointMethods }, { paginateRest }] =
    await Promise.all([
      import("@octokit/core"),
      import("@octokit/plugin-throttling"),
      import("@octokit/plugin-retry"),
      import("@octokit/plugin-rest-endpoint-methods"),
      import("@octokit/plugin-paginate-rest"),
    ]);
  const onLimit =
    (reason: string) => (seconds: number, _request: object, _octokit: object, count: number) => {
      const again = count < LIMIT_RETRIES;
      if (again) options.onWait(reason, seconds);
      return again;
    };
  const { secondMs } = options.pace;
  const octokit = new (Octokit.plugin(throttling, retry, restEndpointMethods, paginateRest))({
    auth: options.token,
    baseUrl: options.apiUrl,
    userAgent: "buildx-on-eks-experiment",
    // Octokit warns on the console by default; what matters arrives as an error or through onWait.
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    request: { fetch: patientFetch(options.pace.requestTimeoutMs) },
    throttle: {
      onRateLimit: onLimit("GitHub's rate limit is used up"),
      onSecondaryRateLimit: onLimit("GitHub's secondary rate limit"),
      retryAfterBaseValue: secondMs,
      ...(options.writeQueue && { write: options.writeQueue }),
    },
    // 429 is left to the throttling plugin and to the hook below, which read its Retry-After.
    retry: { doNotRetry: [400, 401, 403, 404, 409, 410, 422, 429, 451], retryAfterBaseValue: secondMs },
  });

  octokit.hook.after("request", (response) => noteTime(response.headers.date));
  octokit.hook.error("request", (error) => {
    if (isRequestFailure(error)) noteTime(error.response?.headers?.date);
    throw error;
  });
  octokit.hook.wrap("request", async (request, parameters) => {
    for (let count = 0; ; count++) {
      try {
        return await request(parameters);
      } catch (error) {
        const seconds = plainRetryAfter(error);
        if (seconds === undefined || count >= LIMIT_RETRIES) throw error;
        options.onWait("GitHub asks to wait", seconds);
        await new Promise((resolve) => setTimeout(resolve, seconds * secondMs));
      }
    }
  });
  return octokit;

  function noteTime(date: unknown): void {
    const now = typeof date === "string" ? Date.parse(date) : Number.NaN;
    if (Number.isFinite(now)) options.onServerTime(now);
  }
}

function ignore(): void {}

/** Seconds of a Retry-After that the throttling plugin did not already act upon. */
function plainRetryAfter(error: unknown): number | undefined {
  if (!isRequestFailure(error) || (error.status !== 403 && error.status !== 429)) return undefined;
  const headers = error.response?.headers ?? {};
  if (headers["x-ratelimit-remaining"] === "0" || /\bsecondary rate\b/i.test(error.message)) return undefined;
  const text = headers["retry-after"];
  if (typeof text !== "string" && typeof text !== "number") return undefined;
  const seconds = Number(text);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}
