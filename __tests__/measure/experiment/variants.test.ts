import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { VARIANTS } from "../../../environment/variants";
import { planBuilds } from "../../../measure/experiment/plan";
import { type BuildRecord, identityOf } from "../../../measure/record/record";
import { presetOf } from "../../../measure/record/variant";
import type { FakeGithub } from "./fake-github";
import { drop, matches, RUN } from "./fault-cases";
import { experiment, fakeGithub, journalIn, recordsIn, resultsDirectory } from "./harness";

const TWO = ["hosted-default", "custom-default"] as const;
const BOTH = ["original", "fast"] as const;
const ONE = ["run", "c5n", "--rounds", "1", "--configurations", "hosted-default"];
const WORDS = ["run", "c5n", "--rounds", "2", "--seed", "1", "--configurations", TWO.join()];

const pairOf = ({ round, configuration, variant }: BuildRecord) =>
  `${round} ${configuration} ${presetOf(variant) ?? "custom"}`;
const inputsOf = (fake: FakeGithub) =>
  fake.runs.map(({ inputs: { image, output, cache } }) => ({ image, output, cache }));

describe.concurrent("--variants original,fast", () => {
  test("builds every configuration in both variants in each round, in the planned order", async (context) => {
    const fake = await fakeGithub(context);
    const directory = resultsDirectory(context);
    const { code, stdout, stderr } = await experiment(fake, [
      ...WORDS,
      ...["--variants", "fast,original", "--results-dir", directory],
    ]);
    expect(code).toBe(0);
    const records = recordsIn(directory);
    const planned = planBuilds(TWO, BOTH, 2, 1).flat();
    expect(records.map(pairOf)).toEqual(
      planned.map(({ round, configuration, variant }) => `${round} ${configuration} ${variant}`),
    );
    expect(new Set(records.map(identityOf)).size).toBe(8);
    expect(inputsOf(fake)).toEqual(
      planned.map(({ variant }) => ({
        ...(variant === "fast" ? VARIANTS.fast : VARIANTS.original),
        cache: "none",
      })),
    );
    expect(fake.mostAtOnce.all).toBe(1);
    expect(stdout).toContain("8 of 8 builds succeeded");
    expect(stderr.match(/^round \d\/2, \S+ \S+: running after /gm)).toHaveLength(8);
    expect(stderr).toMatch(/^round 2\/2, custom-default fast: success, built in 5m14s$/m);
    expect(stderr).toMatch(/^round 2\/2, custom-default original: success, built in 15m42s$/m);
  });

  test("refuses an artifact of the other variant, and builds that pair again", async (context) => {
    const fake = await fakeGithub(context, {
      script: (dispatch) => (dispatch === 2 ? { artifact: "other-variant" } : {}),
    });
    const directory = resultsDirectory(context);
    const words = [...WORDS, "--variants", "original,fast", "--results-dir", directory];
    expect((await experiment(fake, words)).code).toBe(0);
    const records = recordsIn(directory);
    const [wrong] = records.filter(({ outcome }) => outcome !== "success");
    expect(wrong).toMatchObject({
      outcome: "artifact_malformed",
      detail: expect.stringMatching(/it is of another build: output is .*; dockerfile is /),
    });
    expect(wrong).not.toHaveProperty("seconds");
    const again = records.filter(({ attempt }) => attempt === 2);
    expect(again.map(pairOf)).toEqual(wrong === undefined ? [] : [pairOf(wrong)]);
    expect(records).toHaveLength(9);
    expect(new Set(records.map(identityOf)).size).toBe(9);
  });

  test("gives up one pair and not its twin in the other variant", async (context) => {
    const fake = await fakeGithub(context, {
      script: (_, { image, configurations }) =>
        image === VARIANTS.original.image && configurations === "hosted-default"
          ? { conclusion: "failure" }
          : {},
    });
    const directory = resultsDirectory(context);
    const { code, stdout } = await experiment(fake, [
      ...["run", "c5n", "--rounds", "1", "--configurations", TWO.join(), "--variants", "original,fast"],
      ...["--max-attempts", "2", "--results-dir", directory],
    ]);
    expect(code).toBe(1);
    expect(stdout).toContain("3 of 4 builds succeeded");
    expect(stdout).toContain("never succeeded: round 1 hosted-default original\n");
    expect(fake.dispatches).toBe(5);
  });

  test("counts 2 x 4 x rounds in a dry run, with the settings and the order", async (context) => {
    const fake = await fakeGithub(context);
    const words = ["run", "c5n", "--rounds", "2", "--seed", "7", "--variants", "original,fast", "--dry-run"];
    const { code, stdout } = await experiment(fake, words, { env: {} });
    expect(code).toBe(0);
    expect(stdout).toMatch(/16 builds in 2 rounds, seed 7, about \$4\.00/);
    expect(stdout).toContain("\n  original: image pipeline/image/Dockerfile.original, output default\n");
    expect(stdout).toContain(`\n  fast: image pipeline/image, output ${VARIANTS.fast.output}\n`);
    expect(stdout).toMatch(/\n {2}round 1: (?:[a-z]+-[a-z]+ (?:original|fast)(?:, |\n)){8}/);
    expect(fake.requests).toEqual([]);
  });

  test.for([
    [["--image", "image"], {}],
    [["--output", "default", "--image", "image"], {}],
  ] as const)("goes without %j", async ([words], context) => {
    const fake = await fakeGithub(context);
    const { code, stderr } = await experiment(fake, [...WORDS, "--variants", "fast", ...words]);
    expect(code).toBe(2);
    expect(stderr.match(/ {2}- .*/g)).toEqual([
      "  - --variants names the image, context and output of each variant: leave --image, --context and --output out, or --variants",
    ]);
    expect(fake.dispatches).toBe(0);
  });

  test.for([
    [["--image", "web/Dockerfile", "--context", "."], undefined, ["."]],
    [["--image", "web/Dockerfile"], ".", ["."]],
    [["--variants", "original,fast"], ".", ["pipeline/image", "pipeline/image"]],
    [["--image", "web/Dockerfile"], undefined, [undefined]],
  ] as const)(
    "with %j in an environment with the context %s builds with %j",
    async ([words, own, expected], context) => {
      const fake = await fakeGithub(context);
      const build = { ...VARIANTS.fast, cache: "none", ...(own && { context: own }) } as const;
      const flags = [...ONE, ...words, "--results-dir", resultsDirectory(context)];
      expect((await experiment(fake, flags, { target: { build } })).code).toBe(0);
      expect(fake.runs.map(({ inputs }) => inputs.context)).toEqual(expected);
    },
  );

  test.for([
    [[], ["web"], 0, [undefined]],
    [["--repository", "web"], ["web"], 0, [undefined]],
    [[], ["web", "worker"], 0, ["web"]],
    [["--repository", "worker"], ["web", "worker"], 0, ["worker"]],
    [["--repository", "wroker"], ["web", "worker"], 2, []],
  ] as const)(
    "with %j in an environment with the repositories %j",
    async ([words, own, exit, expected], context) => {
      const fake = await fakeGithub(context);
      const flags = [...ONE, ...words, "--results-dir", resultsDirectory(context)];
      const { code, stderr } = await experiment(fake, flags, { target: { imageRepositories: own } });
      expect(code).toBe(exit);
      expect(fake.runs.map(({ inputs }) => inputs.repository)).toEqual(expected);
      if (exit !== 0)
        expect(stderr).toContain(
          '--repository must be one of web, worker; got "wroker". Did you mean "worker"?',
        );
    },
  );

  test.for([
    [["--cache", "registry-min"], "none", "registry-min"],
    [["--cache", "inline"], "none", "inline"],
    [[], "registry", "registry"],
  ] as const)(
    "with %j in an environment with the cache %s builds both with the cache %s: each variant has tags of its own",
    async ([words, cache, expected], context) => {
      const fake = await fakeGithub(context);
      const target = { build: { ...VARIANTS.fast, cache } };
      const flags = ["--variants", "original,fast", "--results-dir", resultsDirectory(context), ...words];
      const { code } = await experiment(fake, [...ONE, ...flags], { target });
      expect(code).toBe(0);
      expect(
        inputsOf(fake)
          .map((inputs) => [inputs.image, inputs.cache])
          .sort(),
      ).toEqual([
        [VARIANTS.fast.image, expected],
        [VARIANTS.original.image, expected],
      ]);
    },
  );
});

describe.concurrent("without --variants", () => {
  test.for([
    ["fast", [], {}],
    ["original", [], { build: { ...VARIANTS.original, cache: "none" } }],
    ["original", ["--image", "pipeline/image/Dockerfile.original", "--output", "default"], {}],
    ["custom", ["--output", "default"], {}],
    ["custom", [], { build: { image: "mine", output: "default", cache: "none" } }],
  ] as const)("the one variant is called %s with %j", async ([name, words, target], context) => {
    const fake = await fakeGithub(context);
    const directory = resultsDirectory(context);
    const { stderr } = await experiment(fake, [...ONE, ...words, "--results-dir", directory], {
      target,
    });
    expect(stderr).toContain(`round 1/1, hosted-default ${name}: success`);
    expect(recordsIn(directory).map(pairOf)).toEqual([`1 hosted-default ${name}`]);
  });

  test("image, output and cache are the environment's, and each may be another", async (context) => {
    const fake = await fakeGithub(context);
    const target = { build: { image: "mine", output: "compression=gzip", cache: "registry" } } as const;
    const run = (words: readonly string[]) =>
      experiment(fake, [...ONE, ...words, "--results-dir", resultsDirectory(context)], { target });
    await run([]);
    await run(["--output", "default"]);
    await run(["--image", "theirs"]);
    await run(["--cache", "none"]);
    expect(inputsOf(fake)).toEqual([
      { image: "mine", output: "compression=gzip", cache: "registry" },
      { image: "mine", output: "default", cache: "registry" },
      { image: "theirs", output: "compression=gzip", cache: "registry" },
      { image: "mine", output: "compression=gzip", cache: "none" },
    ]);
  });
});

describe.concurrent("--resume with variants", () => {
  const SEEDED = ["run", "c5n", "--rounds", "1", "--seed", "1", "--configurations", "hosted-default"];
  const resume = (fake: FakeGithub, directory: string, words: readonly string[] = []) =>
    experiment(fake, ["run", "c5n", "--resume", "--results-dir", directory, ...words]);

  /** Stops in the second of two builds. */
  async function interrupted(fake: FakeGithub, directory: string) {
    fake.addFault({ when: matches("GET", RUN), act: drop, times: 12, skip: 2 });
    const words = [...SEEDED, "--variants", "original,fast", "--results-dir", directory];
    const { code } = await experiment(fake, words);
    if (code !== 1) throw new Error(`expected an interrupted experiment, got exit code ${code}`);
  }

  test("goes on with what is left, and does not take one variant's record for the other's", async (context) => {
    const fake = await fakeGithub(context);
    const directory = resultsDirectory(context);
    await interrupted(fake, directory);
    expect(recordsIn(directory)).toHaveLength(1);
    expect((await resume(fake, directory, ["--variants", "fast,original"])).code).toBe(0);
    expect(recordsIn(directory).map(pairOf).sort()).toEqual([
      "1 hosted-default fast",
      "1 hosted-default original",
    ]);
    expect(fake.dispatches).toBe(2);
  });

  test("builds what it began with, whatever the presets and the environment are by now", async (context) => {
    const fake = await fakeGithub(context);
    const directory = resultsDirectory(context);
    await interrupted(fake, directory);
    const path = join(directory, "c5n.journal.jsonl");
    const journal = journalIn(directory).split("\n");
    const plan = JSON.parse(journal[0] ?? "");
    plan.variants = plan.variants.map((variant: object) => ({ ...variant, output: "compression=gzip" }));
    // Nothing is under way: the second build starts afresh.
    const done = journal.findIndex((line) => line.includes('"recorded"'));
    writeFileSync(path, `${[JSON.stringify(plan), ...journal.slice(1, done + 1)].join("\n")}\n`);
    expect((await resume(fake, directory)).code).toBe(0);
    expect(fake.runs.at(-1)?.inputs).toMatchObject({ output: "compression=gzip" });
    expect(recordsIn(directory).at(-1)?.variant.output).toBe("compression=gzip");
  });

  test.for([
    [["--variants", "fast"], "--variants is original,fast in c5n-"],
    [["--image", "image/mine"], "--image is pipeline/image/Dockerfile.original and pipeline/image in c5n-"],
    [["--output", "default"], "--output is default and compression=zstd"],
  ] as const)("refuses %j", async ([words, told], context) => {
    const fake = await fakeGithub(context);
    const directory = resultsDirectory(context);
    await interrupted(fake, directory);
    const { code, stderr } = await resume(fake, directory, words);
    expect(code).toBe(2);
    expect(stderr).toContain(told);
  });
});
