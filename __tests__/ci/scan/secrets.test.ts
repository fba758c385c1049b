import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type FoundSecret, judgeSecrets, parseGitleaks } from "../../../.ci/scan/secrets";

const sha256 = createHash("sha256").update("not a secret").digest("hex");
const FOUND: FoundSecret = { rule: "jwt", file: "a/b.ts", line: 7, sha256 };
const EXCEPTION = { rule: "jwt", file: "a/b.ts", sha256, reason: "An example." };

it("reads gitleaks' report without keeping what was found", () => {
  const leak = { RuleID: "jwt", File: "a/b.ts", StartLine: 7, Commit: "", Secret: "not a secret" };
  const found = parseGitleaks(JSON.stringify([leak, { ...leak, Commit: "c0ffee" }]));
  expect(found).toEqual([FOUND, { ...FOUND, commit: "c0ffee" }]);
  expect(parseGitleaks("null")).toEqual([]);
});

describe("secrets against exceptions", () => {
  it("are excepted by rule, file and exact content, on whichever line and in the history", () => {
    const found = [FOUND, { ...FOUND, line: 9, commit: "c0ffee" }];
    expect(judgeSecrets(found, [EXCEPTION])).toEqual([]);
  });

  it.each([
    ["rule", { rule: "private-key" }],
    ["file", { file: "a/c.ts" }],
    ["content", { sha256: "0" }],
  ])("stay with another %s, and the exception is unused", (_, change) => {
    const problems = judgeSecrets([{ ...FOUND, ...change }], [EXCEPTION]);
    expect(problems).toHaveLength(2);
    expect(problems[1]).toBe(
      "The exception for jwt in a/b.ts excepts nothing. Take it out of .ci/scan/secret-exceptions.ts.",
    );
  });

  it("are told with file, line and commit, and what to do", () => {
    const [problem] = judgeSecrets([{ ...FOUND, commit: "c0ffee0123456789" }], []);
    expect(problem).toContain("jwt: a/b.ts:7 since commit c0ffee012345\nRevoke it if it is real.");
    expect(problem).toContain(sha256);
  });
});
