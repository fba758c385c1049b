import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const PROJECT = resolve(__dirname, "../../..");

/** Runs it where no program is installed. */
function check(...words: string[]) {
  const tsx = join(PROJECT, "node_modules", ".bin", "tsx");
  const { FORCE_COLOR: _, ...env } = process.env;
  const path = join(process.execPath, "..");
  return spawnSync(tsx, [".ci/scan/main.ts", ...words], {
    cwd: PROJECT,
    env: { ...env, XDG_CACHE_HOME: "/nowhere", PATH: `${path}:/usr/bin:/bin` },
    encoding: "utf8",
    timeout: 60_000,
  });
}

it("explains itself with examples and exit codes", () => {
  const { status, stdout } = check("--help");
  expect(status).toBe(0);
  expect(stdout).toContain("npm run --silent scan -- --only infrastructure,secrets");
  expect(stdout).toContain("Exit codes: 0 nothing found; 1 something was found");
});

it("refuses a scan that there is not, and names the one that was meant", () => {
  const { status, stderr } = check("--only", "secrets,infrastucture");
  expect(status).toBe(2);
  expect(stderr).toContain(
    '"infrastucture" is none of infrastructure, secrets, dependencies, workflows. Did you mean "infrastructure"?',
  );
});

it("fails where a scan cannot look, says how to have its program, and goes on to the others", () => {
  const { status, stdout } = check("--only", "infrastructure,secrets", "--json");
  expect(status).toBe(1);
  const { clean, scans } = JSON.parse(stdout) as { clean: boolean; scans: unknown[] };
  expect(clean).toBe(false);
  const problems = ["checkov", "gitleaks"].map((name) => [
    expect.stringContaining(`${name} is not there. To have it:`),
  ]);
  expect(scans).toMatchObject(problems.map((said) => ({ status: "failed", problems: said })));
});
