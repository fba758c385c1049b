import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CACHES } from "../../../environment/caches";
import { CONFIGURATIONS } from "../../../environment/configurations";
import { type ArtifactOf, archiveOf } from "./fake-artifact";
import {
  type FakeRun,
  htmlOf,
  iso,
  jobBody,
  OWNER,
  OWNER_ID,
  REPOSITORY,
  REPOSITORY_ID,
  runBody,
  SHA,
  skippedJob,
  statusOf,
} from "./fake-bodies";
import { type RunScript, timesOf } from "./fake-timeline";

export const TOKEN = "token-of-the-fake";

/** One request, as a fault sees it. `path` is below the base path, without the query. */
export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  readonly host: "api" | "storage";
}

/** Replaces an answer, or comes before it. `proceed` gives the ordinary one. */
export interface Fault {
  readonly when: (request: FakeRequest) => boolean;
  /** How many matching requests it strikes. @default 1 */
  readonly times?: number;
  /** Matching requests that pass first. @default 0 */
  readonly skip?: number;
  readonly act: (response: ServerResponse, proceed: () => void, request: FakeRequest) => void;
}

export interface FakeOptions {
  /** `/api/v3` for GitHub Enterprise Server. @default "" */
  readonly basePath?: string;
  /** How the server takes return_run_details. @default "known" */
  readonly runDetails?: "known" | "ignored" | "refused";
  /** By the number of the accepted dispatch, from 0. @default every build succeeds */
  readonly script?: (dispatch: number, inputs: Readonly<Record<string, string>>) => RunScript;
  readonly faults?: readonly Fault[];
  readonly workflowState?: string | null;
  readonly variables?: readonly string[];
  readonly organizationVariables?: readonly string[];
  readonly mayWrite?: boolean;
  /** What GitHub calls the repository, whichever name it is asked by. @default as it is asked */
  readonly fullName?: string;
  /** What the server says of the subject of a job's OIDC token; without it, it knows no such thing. */
  readonly oidcSubject?: { readonly use_default: boolean; readonly include_claim_keys?: readonly string[] };
  /** null: the server does not tell what the token may do. */
  readonly push?: boolean | null;
  readonly branches?: readonly string[];
}

/**
 * GitHub's REST API as far as the experiment uses it: a real HTTP server that answers with the fields of
 * https://docs.github.com/en/rest. Time passes by looks: a run is queued for so many looks, then runs for so
 * many, then is done; its times are those of `timesOf`.
 */
export class FakeGithub {
  readonly requests: FakeRequest[] = [];
  readonly runs: FakeRun[] = [];
  /** The most runs that were under way at once, per class and in all. */
  readonly mostAtOnce = { all: 0, hosted: 0, custom: 0 };
  private readonly faults: { left: number; skip: number; fault: Fault }[];
  private readonly api: Server;
  private readonly storage: Server;
  private nextRunId = 30_433_642;

  private constructor(readonly options: FakeOptions) {
    this.faults = (options.faults ?? []).map((fault) => ({
      fault,
      left: fault.times ?? 1,
      skip: fault.skip ?? 0,
    }));
    this.api = createServer((request, response) => void this.receive("api", request, response));
    this.storage = createServer((request, response) => void this.receive("storage", request, response));
  }

  static async start(options: FakeOptions = {}): Promise<FakeGithub> {
    const fake = new FakeGithub(options);
    await Promise.all([listen(fake.api), listen(fake.storage)]);
    return fake;
  }

  async stop(): Promise<void> {
    await Promise.all([close(this.api), close(this.storage)]);
  }

  get url(): string {
    return `http://127.0.0.1:${portOf(this.api)}${this.options.basePath ?? ""}`;
  }

  /** Accepted requests to start a run. */
  get dispatches(): number {
    return this.runs.length;
  }

  addFault(fault: Fault): void {
    this.faults.push({ fault, left: fault.times ?? 1, skip: fault.skip ?? 0 });
  }

  count(method: string, path: RegExp): number {
    return this.requests.filter((request) => request.method === method && path.test(request.path)).length;
  }

  private async receive(host: FakeRequest["host"], incoming: IncomingMessage, response: ServerResponse) {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
    const url = new URL(incoming.url ?? "/", "http://fake");
    const base = host === "api" ? (this.options.basePath ?? "") : "";
    const request: FakeRequest = {
      method: incoming.method ?? "GET",
      path: url.pathname.startsWith(base) ? url.pathname.slice(base.length) : `outside${url.pathname}`,
      query: url.searchParams,
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString("utf8"),
      host,
    };
    this.requests.push(request);
    const proceed = () =>
      host === "api" ? this.answer(request, response) : this.download(request, response);
    const hit = this.faults.find(({ fault, left }) => left > 0 && fault.when(request));
    if (hit === undefined) {
      proceed();
      return;
    }
    if (hit.skip > 0) {
      hit.skip--;
      proceed();
      return;
    }
    hit.left--;
    hit.fault.act(response, proceed, request);
  }

  private answer(request: FakeRequest, response: ServerResponse): void {
    if (request.headers.authorization !== `token ${TOKEN}`) {
      refuse(response, 401, "Bad credentials");
      return;
    }
    const prefix = `/repos/${OWNER}/${REPOSITORY}`;
    const { path } = request;
    if (path !== prefix && !path.startsWith(`${prefix}/`)) {
      notFound(response);
      return;
    }
    const key = `${request.method} ${path.slice(prefix.length)}`;
    for (const [pattern, handler] of this.routes) {
      const match = pattern.exec(key);
      if (match !== null) {
        handler(response, request, match[1] ?? "");
        return;
      }
    }
    notFound(response);
  }

  private readonly routes: readonly [
    RegExp,
    (response: ServerResponse, request: FakeRequest, id: string) => void,
  ][] = [
    [/^GET $/, (response) => this.repository(response)],
    [/^GET \/branches\/(.+)$/, (response, _, name) => this.branch(response, decodeURIComponent(name))],
    [/^GET \/actions\/workflows\/([^/]+)$/, (response, _, file) => this.workflow(response, file)],
    [
      /^POST \/actions\/workflows\/([^/]+)\/dispatches$/,
      (response, request) => this.dispatch(response, request),
    ],
    [/^GET \/actions\/workflows\/([^/]+)\/runs$/, (response, request) => this.list(response, request)],
    [/^GET \/actions\/runs\/(\d+)$/, (response, request, id) => this.run(response, request, id)],
    [/^GET \/actions\/runs\/(\d+)\/jobs$/, (response, request, id) => this.jobs(response, request, id)],
    [
      /^GET \/actions\/runs\/(\d+)\/artifacts$/,
      (response, request, id) => this.artifacts(response, request, id),
    ],
    [/^POST \/actions\/runs\/(\d+)\/cancel$/, (response, _, id) => this.cancel(response, id)],
    [/^GET \/actions\/artifacts\/(\d+)\/zip$/, (response, _, id) => this.redirect(response, id)],
    [
      /^GET \/actions\/variables$/,
      (response, request) => this.variables(response, request, this.options.variables ?? VARIABLES),
    ],
    [
      /^GET \/actions\/oidc\/customization\/sub$/,
      (response) =>
        this.options.oidcSubject === undefined
          ? notFound(response)
          : json(response, 200, this.options.oidcSubject),
    ],
    [
      /^GET \/actions\/organization-variables$/,
      (response, request) =>
        this.options.organizationVariables === undefined
          ? notFound(response)
          : this.variables(response, request, this.options.organizationVariables),
    ],
  ];

  private repository(response: ServerResponse): void {
    const { push = true } = this.options;
    json(response, 200, {
      id: REPOSITORY_ID,
      name: REPOSITORY,
      full_name: this.options.fullName ?? `${OWNER}/${REPOSITORY}`,
      owner: { login: OWNER, id: OWNER_ID },
      private: true,
      archived: false,
      default_branch: "main",
      ...(push !== null && {
        permissions: { admin: false, maintain: false, push, triage: push, pull: true },
      }),
    });
  }

  private branch(response: ServerResponse, name: string): void {
    if (!["main", ...(this.options.branches ?? [])].includes(name)) {
      refuse(response, 404, "Branch not found");
      return;
    }
    json(response, 200, { name, commit: { sha: SHA }, protected: false });
  }

  private workflow(response: ServerResponse, file: string): void {
    const { workflowState = "active" } = this.options;
    if (workflowState === null) {
      notFound(response);
      return;
    }
    json(response, 200, {
      id: 161335,
      node_id: "MDg6V29ya2Zsb3cxNjEzMzU=",
      name: "Experiment",
      path: `.github/workflows/${file}`,
      state: workflowState,
      created_at: "2026-01-08T23:48:37.000-08:00",
      updated_at: "2026-01-08T23:50:21.000-08:00",
      badge_url: "",
    });
  }

  private dispatch(response: ServerResponse, { body }: FakeRequest): void {
    if (this.options.mayWrite === false) {
      refuse(response, 403, "Resource not accessible by personal access token");
      return;
    }
    const { ref, inputs, return_run_details: details } = readDispatch(body);
    if (details !== undefined && this.options.runDetails === "refused") {
      refuse(response, 422, 'Invalid request.\n\n"return_run_details" is not a permitted key.');
      return;
    }
    if (!["main", ...(this.options.branches ?? [])].includes(ref)) {
      refuse(response, 422, `No ref found for: ${ref}`);
      return;
    }
    const run = this.begin(inputs);
    if (details !== true || this.options.runDetails === "ignored" || run.script.appears === false) {
      response.writeHead(204, limits()).end();
      return;
    }
    json(response, 200, { workflow_run_id: run.id, run_url: this.urlOf(run), html_url: htmlOf(run) });
  }

  /** Also for faults that lose the answer: the run starts all the same. */
  private begin(inputs: Readonly<Record<string, string>>): FakeRun {
    const configuration = CONFIGURATIONS.find((candidate) => candidate === inputs.configurations);
    if (configuration === undefined) throw new Error(`dispatched for ${inputs.configurations}`);
    const run: FakeRun = {
      id: this.nextRunId++,
      inputs,
      configuration,
      // The API tells whole seconds.
      createdAt: Math.floor(Date.now() / 1_000) * 1_000,
      script: this.options.script?.(this.runs.length, inputs) ?? {},
      looks: 0,
      listPolls: 0,
      jobPolls: 0,
      artifactPolls: 0,
      cancelled: false,
    };
    this.runs.push(run);
    const underWay = this.runs.filter(
      (other) => other.script.appears !== false && statusOf(other) !== "completed",
    );
    const of = (kind: string) => underWay.filter((other) => other.configuration.startsWith(kind)).length;
    this.mostAtOnce.all = Math.max(this.mostAtOnce.all, underWay.length);
    this.mostAtOnce.hosted = Math.max(this.mostAtOnce.hosted, of("hosted"));
    this.mostAtOnce.custom = Math.max(this.mostAtOnce.custom, of("custom"));
    return run;
  }

  private list(response: ServerResponse, { query }: FakeRequest): void {
    const since = Date.parse((query.get("created") ?? "").replace(/^>=/, ""));
    const shown = this.runs.filter(
      (run) =>
        run.script.appears !== false &&
        run.listPolls++ >= (run.script.hiddenPolls ?? 0) &&
        (Number.isNaN(since) || run.createdAt >= since),
    );
    const newestFirst = shown.reverse().map((run) => runBody(run, this.urlOf(run)));
    json(response, 200, { total_count: newestFirst.length, workflow_runs: newestFirst });
  }

  private run(response: ServerResponse, request: FakeRequest, id: string): void {
    const run = this.find(id);
    if (run === undefined) {
      notFound(response);
      return;
    }
    run.looks++;
    conditional(response, request, `${run.id}-${statusOf(run)}`, runBody(run, this.urlOf(run)));
  }

  private jobs(response: ServerResponse, request: FakeRequest, id: string): void {
    const run = this.find(id);
    if (run === undefined) {
      notFound(response);
      return;
    }
    const lags = statusOf(run) === "completed" && run.jobPolls++ < (run.script.laggingJobPolls ?? 0);
    const shown = CONFIGURATIONS.filter(
      (configuration) => configuration !== run.configuration || run.script.noJob !== true,
    );
    const jobs: object[] = shown.map((configuration, index) =>
      configuration === run.configuration
        ? jobBody(run, index, lags ? "in_progress" : statusOf(run))
        : skippedJob(run, configuration, index),
    );
    conditional(response, request, `${run.id}-jobs-${statusOf(run)}-${lags}`, {
      total_count: jobs.length,
      jobs,
    });
  }

  private artifacts(response: ServerResponse, { query }: FakeRequest, id: string): void {
    const run = this.find(id);
    if (run === undefined) {
      notFound(response);
      return;
    }
    const { artifact = "good" } = run.script;
    const name = `build-${run.configuration}-${run.inputs.round}`;
    const hidden = artifact === "missing" || run.artifactPolls++ < (run.script.artifactHiddenPolls ?? 0);
    const archive = archiveOf(this.artifactOf(run), artifact);
    const digest =
      artifact === "other-digest" ? "0".repeat(64) : createHash("sha256").update(archive).digest("hex");
    const artifacts =
      hidden || query.get("name") !== name
        ? []
        : [
            {
              id: run.id * 10,
              node_id: "MDg6QXJ0aWZhY3QxMQ==",
              name,
              size_in_bytes: archive.length,
              url: `${this.url}/repos/${OWNER}/${REPOSITORY}/actions/artifacts/${run.id * 10}`,
              archive_download_url: `${this.url}/repos/${OWNER}/${REPOSITORY}/actions/artifacts/${run.id * 10}/zip`,
              expired: artifact === "expired",
              created_at: iso(run.createdAt),
              expires_at: iso(run.createdAt + 7_776_000_000),
              updated_at: iso(run.createdAt),
              digest: `sha256:${digest}`,
              workflow_run: { id: run.id, repository_id: 1296269, head_branch: "main", head_sha: SHA },
            },
          ];
    json(response, 200, { total_count: artifacts.length, artifacts });
  }

  private redirect(response: ServerResponse, id: string): void {
    const run = this.find(String(Number(id) / 10));
    if (run === undefined) {
      notFound(response);
      return;
    }
    if (run.script.artifact === "gone") {
      refuse(response, 410, "Artifact has expired");
      return;
    }
    const location = `http://127.0.0.1:${portOf(this.storage)}/blob/${run.id}?sig=abc`;
    response.writeHead(302, { ...limits(), location }).end();
  }

  private download(request: FakeRequest, response: ServerResponse): void {
    const run = this.find(request.path.replace("/blob/", ""));
    if (run === undefined) {
      notFound(response);
      return;
    }
    const body = archiveOf(this.artifactOf(run), run.script.artifact ?? "good");
    response.writeHead(200, { "content-type": "application/zip", "content-length": body.length }).end(body);
  }

  private cancel(response: ServerResponse, id: string): void {
    const run = this.find(id);
    if (run === undefined) {
      notFound(response);
      return;
    }
    if (statusOf(run) === "completed") {
      refuse(response, 409, "Cannot cancel a workflow run that is completed.");
      return;
    }
    run.cancelled = true;
    json(response, 202, {});
  }

  private variables(response: ServerResponse, { query, path }: FakeRequest, names: readonly string[]): void {
    const size = Number(query.get("per_page") ?? "10");
    const page = Number(query.get("page") ?? "1");
    const variables = names.slice((page - 1) * size, page * size).map((name) => ({
      name,
      value: "x",
      created_at: "2026-01-10T10:59:22Z",
      updated_at: "2026-01-11T11:59:22Z",
    }));
    const next = `${this.url}${path}?per_page=${size}&page=${page + 1}`;
    const link = page * size < names.length ? { link: `<${next}>; rel="next"` } : {};
    json(response, 200, { total_count: names.length, variables }, link);
  }

  private find(id: string): FakeRun | undefined {
    return this.runs.find((run) => run.id === Number(id) && run.script.appears !== false);
  }

  private urlOf(run: FakeRun): string {
    return `${this.url}/repos/${OWNER}/${REPOSITORY}/actions/runs/${run.id}`;
  }

  private artifactOf(run: FakeRun): ArtifactOf {
    const times = timesOf(run.configuration, run.inputs.image);
    const startedAt = run.createdAt + (times.queue + times.setup) * 1_000;
    const cache = run.inputs.cache;
    return {
      environment: "c5n",
      configuration: run.configuration,
      round: Number(run.inputs.round),
      experiment: run.inputs.experiment ?? "",
      cache: CACHES.find((known) => known === cache) ?? "none",
      output: run.inputs.output ?? "",
      dockerfile: run.inputs.image ?? "",
      startedAt: iso(startedAt),
      finishedAt: iso(startedAt + times.build * 1_000),
    };
  }
}

const DOCS = "https://docs.github.com/rest";
export const VARIABLES = ["AWS_REGION", "EKS_CLUSTER"];

function readDispatch(body: string): {
  ref: string;
  inputs: Record<string, string>;
  return_run_details?: boolean;
} {
  return JSON.parse(body);
}

function limits(): Record<string, string> {
  return {
    "x-ratelimit-limit": "5000",
    "x-ratelimit-remaining": "4999",
    "x-ratelimit-reset": String(Math.floor(Date.now() / 1_000) + 3_600),
    "x-ratelimit-used": "1",
    "x-ratelimit-resource": "core",
    "x-github-api-version-selected": "2022-11-28",
  };
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response
    .writeHead(status, { ...limits(), "content-type": "application/json; charset=utf-8", ...headers })
    .end(JSON.stringify(body));
}

/** 304 without a body when the client has this state already. */
function conditional(response: ServerResponse, request: FakeRequest, state: string, body: unknown): void {
  const etag = `W/"${createHash("sha256").update(state).digest("hex")}"`;
  if (request.headers["if-none-match"] === etag) {
    response.writeHead(304, { ...limits(), etag }).end();
    return;
  }
  json(response, 200, body, { etag });
}

/** An error, as GitHub words it. */
export function refuse(response: ServerResponse, status: number, message: string): void {
  json(response, status, { message, documentation_url: DOCS, status: String(status) });
}

function notFound(response: ServerResponse): void {
  refuse(response, 404, "Not Found");
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
