import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { readAudit, scanDependencies } from "../../../.ci/scan/dependencies";

type Answer = (response: ServerResponse) => void;
const json = (value: unknown, status = 200): Answer => {
  return (response) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
};

/** What the registry knows of the packages: one that the project runs with, and one for development only. */
const advisory = (severity: string) => [
  {
    // npm remembers an advisory by its number.
    id: severity.length,
    url: "https://example.com/advisories/1",
    title: "Reads too much",
    severity,
    vulnerable_versions: "<2.0.0",
    cwe: [],
    cvss: { score: 0, vectorString: null },
  },
];
const packument = (name: string) => ({
  name,
  "dist-tags": { latest: "2.0.0" },
  versions: Object.fromEntries(
    ["1.0.0", "2.0.0"].map((version) => [version, { name, version, dependencies: {} }]),
  ),
});

let registry: Server;
let audit: Answer;
let asked: string[];
let project: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  registry = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.method === "POST") return audit(response);
    return json(packument((request.url ?? "").slice(1)))(response);
  });
  await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
  project = mkdtempSync(join(tmpdir(), "audit-"));
  const url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`;
  const packages = { "runs-with": { version: "1.0.0" }, "made-with": { version: "1.0.0", dev: true } };
  const declared = { dependencies: { "runs-with": "1.0.0" }, devDependencies: { "made-with": "1.0.0" } };
  const lock = {
    name: "audited",
    version: "1.0.0",
    lockfileVersion: 3,
    requires: true,
    packages: {
      "": { name: "audited", version: "1.0.0", ...declared },
      ...Object.fromEntries(Object.entries(packages).map(([name, of]) => [`node_modules/${name}`, of])),
    },
  };
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({ name: "audited", version: "1.0.0", ...declared }),
  );
  writeFileSync(join(project, "package-lock.json"), JSON.stringify(lock));
  env = {
    PATH: process.env.PATH,
    HOME: project,
    npm_config_registry: url,
    npm_config_cache: join(project, "cache"),
    npm_config_fetch_retries: "0",
    npm_config_update_notifier: "false",
  };
});
afterEach(() => expect(asked.some((line) => line.includes("advisories/bulk"))).toBe(true));
afterAll(async () => {
  await new Promise((resolve) => registry.close(resolve));
  rmSync(project, { recursive: true, force: true });
});

const scan = (answer: Answer) => {
  asked = [];
  audit = answer;
  return scanDependencies(project, env);
};

describe("npm audit against a registry", () => {
  it.each(["moderate", "high"])("fails on a %s vulnerability of a runtime dependency", async (severity) => {
    const { status, problems, summary } = await scan(json({ "runs-with": advisory(severity) }));
    expect(status).toBe("failed");
    expect(problems).toEqual([
      expect.stringMatching(
        new RegExp(`^${severity}: runs-with .*\\nReads too much \\(https://example.com/advisories/1\\)\\n`),
      ),
    ]);
    expect(summary).toContain("1 of moderate severity or more, 0 below");
  });

  it("passes with a low one, and says that it is there", async () => {
    const { status, summary } = await scan(json({ "runs-with": advisory("low") }));
    expect(status).toBe("passed");
    expect(summary).toContain("0 of moderate severity or more, 1 below");
  });

  it("passes where only a development dependency is vulnerable", async () => {
    const { status, summary } = await scan(json({ "made-with": advisory("critical") }));
    expect([status, summary]).toEqual(["passed", expect.stringContaining("0 below")]);
  });

  it.each([404, 405])("has not checked where there is no endpoint (%d)", async (code) => {
    const { status, summary, problems } = await scan(json({ error: "no" }, code));
    expect([status, problems]).toEqual(["not checked", []]);
    expect(summary).toContain("not checked: the registry has no audit endpoint");
  });

  it.each([403, 500])("has failed where the endpoint does not do its work (%d)", async (code) => {
    await expect(scan(json({ error: "no" }, code))).rejects.toThrow("npm audit did not come to an end");
  });
});

describe("what npm audit prints", () => {
  beforeAll(() => {
    asked = ["advisories/bulk"];
  });

  it("is a failure when the registry cannot be reached", () => {
    const text = JSON.stringify({ error: { code: "ENOTFOUND", summary: "getaddrinfo ENOTFOUND" } });
    expect(() => readAudit(text, "")).toThrow("npm audit did not come to an end: getaddrinfo ENOTFOUND");
    expect(() => readAudit("", "npm error ENOLOCK")).toThrow("npm audit printed no JSON:\nnpm error ENOLOCK");
  });

  it("counts a severity that is new", () => {
    const vulnerability = {
      name: "x",
      severity: "catastrophic",
      range: "*",
      via: ["y"],
      fixAvailable: false,
    };
    const text = JSON.stringify({ auditReportVersion: 2, vulnerabilities: { x: vulnerability } });
    expect(readAudit(text, "").problems).toEqual(["catastrophic: x *\nthrough y\nThere is no fix yet."]);
  });
});
