import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ProjectCopy } from "../../helpers/copy";

const PROJECT = resolve(__dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "elsewhere-"));
let first: ProjectCopy;
let copy: ProjectCopy;
let here: ReadonlyMap<string, string>;
let there: ReadonlyMap<string, string>;

/** Loaded before everything else: another machine's name and user, another year, other random numbers. */
const ANOTHER_MACHINE = `
  const os = require("node:os");
  os.hostname = () => "another-machine";
  os.userInfo = () => ({ username: "somebody", uid: 4711, gid: 4711, shell: "/bin/false", homedir: "/nowhere" });
  Math.random = () => 0.123456789;
  require("node:crypto").randomUUID = () => "00000000-0000-4000-8000-000000000000";
  const now = Date.now;
  Date.now = () => now() + 400 * 24 * 60 * 60 * 1000;
  globalThis.Date = class extends Date {
    constructor(...parts) { parts.length === 0 ? super(Date.now()) : super(...parts); }
  };
`;

/** Runs main.ts as `cdktf synth` does, in a process that gets nothing from this one but PATH. */
function synthesizeAt(checkout: string, name: string, env: Record<string, string>): Map<string, string> {
  const outdir = join(folder, name, "out");
  const home = join(folder, name, "home");
  for (const path of [outdir, home]) mkdirSync(path, { recursive: true });
  const { status, stderr } = spawnSync(join(PROJECT, "node_modules", ".bin", "tsx"), ["main.ts"], {
    cwd: checkout,
    env: { PATH: process.env.PATH, HOME: home, CDKTF_OUTDIR: outdir, ...env },
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  const files = readdirSync(outdir, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(
    files
      .map((file) => join(file.parentPath, file.name))
      .sort()
      .map((path) => [path.slice(outdir.length + 1), readFileSync(path, "utf8")]),
  );
}

beforeAll(() => {
  first = new ProjectCopy();
  copy = new ProjectCopy();
  const checkout = join(folder, "a linked checkout");
  symlinkSync(copy.folder, checkout, "dir");
  const preload = join(folder, "another-machine.cjs");
  writeFileSync(preload, ANOTHER_MACHINE);
  here = synthesizeAt(first.folder, "here", {});
  there = synthesizeAt(checkout, "there", {
    PWD: checkout,
    NODE_OPTIONS: `--require ${preload}`,
    TZ: "Pacific/Kiritimati",
    LC_ALL: "tr_TR.UTF-8",
    TMPDIR: folder,
    CI: "true",
    HTTPS_PROXY: "http://127.0.0.1:9",
    AWS_PROFILE: "somebody",
    AWS_REGION: "eu-north-1",
    TF_VAR_github_app_private_key: "-----BEGIN RSA PRIVATE KEY-----",
    NODE_ENV: "production",
  });
});
afterAll(() => {
  first?.remove();
  copy?.remove();
  rmSync(folder, { recursive: true, force: true });
});

it("synthesizes the same bytes in another checkout, on another machine, in another year", () => {
  expect([...here.keys()]).toContain("manifest.json");
  expect([...there.keys()]).toEqual([...here.keys()]);
  for (const [path, text] of here) expect(there.get(path), path).toBe(text);
});

it("names no folder of the machine", () => {
  for (const [path, text] of here) {
    for (const name of [PROJECT, folder, tmpdir(), "node_modules"]) {
      expect(text.includes(name), `${path} names ${name}`).toBe(false);
    }
  }
});
