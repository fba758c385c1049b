import { describe, expect, test } from "vitest";
import { isSuccess } from "../../../measure/record/record";
import { json, TOKEN } from "./fake-github";
import { DISPATCHES, drop, FAULT_CASES, matches, RUN } from "./fault-cases";
import { experiment, fakeGithub, journalIn, recordsIn, resultsDirectory } from "./harness";

const ONE_BUILD = "run c5n --rounds 1 --configurations hosted-default --results-dir".split(" ");

describe.concurrent("records a fault as what it was, never as a time", () => {
  test.for(FAULT_CASES)("$name", async ({ options, outcomes, dispatches, detail, told, poll }, context) => {
    const fake = await fakeGithub(context, options);
    const directory = resultsDirectory(context);
    const { code, stderr } = await experiment(fake, [...ONE_BUILD, directory], {
      poll: poll ?? {},
      // The pre-flight has its own tests.
      target: { requiredVariables: [] },
    });
    const records = recordsIn(directory);
    expect(records.map(({ outcome }) => outcome)).toEqual(outcomes);
    expect(records.map(({ attempt }) => attempt)).toEqual(outcomes.map((_, index) => index + 1));
    for (const record of records) expect("seconds" in record).toBe(isSuccess(record));
    expect(code).toBe(outcomes.at(-1) === "success" ? 0 : 1);
    expect(fake.dispatches).toBe(dispatches ?? outcomes.length);
    if (detail !== undefined) expect(records[0]?.detail).toMatch(detail);
    if (told !== undefined) expect(stderr).toMatch(told);
  });
});

describe.concurrent("stops in words, and resumes", () => {
  test("when GitHub does not answer for too long", async (context) => {
    const fake = await fakeGithub(context, { faults: [{ when: matches("GET", RUN), act: drop, times: 12 }] });
    const directory = resultsDirectory(context);
    const broken = await experiment(fake, [...ONE_BUILD, directory]);
    expect(broken.code).toBe(1);
    expect(broken.stderr).toContain("GitHub does not answer");
    expect(broken.stderr).toContain(
      `npx buildx-on-eks experiment run c5n --resume --results-dir ${directory}`,
    );
    expect(() => recordsIn(directory)).toThrow("ENOENT");
    const resumed = await experiment(fake, ["run", "c5n", "--resume", "--results-dir", directory]);
    expect(resumed.code).toBe(0);
    expect(recordsIn(directory)).toHaveLength(1);
    expect(fake.dispatches).toBe(1);
  });

  test("when the token is revoked in the middle", async (context) => {
    const revoked = { when: matches("GET", RUN), skip: 1 };
    const fake = await fakeGithub(context, {
      faults: [{ ...revoked, act: (response) => json(response, 401, { message: "Bad credentials" }) }],
    });
    const directory = resultsDirectory(context);
    const broken = await experiment(fake, [...ONE_BUILD, directory]);
    expect(broken.code).toBe(1);
    expect(broken.stderr).toMatch(/GitHub refuses to show run \d+: 401 Bad credentials/);
    expect((await experiment(fake, ["run", "c5n", "--resume", "--results-dir", directory])).code).toBe(0);
    expect(recordsIn(directory).map(({ outcome }) => outcome)).toEqual(["success"]);
    expect(fake.dispatches).toBe(1);
  });

  test("when GitHub refuses a dispatch; the same attempt starts once it does not", async (context) => {
    const fake = await fakeGithub(context, {
      faults: [
        {
          when: matches("POST", DISPATCHES),
          skip: 1,
          act: (response) => json(response, 422, { message: 'Unexpected inputs provided: ["request"]' }),
        },
      ],
    });
    const directory = resultsDirectory(context);
    const broken = await experiment(fake, [...ONE_BUILD, directory]);
    expect(broken.code).toBe(1);
    expect(broken.stderr).toContain(
      "refuses to start your-organization/large-python-container's experiment-c5n.yml: 422 Unexpected inputs",
    );
    expect((await experiment(fake, ["run", "c5n", "--resume", "--results-dir", directory])).code).toBe(0);
    expect(recordsIn(directory).map(({ attempt }) => attempt)).toEqual([1]);
    expect(fake.dispatches).toBe(1);
  });
});

describe.concurrent("the limit of attempts", () => {
  test("--max-attempts 1 gives up after one", async (context) => {
    const fake = await fakeGithub(context, { script: () => ({ conclusion: "failure" }) });
    const directory = resultsDirectory(context);
    const { code, stdout } = await experiment(fake, [...ONE_BUILD, directory, "--max-attempts", "1"]);
    expect(code).toBe(1);
    expect(fake.dispatches).toBe(1);
    expect(stdout).toContain("0 of 1 build succeeded");
    expect(stdout).toContain("never succeeded: round 1 hosted-default");
  });

  test("--max-attempts 2 takes the second", async (context) => {
    const fake = await fakeGithub(context, {
      script: (dispatch) => (dispatch === 0 ? { conclusion: "failure" } : {}),
    });
    const directory = resultsDirectory(context);
    const { code } = await experiment(fake, [...ONE_BUILD, directory, "--max-attempts", "2"]);
    expect(code).toBe(0);
    expect(fake.dispatches).toBe(2);
  });
});

describe.concurrent("the token", () => {
  test("goes to GitHub and not to the storage host", async (context) => {
    const fake = await fakeGithub(context);
    await experiment(fake, [...ONE_BUILD, resultsDirectory(context)]);
    const [storage, api] = (["storage", "api"] as const).map((host) =>
      fake.requests.filter((request) => request.host === host),
    );
    expect(storage).toHaveLength(1);
    expect(storage?.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    expect(new Set(api?.map(({ headers }) => headers.authorization))).toEqual(new Set([`token ${TOKEN}`]));
  });

  test.for(["text", "json"])(
    "is in no output and no file, even when a server repeats it (%s)",
    async (format, context) => {
      const echo = `proxy error: authorization: token ${TOKEN}`;
      const fake = await fakeGithub(context, {
        faults: [
          {
            when: matches("POST", DISPATCHES),
            skip: 1,
            act: (response) => json(response, 500, { message: echo }),
          },
          { when: matches("GET", RUN), times: 5, act: (response) => json(response, 503, { message: echo }) },
        ],
      });
      const directory = resultsDirectory(context);
      const flags = format === "json" ? ["--json"] : [];
      const { stdout, stderr } = await experiment(fake, [...ONE_BUILD, directory, ...flags]);
      const records = recordsIn(directory);
      expect(records[0]?.detail).toContain("authorization: token ***");
      const everything = [stdout, stderr, JSON.stringify(records), journalIn(directory)].join("\n");
      expect(everything).toContain("asking again");
      expect(everything).not.toContain(TOKEN);
    },
  );
});
