import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findGitleaks, scanSecrets } from "../../../.ci/scan/secrets";

/** In parts, or this file would be found. */
const TOKEN = ["ghp", "_R2d8kVbN5xQ7", "mYt3WcZ9aLf6HjK", "1sPe4GuDo"].join("");

let repository: string;
const git = (...words: string[]) =>
  execFileSync("git", ["-C", repository, "-c", "user.name=a", "-c", "user.email=a@example.com", ...words], {
    env: { PATH: process.env.PATH, HOME: repository, GIT_CONFIG_NOSYSTEM: "1" },
    stdio: "pipe",
  });
const write = (name: string, text: string) => writeFileSync(join(repository, name), text);
const commit = (name: string, text: string) => {
  write(name, text);
  git("add", name);
  git("commit", "--quiet", "--message", name);
};
const scan = (rendered = new Map<string, string>()) =>
  scanSecrets({ gitleaks: findGitleaks(process.env), repository, rendered, exceptions: [] });

beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), "secrets-"));
  git("init", "--quiet");
  commit("README", "nothing here\n");
  commit(".gitignore", "ignored\n");
});
afterEach(() => rmSync(repository, { recursive: true, force: true }));

describe("a planted secret is found", () => {
  const found = async (where: string, rendered?: Map<string, string>) => {
    const { status, problems } = await scan(rendered);
    expect(status).toBe("failed");
    expect(problems).toContainEqual(expect.stringContaining(`github-pat: ${where}`));
    // The report does not repeat it.
    expect(problems.join()).not.toContain(TOKEN);
    return problems;
  };

  it("in a file that is not committed yet", async () => {
    write("new.ts", `const token = "${TOKEN}";\n`);
    expect(await found("new.ts:1")).toHaveLength(1);
  });

  it("in the history, after a later commit took it away", async () => {
    commit("config.ts", `const token = "${TOKEN}";\n`);
    commit("config.ts", "const token = undefined;\n");
    expect(await found("config.ts:1 since commit ")).toHaveLength(1);
  });

  it("in what is rendered", async () => {
    await found("rendered/1-demo.tf.json:1", new Map([["1-demo.tf.json", `{"token":"${TOKEN}"}`]]));
  });

  it("beside a comment that asks to pass over it, and with a configuration that does", async () => {
    write("new.ts", `const token = "${TOKEN}"; // gitleaks:allow\n`);
    write(".gitleaks.toml", '[allowlist]\npaths = [".*"]\n');
    write(".gitleaksignore", "new.ts:github-pat:1\n");
    await found("new.ts:1");
  });
});

it("passes a repository without any, and reads nothing that git ignores", async () => {
  write("ignored", TOKEN);
  expect(await scan()).toEqual({
    scan: "secrets",
    status: "passed",
    summary: "gitleaks: 2 commits, 2 files, 0 rendered stacks",
    problems: [],
    exceptions: [],
  });
});
