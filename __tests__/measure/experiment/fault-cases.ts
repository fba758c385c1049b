import type { ServerResponse } from "node:http";
import type { PollOptions } from "../../../measure/experiment/poll-options";
import type { Outcome } from "../../../measure/record/record";
import { type FakeOptions, type FakeRequest, type Fault, json } from "./fake-github";
import type { RunScript } from "./fake-timeline";

/** One fault, and what the runner has to make of it. One configuration, one round. */
export interface FaultCase {
  readonly name: string;
  readonly options: FakeOptions;
  /** Of each attempt, in order. */
  readonly outcomes: readonly Outcome[];
  /** @default as many as attempts */
  readonly dispatches?: number;
  /** Part of the first record's detail. */
  readonly detail?: RegExp;
  /** Part of what a person reads meanwhile. */
  readonly told?: RegExp;
  readonly poll?: Partial<PollOptions>;
}

type Act = (response: ServerResponse, proceed: () => void) => void;

const at = (
  method: string,
  path: RegExp,
  act: Act,
  more: Partial<Fault> = {},
): { faults: readonly Fault[] } => ({
  faults: [{ when: matches(method, path), act, ...more }],
});

export function matches(method: string, path: RegExp): (request: FakeRequest) => boolean {
  return (request) => request.method === method && path.test(request.path);
}

export const RUN = /\/actions\/runs\/\d+$/;
export const JOBS = /\/jobs$/;
export const RUNS = /\/workflows\/[^/]+\/runs$/;
export const DISPATCHES = /\/dispatches$/;
export const ZIP = /\/zip$/;
export const ARTIFACTS = /\/artifacts$/;
export const BLOB = /^\/blob\//;
/** The first POST to the dispatches is the pre-flight's question. */
const AFTER_PREFLIGHT = { skip: 1 };

export const drop: Act = (response) => response.socket?.destroy();
const dropAfterwards: Act = (response, proceed) => {
  response.socket?.destroy();
  proceed();
};
const dropInTheMiddle: Act = (response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
  response.write('{"id": 1', () => response.socket?.destroy());
};
const never: Act = () => undefined;
export const status =
  (code: number, message: string, headers: Record<string, string> = {}): Act =>
  (response) =>
    json(response, code, { message }, headers);
const page: Act = (response) => {
  response.writeHead(502, { "content-type": "text/html" }).end("<html><h1>Bad gateway</h1></html>");
};
const fakePage: Act = (response) => {
  response.writeHead(200, { "content-type": "text/html" }).end("<html>Please log in</html>");
};

const SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
const usedUp = (): Record<string, string> => ({
  "x-ratelimit-remaining": "0",
  "x-ratelimit-reset": String(Math.floor(Date.now() / 1_000) + 5),
});

/** The first run follows the script, the later ones succeed. */
const first = (script: RunScript): FakeOptions => ({ script: (dispatch) => (dispatch === 0 ? script : {}) });
const spoilt = (artifact: NonNullable<RunScript["artifact"]>) => first({ artifact });

export const FAULT_CASES: readonly FaultCase[] = [
  // Limits
  {
    name: "429 with Retry-After while it looks at the run",
    options: at("GET", RUN, status(429, "Too many requests", { "retry-after": "7" })),
    outcomes: ["success"],
    told: /secondary rate limit: waiting 7 s/,
  },
  {
    name: "429 with Retry-After at the dispatch",
    options: at(
      "POST",
      DISPATCHES,
      status(429, "Too many requests", { "retry-after": "3" }),
      AFTER_PREFLIGHT,
    ),
    outcomes: ["success"],
    told: /waiting 3 s/,
  },
  {
    name: "secondary rate limit with Retry-After at the dispatch",
    options: at("POST", DISPATCHES, status(403, SECONDARY, { "retry-after": "30" }), AFTER_PREFLIGHT),
    outcomes: ["success"],
    told: /secondary rate limit: waiting 30 s/,
  },
  {
    name: "secondary rate limit without Retry-After",
    options: at("GET", JOBS, status(403, SECONDARY)),
    outcomes: ["success"],
    told: /secondary rate limit: waiting 1m00s/,
  },
  {
    name: "primary rate limit used up",
    options: {
      faults: [
        {
          when: matches("GET", RUN),
          act: (r) => json(r, 403, { message: "API rate limit exceeded" }, usedUp()),
        },
      ],
    },
    outcomes: ["success"],
    told: /rate limit is used up: waiting \d s/,
  },
  {
    name: "a secondary limit at the dispatch that outlasts the client's waits",
    options: at("POST", DISPATCHES, status(403, SECONDARY), { skip: 1, times: 8 }),
    outcomes: ["success"],
  },
  // Servers and connections
  {
    name: "500 while it looks at the run",
    options: at("GET", RUN, status(500, "Server Error")),
    outcomes: ["success"],
  },
  { name: "502 with a page instead of JSON", options: at("GET", JOBS, page), outcomes: ["success"] },
  {
    name: "503 for longer than the client repeats",
    options: at("GET", RUN, status(503, "Unavailable"), { times: 6 }),
    outcomes: ["success"],
    told: /warning: 503 Unavailable; asking again/,
  },
  { name: "a dropped connection", options: at("GET", RUN, drop), outcomes: ["success"] },
  {
    name: "a connection dropped inside an answer",
    options: at("GET", JOBS, dropInTheMiddle),
    outcomes: ["success"],
  },
  {
    name: "an answer that never comes",
    options: at("GET", RUN, never),
    outcomes: ["success"],
    poll: { requestTimeoutMs: 300 },
  },
  {
    name: "200 with a login page instead of JSON",
    options: at("GET", RUN, fakePage),
    outcomes: ["success"],
    told: /not what GitHub sends/,
  },
  // Dispatch and appearance
  {
    name: "500 at the dispatch, nothing started",
    options: at("POST", DISPATCHES, status(500, "Server Error"), AFTER_PREFLIGHT),
    outcomes: ["never_started", "success"],
    dispatches: 1,
    detail: /the dispatch failed \(500 Server Error\)/,
  },
  {
    name: "a connection dropped at the dispatch, and the run started all the same",
    options: at("POST", DISPATCHES, dropAfterwards, AFTER_PREFLIGHT),
    outcomes: ["success"],
  },
  {
    name: "a server that does not tell the run's id",
    options: { runDetails: "ignored", ...first({ hiddenPolls: 2 }) },
    outcomes: ["success"],
  },
  {
    name: "an older server that refuses to be asked for the run's id",
    options: { runDetails: "refused" },
    outcomes: ["success"],
  },
  {
    name: "a run that never appears",
    options: first({ appears: false }),
    outcomes: ["never_started", "success"],
    detail: /no run appeared/,
  },
  {
    name: "a run that appears after it was given up",
    options: { runDetails: "ignored", ...first({ hiddenPolls: 4 }) },
    outcomes: ["never_started", "success"],
    told: /appeared after it was given up; it was cancelled/,
  },
  {
    name: "a run that is deleted while it is watched",
    options: at("GET", RUN, status(404, "Not Found"), { skip: 1 }),
    outcomes: ["failure", "success"],
    detail: /no longer on GitHub/,
  },
  // Conclusions
  {
    name: "a failed job",
    options: first({ conclusion: "failure" }),
    outcomes: ["failure", "success"],
    detail: /ended as failure in the step "Build and push"/,
  },
  {
    name: "a job that fails every time",
    options: { script: () => ({ conclusion: "failure" }) },
    outcomes: ["failure", "failure", "failure"],
  },
  {
    name: "a build step that was skipped in a job that succeeded",
    options: first({ stepConclusion: "skipped" }),
    outcomes: ["skipped", "success"],
    detail: /the step "Build and push" ended as skipped/,
  },
  {
    name: "a run that succeeded without the job",
    options: first({ noJob: true }),
    outcomes: ["skipped", "success"],
  },
  {
    name: "a list of jobs that lags behind the run",
    options: first({ laggingJobPolls: 1 }),
    outcomes: ["success"],
  },
  // Artifacts
  {
    name: "no artifact",
    options: spoilt("missing"),
    outcomes: ["artifact_missing", "success"],
    detail: /no artifact build-hosted-default-1/,
  },
  { name: "an artifact that lists late", options: first({ artifactHiddenPolls: 2 }), outcomes: ["success"] },
  { name: "an expired artifact", options: spoilt("expired"), outcomes: ["artifact_expired", "success"] },
  { name: "410 at the download", options: spoilt("gone"), outcomes: ["artifact_expired", "success"] },
  {
    name: "an artifact that is no archive",
    options: spoilt("not-a-zip"),
    outcomes: ["artifact_malformed", "success"],
    detail: /not a zip archive \(47 bytes\)/,
  },
  {
    name: "facts of a newer workflow",
    options: spoilt("facts-newer"),
    outcomes: ["artifact_malformed", "success"],
    detail: /newer workflow/,
  },
  {
    name: "facts of another build",
    options: spoilt("other-build"),
    outcomes: ["artifact_malformed", "success"],
    detail: /round is 2 instead of 1/,
  },
  {
    name: "facts of the other variant",
    options: spoilt("other-variant"),
    outcomes: ["artifact_malformed", "success"],
    detail:
      /output is default instead of compression=zstd\S*; dockerfile is pipeline\/image\/Dockerfile\.original instead of pipeline\/image$/,
  },
  {
    name: "an archive that is not the one GitHub took",
    options: spoilt("other-digest"),
    outcomes: ["artifact_malformed", "success"],
    detail: /digest/,
  },
  {
    name: "progress that times nothing",
    options: spoilt("empty-progress"),
    outcomes: ["artifact_malformed", "success"],
    detail: /times nothing/,
  },
  { name: "503 from the storage host", options: at("GET", BLOB, status(503, "busy")), outcomes: ["success"] },
];
