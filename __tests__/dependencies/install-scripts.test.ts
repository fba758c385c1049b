import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const PROJECT = resolve(__dirname, "../..");
const EVENTS = ["preinstall", "install", "postinstall"];

let folder: string;
let project: string;

/** npm as somebody runs it who has set nothing of their own, without a registry. */
function npm(cwd: string, ...args: string[]) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  const { status, stdout, stderr, error } = spawnSync("npm", [...args, "--offline", "--no-audit"], {
    cwd,
    encoding: "utf8",
    env: { ...env, npm_config_userconfig: join(folder, "none"), npm_config_cache: join(folder, "cache") },
  });
  if (error) throw new Error(`npm is not on PATH. Install Node 20.19 or newer: ${error.message}`);
  expect(status, stderr).toBe(0);
  return stdout;
}

/** A project with this project's .npmrc, and a package whose install scripts each leave a file. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "install-scripts-"));
  project = join(folder, "project");
  const curious = join(folder, "curious");
  mkdirSync(project);
  mkdirSync(curious);
  writeFileSync(
    join(curious, "package.json"),
    JSON.stringify({
      name: "curious",
      version: "1.0.0",
      scripts: Object.fromEntries(
        EVENTS.map((event) => [event, `node -e "fs.writeFileSync('${join(folder, event)}', '')"`]),
      ),
    }),
  );
  npm(curious, "pack", "--pack-destination", project);
  copyFileSync(join(PROJECT, ".npmrc"), join(project, ".npmrc"));
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({
      name: "project",
      version: "1.0.0",
      dependencies: { curious: "file:curious-1.0.0.tgz" },
    }),
  );
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ran = () => EVENTS.filter((event) => existsSync(join(folder, event)));

describe("a package's install scripts", () => {
  it("do not run with this project's settings, whatever npm's version", () => {
    npm(project, "install");
    expect(existsSync(join(project, "node_modules", "curious", "package.json"))).toBe(true);
    rmSync(join(project, "node_modules"), { recursive: true });
    npm(project, "ci");
    expect(existsSync(join(project, "node_modules", "curious", "package.json"))).toBe(true);
    expect(ran()).toEqual([]);
  });

  it("would run without them", () => {
    npm(project, "install", "--ignore-scripts=false", "--dangerously-allow-all-scripts");
    expect(ran()).toEqual(EVENTS);
  });

  it("leave the project's own commands alone", () => {
    const file = join(project, "package.json");
    const description = JSON.parse(readFileSync(file, "utf8")) as object;
    writeFileSync(file, JSON.stringify({ ...description, scripts: { hello: "echo hello" } }));
    expect(npm(project, "run", "--silent", "hello")).toBe("hello\n");
  });
});
