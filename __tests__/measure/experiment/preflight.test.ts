import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { OWNER_ID, REPOSITORY_ID } from "./fake-bodies";
import { type FakeOptions, json } from "./fake-github";
import { DISPATCHES, drop, matches } from "./fault-cases";
import { experiment, fakeGithub, type RunSettings, resultsDirectory } from "./harness";

const RUN_WORDS = ["run", "c5n", "--rounds", "1", "--configurations", "hosted-default", "--results-dir"];

const problemsIn = (stderr: string) => stderr.split("\n").filter((line) => line.startsWith("  - "));

interface Missing {
  readonly name: string;
  readonly options?: FakeOptions;
  readonly settings?: RunSettings;
  readonly words?: readonly string[];
  readonly problems: readonly RegExp[];
}

const MISSING: readonly Missing[] = [
  { name: "a token", settings: { env: {} }, problems: [/no token: set GITHUB_TOKEN or GH_TOKEN/] },
  {
    name: "a usable token",
    settings: { env: { GH_TOKEN: "ghp_x\n" } },
    problems: [/the token holds a space/],
  },
  {
    name: "a valid token",
    settings: { env: { GH_TOKEN: "ghp_old" } },
    problems: [/the token is not valid at http/],
  },
  {
    name: "the repository",
    settings: { target: { repository: "large-python" } },
    problems: [/your-organization\/large-python is not visible to this token .*ends in \/api\/v3/],
  },
  {
    name: "the owner in GitHub's case",
    options: { fullName: "Your-Organization/large-python-container" },
    problems: [
      /c5n does not name the repository as GitHub does, and AWS compares the tokens of its jobs letter by letter: write github\.owner "Your-Organization" \(not "your-organization"\), and deploy it again$/,
    ],
  },
  {
    name: "the name after a rename, and the ids",
    options: { fullName: "your-organization/large-python" },
    settings: { target: { ownerId: 1001, repositoryId: 2002 } },
    problems: [
      /write github\.repository "large-python" \(not "large-python-container"\), github\.ownerId 9919 \(not 1001\) and github\.repositoryId 1296269 \(not 2002\), and deploy it again$/,
    ],
  },
  {
    name: "the right ids, beside what else is missing",
    options: { workflowState: "disabled_manually" },
    settings: { target: { ownerId: OWNER_ID, repositoryId: 2002 } },
    problems: [
      /write github\.repositoryId 1296269 \(not 2002\), and deploy it again$/,
      /is disabled_manually/,
    ],
  },
  {
    name: "the usual subject of a job's token",
    options: { oidcSubject: { use_default: false, include_claim_keys: ["repo", "job_workflow_ref"] } },
    problems: [
      /tokens of jobs in your-organization\/large-python-container have a subject of repo, job_workflow_ref, .*: gh api --method PUT repos\/your-organization\/large-python-container\/actions\/oidc\/customization\/sub -F use_default=true$/,
    ],
  },
  {
    name: "the workflow",
    options: { workflowState: null },
    problems: [/has no workflow experiment-c5n\.yml .*npx buildx-on-eks workflow c5n/],
  },
  {
    name: "an active workflow",
    options: { workflowState: "disabled_inactivity" },
    problems: [/is disabled_inactivity: enable it with gh workflow enable experiment-c5n\.yml/],
  },
  {
    name: "one variable",
    options: { variables: ["AWS_REGION"] },
    problems: [/lacks the variable EKS_CLUSTER: .*--variables/],
  },
  {
    name: "two variables",
    options: { variables: [] },
    problems: [/lacks the variables AWS_REGION, EKS_CLUSTER/],
  },
  {
    name: "write access",
    options: { push: false },
    problems: [/may not start workflows .*no write access.*Actions: write/],
  },
  {
    name: "the permission Actions: write",
    options: { push: null, mayWrite: false },
    problems: [/may not start workflows .*403 Resource not accessible by personal access token/],
  },
  {
    name: "the permission Variables: read",
    options: {
      faults: [
        {
          when: matches("GET", /variables$/),
          act: (response) => json(response, 403, { message: "Resource not accessible" }),
        },
      ],
    },
    problems: [/may not read the variables .*Variables: read/],
  },
  {
    name: "a workflow_dispatch trigger",
    options: {
      faults: [
        {
          when: matches("POST", DISPATCHES),
          act: (response) =>
            json(response, 422, { message: "Workflow does not have 'workflow_dispatch' trigger" }),
        },
      ],
    },
    problems: [/does not have 'workflow_dispatch' trigger/],
  },
  {
    name: "GitHub itself",
    options: { faults: [{ when: () => true, act: drop, times: 20 }] },
    problems: [/GitHub does not answer at http:\/\/127\.0\.0\.1/],
  },
  {
    name: "everything that GitHub can tell, at once",
    options: { workflowState: "disabled_manually", variables: ["EKS_CLUSTER"], push: false },
    words: ["--ref", "gone"],
    problems: [
      /is disabled_manually/,
      /no write access/,
      /no branch "gone"/,
      /lacks the variable AWS_REGION/,
    ],
  },
  {
    name: "options and GitHub's side together",
    options: { workflowState: null, variables: [] },
    words: ["--cache", "gha", "--seed", "-1"],
    problems: [
      /--seed must be/,
      /--cache must be one of none, local, inline, registry-min, registry; got "gha"/,
      /no workflow/,
      /lacks the variables/,
    ],
  },
  {
    name: "options, environment and token together",
    settings: { env: {} },
    words: ["--max-attempts", "0"],
    problems: [/--max-attempts must be/, /no token/],
  },
  {
    name: "a configuration that the environment has",
    settings: { target: { configurations: ["hosted-kubernetes"] } },
    problems: [/c5n does not provision hosted-default; it has hosted-kubernetes/],
  },
];

describe.concurrent("before anything is dispatched, one error names all that is missing", () => {
  test.for(MISSING)("$name", async ({ options, settings, words, problems }, context) => {
    const fake = await fakeGithub(context, options);
    const directory = join(resultsDirectory(context), "results");
    const { code, stderr } = await experiment(fake, [...RUN_WORDS, directory, ...(words ?? [])], settings);
    expect(code).toBe(2);
    const told = problemsIn(stderr);
    expect(told).toHaveLength(problems.length);
    for (const [index, problem] of problems.entries()) expect(told[index]).toMatch(problem);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(fake.dispatches).toBe(0);
    expect(existsSync(directory)).toBe(false);
  });

  test("a repository that GitHub spells otherwise is asked for no run, not even for one that cannot start", async (context) => {
    const fake = await fakeGithub(context, {
      fullName: "Your-Organization/large-python-container",
      faults: [{ when: matches("POST", DISPATCHES), act: (response) => json(response, 500, {}), times: 9 }],
    });
    const { code, stderr } = await experiment(fake, [...RUN_WORDS, resultsDirectory(context)]);
    expect([code, problemsIn(stderr)]).toEqual([2, [expect.stringContaining('github.owner "Your-')]]);
    expect(fake.count("POST", DISPATCHES)).toBe(0);
  });

  test("nothing is missing: it runs", async (context) => {
    const fake = await fakeGithub(context);
    const target = { ownerId: OWNER_ID, repositoryId: REPOSITORY_ID };
    expect((await experiment(fake, [...RUN_WORDS, resultsDirectory(context)], { target })).code).toBe(0);
  });

  test("a variable of the organization is as good, and so is one on the second page", async (context) => {
    const many = Array.from({ length: 30 }, (_, index) => `OTHER_${index}`);
    const shared = await fakeGithub(context, {
      variables: ["AWS_REGION"],
      organizationVariables: ["EKS_CLUSTER"],
    });
    expect((await experiment(shared, [...RUN_WORDS, resultsDirectory(context)])).code).toBe(0);
    const paged = await fakeGithub(context, { variables: [...many, "AWS_REGION", "EKS_CLUSTER"] });
    expect((await experiment(paged, [...RUN_WORDS, resultsDirectory(context)])).code).toBe(0);
  });

  test.for<[string, FakeOptions, RunSettings, string[]]>([
    ["GitHub's own", { oidcSubject: { use_default: true } }, {}, []],
    [
      "of the usual parts",
      { oidcSubject: { use_default: false, include_claim_keys: ["repo", "context"] } },
      {},
      [],
    ],
    ["that an organization chooses unseen", { oidcSubject: { use_default: false } }, {}, []],
    [
      "that no job of the environment uses",
      { oidcSubject: { use_default: false, include_claim_keys: ["actor"] } },
      { target: { configurations: ["custom-default"] } },
      ["--configurations", "custom-default"],
    ],
  ])("a subject %s is none of its business", async ([, options, settings, words], context) => {
    const fake = await fakeGithub(context, options);
    const all = [...RUN_WORDS, resultsDirectory(context), ...words];
    expect((await experiment(fake, all, settings)).code).toBe(0);
  });

  test("an unknown environment is told with the others", async (context) => {
    const fake = await fakeGithub(context);
    const { code, stderr } = await experiment(fake, ["run", "c5m"], { env: {} });
    expect(code).toBe(2);
    expect(problemsIn(stderr)).toEqual([
      expect.stringContaining("--rounds is needed"),
      expect.stringContaining('no environment "c5m"; there are c5n, c5'),
      expect.stringContaining("no token"),
    ]);
  });

  test("--json tells the error as an event", async (context) => {
    const fake = await fakeGithub(context);
    const { stdout, stderr } = await experiment(fake, ["run", "c5n", "--json"], { env: {} });
    expect(JSON.parse(stdout)).toEqual({ event: "error", message: expect.stringContaining("no token") });
    expect(stderr).toBe("");
  });
});
