import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadEnvironments } from "../../../environment/load";
import { environments as EXAMPLES } from "../../helpers/example-environments";
import { DEMO } from "../../helpers/input";
import { asObject, parseJson } from "../../helpers/json";
import type { Fixture } from "./fixture/main";
import { printedCommands } from "./printed-commands";
import { type Finished, run } from "./terraform";

const PROJECT = resolve(__dirname, "../../..");
const CDKTF = join(PROJECT, "node_modules", ".bin", "cdktf");
const KEY = "-----BEGIN RSA PRIVATE KEY-----\nonly-for-this-test-4f1c\n-----END RSA PRIVATE KEY-----";
const WITH_KEY = { TF_VAR_github_app_private_key: KEY };
const STACKS = ["account", "c5n-registry", "c5n-cluster", "c5n-platform", "c5n-runners"];

/** The examples with a user's own values. */
const OWN = EXAMPLES.map((example) => ({
  ...example,
  accountId: DEMO.accountId,
  github: DEMO.github,
  clusterAdmins: DEMO.clusterAdmins ?? [],
}));

let folder: string;

/** A command line as it is printed, in a shell as a user has it. */
const shell = (command: string, env: Record<string, string> = {}): Finished => {
  const confirmed = /^(deploy|destroy)/.test(command) ? " --auto-approve" : "";
  return run("sh", ["-c", `'${CDKTF}' ${command}${confirmed}`], folder, env);
};
const whole = (command: string, env: Record<string, string> = WITH_KEY) => {
  const { code, output } = shell(command, env);
  expect(output).not.toMatch(/Error:/);
  expect(code, output).toBe(0);
  return output;
};

interface State {
  readonly resources: readonly { readonly type: string }[];
}
const stateFile = (stack: string) => join(folder, "state", `${stack}.tfstate`);
const isDeployed = (stack: string) =>
  existsSync(stateFile(stack)) &&
  (JSON.parse(readFileSync(stateFile(stack), "utf8")) as State).resources.length > 0;
const deployed = () => [...STACKS, "c5-registry", "c5-runners"].filter(isDeployed);

function filesBelow(path: string): string[] {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(path, entry.name)) : [join(path, entry.name)],
  );
}

let printed: Set<string>;
let fixture: Fixture;
const use = (change: Partial<Fixture>) =>
  writeFileSync(join(folder, "fixture.json"), JSON.stringify({ ...fixture, ...change }));

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "deploy-"));
  const outdir = join(folder, "real");
  printed = printedCommands(loadEnvironments(EXAMPLES), outdir);
  const { stacks } = asObject(parseJson(readFileSync(join(outdir, "manifest.json"), "utf8")));
  fixture = {
    environments: OWN,
    stacks: Object.fromEntries(
      Object.entries(asObject(stacks)).map(([name, stack]) => [
        name,
        asObject(stack).dependencies as string[],
      ]),
    ),
  };
  rmSync(outdir, { recursive: true });
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

describe("cdktf deploy of the examples, without the private key", () => {
  it.each(["deploy account 'c5n-*'", "deploy account 'c5n-*'", "deploy account"])(
    "plans nothing and says all that is missing: %s",
    (command) => {
      use({ environments: EXAMPLES });
      const { code, output } = shell(command);
      expect(code).not.toBe(0);
      expect(output).toContain("Nothing was planned: ");
      expect(output).toContain("accountId (111122223333)");
      if (command !== "deploy account") {
        expect(output).toContain("github.owner (your-organization)");
        expect(output).toContain("export TF_VAR_github_app_private_key=");
      }
      expect(output).not.toMatch(/Planning|Initializing/);
      expect(existsSync(join(folder, "state"))).toBe(false);
    },
  );
});

describe("every command line that is printed for cdktf, in a user's order, with real Terraform", () => {
  const ran = new Set<string>();
  const all = STACKS;

  it.each<[string, readonly string[]]>([
    ["deploy account c5n-registry c5n-cluster", all.slice(0, 3)],
    ["deploy account 'c5n-*'", all],
    ["output c5n-registry --outputs-file outputs.json", all],
    ["output '*-registry' --outputs-file outputs.json", all],
    ["diff c5n-cluster", all],
    ["destroy c5n-runners", all.slice(0, 4)],
    ["deploy account 'c5n-*'", all],
    ["destroy c5n-runners c5n-platform c5n-cluster", all.slice(0, 2)],
    ["deploy account 'c5n-*'", all],
    ["deploy account 'c5-*'", [...all, "c5-registry", "c5-runners"]],
    ["destroy 'c5-*'", all],
  ])("%s", (command, expected) => {
    use({});
    ran.add(command);
    const needsKey = command.startsWith("deploy");
    whole(command, needsKey ? WITH_KEY : {});
    expect(deployed()).toEqual(expected);
  });

  it("hands values from stack to stack", () => {
    const outputs = join(folder, "all.json");
    whole(`output account 'c5n-*' --outputs-file '${outputs}'`);
    const given = JSON.parse(readFileSync(outputs, "utf8")) as Record<string, { given: string }>;
    expect(given.account?.given).toBe("first");
    expect(given["c5n-registry"]?.given).toMatch(/^[0-9a-f-]{36}$/);
    expect(given["c5n-platform"]?.given).toBe(given["c5n-runners"]?.given.split(" ")[1]);
  });

  it("plans nothing more, without the private key too", () => {
    expect(whole("diff c5n-platform", {})).toContain("No changes.");
  });

  it("leaves the private key in no file: no state, no plan, no rendered JSON, no log", () => {
    const files = filesBelow(folder);
    expect(files.length).toBeGreaterThan(STACKS.length * 2);
    const holding = files.filter((file) => readFileSync(file).includes("only-for-this-test-4f1c"));
    expect(holding).toEqual([]);
  });

  it("makes nothing without the private key where the guard is passed by", () => {
    const platform = join(folder, "cdktf.out", "stacks", "c5n-platform");
    const { code, output } = run(
      "terraform",
      ["apply", "-replace=terraform_data.resource", "-auto-approve", "-no-color"],
      platform,
    );
    expect(output).toContain("No private key.");
    expect(code).not.toBe(0);
    expect(isDeployed("c5n-platform")).toBe(true);
  });

  it.each<[string, readonly string[]]>([
    ["destroy 'c5n-*'", ["account"]],
    ["destroy account --ignore-missing-stack-dependencies", []],
  ])("%s, with the example's values and without the private key", (command, expected) => {
    use({ environments: EXAMPLES });
    ran.add(command);
    whole(command, {});
    expect(deployed()).toEqual(expected);
  });

  it("destroys the last stack first", () => {
    // Terraform writes a state when its last resource is gone.
    const lastWritten = (stack: string) => statSync(stateFile(stack)).mtimeMs;
    expect([...STACKS].sort((a, b) => lastWritten(a) - lastWritten(b))).toEqual([...STACKS].reverse());
  });

  it("leaves none out", () => {
    expect([...printed].filter((command) => !ran.has(command))).toEqual([]);
    expect(printed.size).toBeGreaterThan(5);
  });
});
