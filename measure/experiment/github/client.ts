import { setTimeout as sleep } from "node:timers/promises";
import type { Pace } from "../pace";
import { isRequestFailure, isTransient } from "./failure";
import { patientFetch } from "./fetch";
import { Gap, limitWait } from "./limits";

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
}

export type Client = Awaited<ReturnType<typeof createClient>>;

/** How often one request is repeated because of a limit. */
const LIMIT_RETRIES = 5;

/** How often one request is repeated after a server's error or a broken connection: after 1, 4 and 9 seconds. */
const RETRIES = 3;

/**
 * Octokit with retries (5xx and broken connections), waits for limits (primary, secondary, and a mere Retry-After)
 * and a pause between two writes. Loaded here and not at the top, because `report` and `--help` need none of it.
 */
export async function createClient(options: ClientOptions) {
  const [{ Octokit }, { restEndpointMethods }, { paginateRest }] = await Promise.all([
    import("@octokit/core"),
    import("@octokit/plugin-rest-endpoint-methods"),
    import("@octokit/plugin-paginate-rest"),
  ]);
  const { secondMs, writeGapMs, requestTimeoutMs } = options.pace;
  const writes = new Gap(writeGapMs);
  const octokit = new (Octokit.plugin(restEndpointMethods, paginateRest))({
    auth: options.token,
    baseUrl: options.apiUrl,
    userAgent: "buildx-on-eks-experiment",
    // Octokit warns on the console by default; what matters arrives as an error or through onWait.
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    request: { fetch: patientFetch(requestTimeoutMs) },
  });

  octokit.hook.after("request", (response) => noteTime(response.headers.date));
  octokit.hook.error("request", (error) => {
    if (isRequestFailure(error)) noteTime(error.response?.headers?.date);
    throw error;
  });
  octokit.hook.wrap("request", async (request, parameters) => {
    const retries = typeof parameters.request?.retries === "number" ? parameters.request.retries : RETRIES;
    for (let limits = 0, failures = 0; ; ) {
      if (parameters.method !== "GET") await writes.turn();
      try {
        return await request(parameters);
      } catch (error) {
        const wait = limitWait(error);
        if (wait !== undefined && limits < LIMIT_RETRIES) {
          limits++;
          options.onWait(wait.reason, wait.seconds);
          await sleep(wait.seconds * secondMs);
        } else if (wait === undefined && isTransient(error) && failures < retries) {
          failures++;
          await sleep(failures ** 2 * secondMs);
        } else throw error;
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
