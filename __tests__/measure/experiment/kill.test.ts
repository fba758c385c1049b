import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { identityOf } from "../../../measure/record/record";
import { presetOf } from "../../../measure/record/variant";
import { type FakeGithub, type FakeOptions, type Fault, TOKEN } from "./fake-github";
import { BLOB, DISPATCHES, matches, RUN, RUNS } from "./fault-cases";
import { type Cleanup, experiment, fakeGithub, journalIn, recordsIn, resultsDirectory } from "./harness";

interface Child {
  readonly process: ChildProcess;
  readonly end: Promise<{
    readonly code: number | null;
    readonly signal: string | null;
    readonly stderr: string;
  }>;
}

function start({ onTestFinished }: Cleanup, fake: FakeGithub, words: readonly string[]): Child {
  const child = spawn(process.execPath, ["--import", "tsx", join(__dirname, "child.ts"), ...words], {
    env: { PATH: process.env.PATH, FAKE_GITHUB_URL: fake.url, GITHUB_TOKEN: TOKEN },
    stdio: ["ignore", "ignore", "pipe"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const end = new Promise<Awaited<Child["end"]>>((resolve) =>
    child.on("close", (code, signal) => resolve({ code, signal, stderr })),
  );
  return { process: child, end };
}

interface KillPoint {
  readonly name: string;
  readonly at: Pick<Fault, "when" | "skip">;
  /** Whether the server still acts upon the request during which the runner dies. */
  readonly served: boolean;
  readonly options?: FakeOptions;
}

const KILL_POINTS: readonly KillPoint[] = [
  {
    name: "the dispatch has not reached GitHub",
    at: { when: matches("POST", DISPATCHES), skip: 1 },
    served: false,
  },
  {
    name: "the dispatch has, and the answer is lost",
    at: { when: matches("POST", DISPATCHES), skip: 1 },
    served: true,
  },
  {
    name: "it looks for the run",
    at: { when: matches("GET", RUNS) },
    served: true,
    options: { runDetails: "ignored" },
  },
  { name: "it looks at the run", at: { when: matches("GET", RUN), skip: 1 }, served: true },
  { name: "it downloads the artifact", at: { when: matches("GET", BLOB) }, served: true },
  {
    name: "the second build is dispatched",
    at: { when: matches("POST", DISPATCHES), skip: 2 },
    served: true,
  },
];

const WORDS = [
  "run",
  "c5n",
  "--rounds",
  "1",
  "--configurations",
  "hosted-default,custom-default",
  "--variants",
  "original,fast",
  "--results-dir",
];
/** Every build of the plan, once. */
const BUILDS = [
  "custom-default fast 1 success",
  "custom-default original 1 success",
  "hosted-default fast 1 success",
  "hosted-default original 1 success",
];

describe.concurrent("kill -9 while", () => {
  test.for(KILL_POINTS)(
    "$name: --resume loses and doubles nothing",
    async ({ at, served, options }, context) => {
      const fake = await fakeGithub(context, options);
      const directory = resultsDirectory(context);
      const child = start(context, fake, [...WORDS, directory]);
      fake.addFault({
        ...at,
        act: (response, proceed) => {
          response.socket?.destroy();
          child.process.kill("SIGKILL");
          if (served) proceed();
        },
      });
      expect(await child.end).toMatchObject({ signal: "SIGKILL" });
      expect(existsSync(join(directory, "c5n.lock"))).toBe(true);

      const refused = await experiment(fake, [...WORDS, directory]);
      expect(refused.code).toBe(2);
      expect(refused.stderr).toMatch(
        /is not finished\. Either\n {2}- go on with it: .* --resume .*\n {2}- or give it up/,
      );

      const { code } = await experiment(fake, ["run", "c5n", "--resume", "--results-dir", directory]);
      expect(code).toBe(0);
      const records = recordsIn(directory);
      expect(
        records
          .map(
            ({ configuration, variant, attempt, outcome }) =>
              `${configuration} ${presetOf(variant)} ${attempt} ${outcome}`,
          )
          .sort(),
      ).toEqual(BUILDS);
      expect(new Set(records.map(identityOf)).size).toBe(BUILDS.length);
      expect(fake.dispatches).toBe(records.length);
      expect(journalIn(directory)).toMatch(/"finished"/);
      expect(existsSync(join(directory, "c5n.lock"))).toBe(false);
    },
  );
});

describe.concurrent("the process itself", () => {
  test("stops on Ctrl-C with 130, and --resume goes on", async (context) => {
    const fake = await fakeGithub(context);
    const directory = resultsDirectory(context);
    const child = start(context, fake, [...WORDS, directory]);
    fake.addFault({
      when: matches("GET", RUN),
      act: (_, proceed) => {
        child.process.kill("SIGINT");
        proceed();
      },
    });
    const { code, stderr } = await child.end;
    expect(code).toBe(130);
    expect(stderr).toContain(
      `Go on with: npx buildx-on-eks experiment run c5n --resume --results-dir ${directory}`,
    );
    expect(fake.dispatches).toBe(1);
    const resumed = await experiment(fake, ["run", "c5n", "--resume", "--results-dir", directory]);
    expect(resumed.code).toBe(0);
    expect(recordsIn(directory)).toHaveLength(BUILDS.length);
    expect(fake.dispatches).toBe(BUILDS.length);
  });
});
