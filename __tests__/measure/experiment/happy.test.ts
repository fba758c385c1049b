import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CONFIGURATIONS } from "../../../environment/configurations";
import { planBuilds } from "../../../measure/experiment/plan";
import { isSuccess } from "../../../measure/record/record";
import { timesOf } from "./fake-timeline";
import { matches, RUN } from "./fault-cases";
import { eventsIn, experiment, fakeGithub, type RunResult, recordsIn, resultsDirectory } from "./harness";

const ONE_BUILD = ["run", "c5n", "--rounds", "1", "--configurations", "hosted-default", "--results-dir"];

describe.concurrent("a run without faults", () => {
  test("builds 4 configurations in 3 rounds in the planned order, one at a time, and records each once", async (context) => {
    const fake = await fakeGithub(context);
    const directory = resultsDirectory(context);
    const words = ["run", "c5n", "--rounds", "3", "--seed", "1", "--results-dir", directory];
    const { code, stdout, stderr } = await experiment(fake, words);
    expect(stderr).not.toContain("error");
    expect(code).toBe(0);
    const records = recordsIn(directory);
    const order = records.map(({ round, configuration }) => ({ round, configuration, variant: "fast" }));
    expect(order).toEqual(planBuilds(CONFIGURATIONS, ["fast"], 3, 1).flat());
    expect(records.every((record) => isSuccess(record) && record.attempt === 1)).toBe(true);
    expect(fake.dispatches).toBe(12);
    expect(fake.mostAtOnce.all).toBe(1);
    expect(stdout).toContain("12 of 12 builds succeeded");
    expect(readdirSync(directory).sort()).toEqual(["c5n.journal.jsonl", "c5n.jsonl"]);
  });

  test("takes every time from the Jobs API, and the phases and facts from the artifact", async (context) => {
    const fake = await fakeGithub(context);
    const directory = resultsDirectory(context);
    const words = ["run", "c5n", "--rounds", "1", "--configurations", "custom-kubernetes"];
    await experiment(fake, [
      ...words,
      "--cache",
      "registry",
      "--output",
      "compression=zstd",
      "--results-dir",
      directory,
    ]);
    const [record] = recordsIn(directory);
    const { queue, setup, build, after } = timesOf("custom-kubernetes");
    expect(record).toMatchObject({
      outcome: "success",
      kind: "build",
      environment: "c5n",
      instanceType: "c5n.2xlarge",
      region: "us-west-2",
      seconds: { queue, setup, build, job: setup + build + after },
      phases: { context: 1, pull: 10, install: 100, export: 100, push: 0, cache: 0, other: 0 },
      variant: { cache: "registry", output: "compression=zstd", image: "pipeline/image" },
      github: { repository: "your-organization/large-python-container", workflowRunId: 30_433_642 },
      machine: { cpus: 8, instanceType: "c5n.2xlarge" },
      limits: { cpus: 7 },
      versions: { buildkit: "v0.31.2" },
    });
    expect(record).toHaveProperty("image.compressedBytes", 1_200_000_000);
    expect(record).not.toHaveProperty("image.unpackedBytes");
    expect(fake.runs.map(({ inputs }) => inputs)).toEqual([
      expect.objectContaining({
        configurations: "custom-kubernetes",
        round: "1",
        cache: "registry",
        output: "compression=zstd",
      }),
    ]);
  });

  test("gives each run the branch of --ref, and refuses one that is not there", async (context) => {
    const fake = await fakeGithub(context, { branches: ["faster/zstd"] });
    const words = ["run", "c5n", "--rounds", "1", "--configurations", "hosted-default", "--ref"];
    const good = await experiment(fake, [
      ...words,
      "faster/zstd",
      "--results-dir",
      resultsDirectory(context),
    ]);
    expect(good.code).toBe(0);
    expect(
      JSON.parse(fake.requests.filter(({ method }) => method === "POST").at(-1)?.body ?? ""),
    ).toMatchObject({
      ref: "faster/zstd",
    });
    const bad = await experiment(fake, [...words, "faster", "--results-dir", resultsDirectory(context)]);
    expect(bad.code).toBe(2);
    expect(bad.stderr).toContain('has no branch "faster"');
    expect(fake.dispatches).toBe(1);
  });

  test("--parallel lets one hosted and one custom build run at once, round by round", async (context) => {
    const fake = await fakeGithub(context, { script: () => ({ runningPolls: 6 }) });
    const directory = resultsDirectory(context);
    const words = ["run", "c5n", "--rounds", "2", "--seed", "1", "--parallel", "--results-dir", directory];
    expect((await experiment(fake, words)).code).toBe(0);
    expect(fake.mostAtOnce).toEqual({ all: 2, hosted: 1, custom: 1 });
    expect(recordsIn(directory).map(({ round }) => round)).toEqual([1, 1, 1, 1, 2, 2, 2, 2]);
  });

  test("asks only for what changed: an unchanged run costs a 304", async (context) => {
    const fake = await fakeGithub(context, { script: () => ({ queuedPolls: 3, runningPolls: 3 }) });
    const words = ONE_BUILD;
    await experiment(fake, [...words, resultsDirectory(context)]);
    const looks = fake.requests.filter(({ path }) => /\/runs\/\d+$/.test(path));
    expect(looks).toHaveLength(7);
    expect(looks.filter(({ headers }) => headers["if-none-match"] !== undefined)).toHaveLength(6);
  });

  test.for([
    ["--api-url", ["--api-url", "URL"], {}],
    ["GITHUB_API_URL", [], { GITHUB_API_URL: "URL" }],
  ] as const)("reaches GitHub Enterprise Server by %s", async ([, flags, variables], context) => {
    const fake = await fakeGithub(context, { basePath: "/api/v3", runDetails: "refused" });
    const url = (text: string) => text.replace("URL", `${fake.url}/`);
    const env = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, url(value)]));
    const words = ["run", "c5n", "--rounds", "1", "--configurations", "hosted-default", ...flags.map(url)];
    const { code } = await experiment(fake, [...words, "--results-dir", resultsDirectory(context)], {
      env: { GH_TOKEN: "token-of-the-fake", ...env },
      target: { apiUrl: "https://api.github.invalid" },
    });
    expect(code).toBe(0);
    expect(fake.requests.filter(({ path }) => path.startsWith("outside"))).toEqual([]);
  });

  test("refuses a second instance while it runs, and is not disturbed by it", async (context) => {
    const fake = await fakeGithub(context);
    const directory = resultsDirectory(context);
    const words = [...ONE_BUILD, directory];
    const second: RunResult[] = [];
    fake.addFault({
      when: matches("GET", RUN),
      act: (_, proceed) => {
        void experiment(fake, words).then((result) => {
          second.push(result);
          proceed();
        });
      },
    });
    expect((await experiment(fake, words)).code).toBe(0);
    expect(second.map(({ code }) => code)).toEqual([2]);
    expect(second[0]?.stderr).toContain(
      `another instance runs an experiment of this environment (pid ${process.pid}`,
    );
    expect(recordsIn(directory)).toHaveLength(1);
    expect(fake.dispatches).toBe(1);
  });

  test("a finished experiment leaves room for the next one, whose records follow", async (context) => {
    const fake = await fakeGithub(context);
    const directory = resultsDirectory(context);
    const words = [...ONE_BUILD, directory];
    await experiment(fake, words);
    expect((await experiment(fake, words)).code).toBe(0);
    const experiments = recordsIn(directory).map((record) => record.experiment);
    expect(new Set(experiments).size).toBe(2);
  });
});

describe.concurrent("--dry-run", () => {
  const words = ["run", "c5n", "--rounds", "2", "--seed", "7", "--dry-run"];

  test("prints the order and the cost, and touches nothing", async (context) => {
    const fake = await fakeGithub(context);
    const directory = join(resultsDirectory(context), "not-there");
    const { code, stdout } = await experiment(fake, [...words, "--results-dir", directory], { env: {} });
    expect(code).toBe(0);
    expect(stdout).toMatch(/8 builds in 2 rounds, seed 7, about \$2\.00/);
    const order = planBuilds(CONFIGURATIONS, ["fast"], 2, 7).map((round) =>
      round.map((build) => `${build.configuration} ${build.variant}`).join(", "),
    );
    expect(stdout).toContain(`  round 1: ${order[0]}\n  round 2: ${order[1]}`);
    expect(fake.requests).toEqual([]);
    expect(existsSync(directory)).toBe(false);
  });

  test("says that the cost is unknown where a price is missing", async (context) => {
    const fake = await fakeGithub(context);
    const { stdout } = await experiment(fake, words, {
      target: { costPerBuildUsd: { "hosted-default": 1 } },
    });
    expect(stdout).toContain("cost unknown");
  });

  test("still refuses wrong words", async (context) => {
    const fake = await fakeGithub(context);
    const { code, stderr } = await experiment(fake, ["run", "c5n", "--rounds", "0", "--dry-run"], {
      env: {},
    });
    expect(code).toBe(2);
    expect(stderr).toContain("--rounds must be a whole number from 1 to 1000");
    expect(stderr).not.toContain("no token");
  });
});

describe.concurrent("what it tells", () => {
  const words = ["run", "c5n", "--rounds", "2", "--configurations", "custom-default", "--results-dir"];

  test("--json prints one event per line and nothing else", async (context) => {
    const fake = await fakeGithub(context);
    const { stdout, stderr } = await experiment(fake, [...words, resultsDirectory(context), "--json"]);
    const events = eventsIn(stdout);
    expect(stderr).toBe("");
    expect([...new Set(events.map(({ event }) => event))]).toEqual([
      "plan",
      "dispatched",
      "run",
      "progress",
      "record",
      "finished",
    ]);
    const progress = events.filter((event) => event.event === "progress");
    expect(progress.map(({ step }) => step)).toContain("Build and push");
    // The estimate needs a build that is done: none in round 1, and one to compare with in round 2.
    expect(
      progress.filter(({ round }) => round === 1).every((event) => event.remainingSeconds === null),
    ).toBe(true);
    expect(
      progress.filter(({ round }) => round === 2).every((event) => (event.remainingSeconds ?? 0) > 300),
    ).toBe(true);
  });

  test("a terminal gets one line that is written over, with colours", async (context) => {
    const fake = await fakeGithub(context);
    const { stderr } = await experiment(fake, [...words, resultsDirectory(context)], { tty: true });
    expect(stderr).toContain("\r\u001b[2Kround 1/2, custom-default fast · queue 31 s · Build and push · ");
    expect(stderr).toContain("\u001b[32msuccess");
  });

  test("NO_COLOR takes the colours away", async (context) => {
    const fake = await fakeGithub(context);
    const env = { GITHUB_TOKEN: "token-of-the-fake", NO_COLOR: "1" };
    const { stderr } = await experiment(fake, [...words, resultsDirectory(context)], { tty: true, env });
    expect(stderr).toContain("custom-default fast: success, built in 5m14s");
    expect(stderr).not.toContain("\u001b[3");
  });

  test("a pipe gets quiet lines", async (context) => {
    const fake = await fakeGithub(context);
    const { stdout, stderr } = await experiment(fake, [...words, resultsDirectory(context)]);
    expect(stderr).not.toContain("\u001b");
    expect(stderr.split("\n").filter((line) => line.startsWith("round 1"))).toEqual([
      "round 1/2, custom-default fast: dispatched",
      "round 1/2, custom-default fast: https://github.com/your-organization/large-python-container/actions/runs/30433642",
      "round 1/2, custom-default fast: running after 31 s in the queue",
      "round 1/2, custom-default fast: success, built in 5m14s",
    ]);
    expect(stdout).toContain("next: npx buildx-on-eks report ");
  });
});
