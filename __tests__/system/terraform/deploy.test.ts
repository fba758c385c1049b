import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Finished, run } from "./terraform";

const PROJECT = resolve(__dirname, "../../..");
const CDKTF = join(PROJECT, "node_modules", ".bin", "cdktf");
const KEY = "-----BEGIN RSA PRIVATE KEY-----\nonly-for-this-test-4f1c\n-----END RSA PRIVATE KEY-----";
const WITH_KEY = { TF_VAR_github_app_private_key: KEY };
const STACKS = ["account", "demo-registry", "demo-cluster", "demo-platform", "demo-runners"];

let folder: string;

const cdktf = (args: string[], env: Record<string, string> = {}): Finished => run(CDKTF, args, folder, env);
const deploy = (env: Record<string, string> = {}) =>
  cdktf(["deploy", "account", "demo-*", "--auto-approve"], env);

interface State {
  readonly resources: readonly { readonly type: string }[];
}
const stateFile = (stack: string) => join(folder, "state", `${stack}.tfstate`);
const resourcesOf = (stack: string) =>
  existsSync(stateFile(stack))
    ? (JSON.parse(readFileSync(stateFile(stack), "utf8")) as State).resources.filter(
        ({ type }) => type === "terraform_data",
      ).length
    : 0;

function filesBelow(path: string): string[] {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(path, entry.name)) : [join(path, entry.name)],
  );
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "deploy-"));
  const tsx = join(PROJECT, "node_modules", ".bin", "tsx");
  writeFileSync(
    join(folder, "cdktf.json"),
    JSON.stringify({
      language: "typescript",
      app: `"${tsx}" "${join(__dirname, "fixture/main.ts")}"`,
      projectId: "fixture",
      sendCrashReports: "false",
    }),
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("cdktf deploy with real Terraform", () => {
  it("stops before anything of the environment is made while the private key is missing, and says how to set it", () => {
    const { code, output } = deploy();
    expect(code).not.toBe(0);
    expect(output).toContain("Set the private key first: export TF_VAR_github_app_private_key=");
    expect(STACKS.slice(1).map(resourcesOf)).toEqual([0, 0, 0, 0]);
  });

  it("stops while the example's values are left, and names them", () => {
    const { code, output } = deploy({ ...WITH_KEY, FIXTURE_PLACEHOLDER: "github.owner (your-organization)" });
    expect(code).not.toBe(0);
    expect(output).toContain("github.owner (your-organization)");
    expect(STACKS.slice(1).map(resourcesOf)).toEqual([0, 0, 0, 0]);
  });

  it("makes every stack in order, each with a state of its own", () => {
    const { code, output } = deploy(WITH_KEY);
    expect(output).not.toMatch(/Error:/);
    expect(code).toBe(0);
    expect(STACKS.map(resourcesOf)).toEqual([1, 2, 1, 1, 1]);
  });

  it("hands values from stack to stack", () => {
    const outputs = join(folder, "outputs.json");
    expect(cdktf(["output", "account", "demo-*", "--outputs-file", outputs], WITH_KEY).code).toBe(0);
    const given = JSON.parse(readFileSync(outputs, "utf8")) as Record<string, { given: string }>;
    expect(given.account?.given).toBe("first");
    expect(given["demo-registry"]?.given).toMatch(/^[0-9a-f-]{36}$/);
    expect(given["demo-platform"]?.given).toBe(given["demo-runners"]?.given);
  });

  it("plans nothing more once it is deployed", () => {
    const { code, output } = cdktf(["diff", "demo-registry"], WITH_KEY);
    expect(code).toBe(0);
    expect(output).toContain("No changes.");
  });

  it("leaves the private key in no file: no state, no plan, no rendered JSON, no log", () => {
    const files = filesBelow(folder);
    expect(files.length).toBeGreaterThan(STACKS.length * 2);
    const holding = files.filter((file) => readFileSync(file).includes("only-for-this-test-4f1c"));
    expect(holding).toEqual([]);
  });

  it("destroys everything without the private key, and the last stack first", () => {
    const { code } = cdktf(["destroy", "account", "demo-*", "--auto-approve"]);
    expect(code).toBe(0);
    expect(STACKS.map(resourcesOf)).toEqual([0, 0, 0, 0, 0]);
    // Terraform writes a state when its last resource is gone.
    const lastWritten = (stack: string) => statSync(stateFile(stack)).mtimeMs;
    expect([...STACKS].sort((a, b) => lastWritten(a) - lastWritten(b))).toEqual([...STACKS].reverse());
  });
});
