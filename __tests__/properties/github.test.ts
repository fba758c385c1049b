import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { GithubApi } from "../../measure/experiment/github/api";
import { createClient } from "../../measure/experiment/github/client";
import { isRequestFailure, messageOf, UnexpectedAnswer } from "../../measure/experiment/github/failure";
import { limitWait } from "../../measure/experiment/github/limits";
import { FAST } from "../measure/experiment/harness";
import { hostile } from "./arbitraries/hostile";
import { spoilt, spoiltText, withUnknownKey } from "./arbitraries/mutations";
import { unclear, withoutSchemaWords } from "./clear";
import { holds } from "./runs";

const RUN = {
  id: 7,
  name: "Experiment [r]",
  display_title: "c5n-1 round 1 [r]",
  status: "completed",
  conclusion: "success",
  html_url: "https://github.com/acme/images/actions/runs/7",
  created_at: "2026-01-20T17:42:00Z",
};
const JOB = {
  id: 8,
  name: "custom-default",
  status: "completed",
  conclusion: "success",
  created_at: "2026-01-20T17:42:00Z",
  started_at: "2026-01-20T17:42:30Z",
  completed_at: "2026-01-20T17:50:10Z",
  steps: [{ name: "Build and push", status: "completed", conclusion: "success" }],
};
const ARTIFACT = { id: 9, name: "build", expired: false, digest: null };

/** Each question, and what GitHub answers to it. */
const QUESTIONS = [
  { ask: (api: GithubApi) => api.run(7), answer: RUN },
  { ask: (api: GithubApi) => api.jobs(7), answer: { total_count: 1, jobs: [JOB] } },
  { ask: (api: GithubApi) => api.artifact(7, "build"), answer: { total_count: 1, artifacts: [ARTIFACT] } },
  { ask: (api: GithubApi) => api.findRun("r", 0), answer: { total_count: 1, workflow_runs: [RUN] } },
  { ask: (api: GithubApi) => api.repository(), answer: { default_branch: "main", archived: false } },
  { ask: (api: GithubApi) => api.workflow(), answer: { id: 5, path: "p", state: "active" } },
  { ask: (api: GithubApi) => api.variableNames(), answer: { total_count: 1, variables: [{ name: "A" }] } },
  { ask: (api: GithubApi) => api.dispatch("main", {}), answer: { workflow_run_id: 7 } },
] as const;

describe("GitHub's API", () => {
  let server: Server;
  let body = "";
  let api: GithubApi;
  beforeAll(async () => {
    server = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { "content-type": "application/json", date: new Date().toUTCString() });
      response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const client = await createClient({
      apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      token: "token-of-the-test",
      pace: FAST,
      onWait: () => undefined,
      onServerTime: () => undefined,
    });
    api = new GithubApi(client, { owner: "acme", repository: "images", workflowFile: "experiment.yml" });
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const written = (value: unknown) => {
    try {
      return JSON.stringify(value) ?? "";
    } catch {
      return "";
    }
  };
  const questions = fc.constantFrom(...QUESTIONS).chain(({ ask, answer }) =>
    fc.record({
      ask: fc.constant(ask),
      text: fc.oneof(
        { weight: 4, arbitrary: spoilt(answer).map(({ value }) => written(value)) },
        { weight: 1, arbitrary: withUnknownKey(answer).map(({ value }) => written(value)) },
        { weight: 1, arbitrary: spoiltText(written(answer)) },
        { weight: 1, arbitrary: hostile.map(written) },
        { weight: 1, arbitrary: fc.constant(written(answer)) },
      ),
    }),
  );

  holds(
    "github: an odd answer is read, or named as unexpected",
    fc.asyncProperty(questions, async ({ ask, text }) => {
      body = text;
      try {
        await ask(api);
      } catch (error) {
        if (!(error instanceof UnexpectedAnswer) && !isRequestFailure(error)) throw error;
        expect(unclear(withoutSchemaWords(messageOf(error)))).toBeUndefined();
      }
    }),
    [
      // A proxy's page, and a field that GitHub may add before the list.
      [{ ask: QUESTIONS[6].ask, text: "true" }],
      [{ ask: QUESTIONS[6].ask, text: '{"total_count":1,"new":1,"variables":[{"name":"A"}]}' }],
      [{ ask: QUESTIONS[3].ask, text: '"<html>"' }],
    ],
  );
});

const failure = (status: number, message: string, headers: Readonly<Record<string, unknown>>) =>
  Object.assign(new Error(message), { status, response: { headers } });

holds(
  "github: a wait that GitHub asks for is never cut to nothing",
  fc.property(
    fc.constantFrom(403, 429),
    fc.constantFrom("", "secondary rate limit", "no"),
    fc.dictionary(
      fc.constantFrom("retry-after", "x-ratelimit-remaining", "x-ratelimit-reset", "date"),
      fc.oneof(
        fc.constantFrom("0", "60", "1e300", "99999999999", "-1", "", "Tue, 20 Jan 2026 17:43:00 GMT"),
        fc.nat().map(String),
        hostile,
      ),
    ),
    (status, message, headers) => {
      const wait = limitWait(failure(status, message, headers));
      if (wait === undefined) return;
      expect(wait.seconds).toBeGreaterThanOrEqual(0);
      // A timer takes 31 bits of milliseconds; with more it does not wait at all.
      expect(wait.seconds * 1000).toBeLessThan(2 ** 31);
    },
  ),
  [[429, "", { "retry-after": "99999999999" }]],
);
