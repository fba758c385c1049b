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
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ProjectCopy } from "../helpers/copy";

const PROJECT = resolve(__dirname, "../..");

/** Where and as what a child synthesizes. */
interface Place {
  readonly checkout: string;
  readonly env: Readonly<Record<string, string>>;
  readonly umask: string;
}

let folder: string;
let copy: ProjectCopy;
let here: ReadonlyMap<string, string>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "elsewhere-"));
  copy = new ProjectCopy();
  here = synthesizeAt({ checkout: PROJECT, env: {}, umask: "022" }, "here");
}, 60_000);

afterAll(() => {
  copy?.remove();
  rmSync(folder, { recursive: true, force: true });
});

function filesBelow(path: string): string[] {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(path, entry.name)) : [join(path, entry.name)],
  );
}

/** Runs main.ts as `cdktf synth` does, in a process that gets nothing from this one but PATH. */
function synthesizeAt({ checkout, env, umask }: Place, name: string): Map<string, string> {
  const outdir = join(folder, name, "out");
  const home = join(folder, name, "home");
  for (const path of [outdir, home]) mkdirSync(path, { recursive: true });
  const { status, stderr } = spawnSync(
    "sh",
    ["-c", `umask ${umask} && exec "${checkout}/node_modules/.bin/tsx" main.ts`],
    {
      cwd: checkout,
      env: { PATH: process.env.PATH, HOME: home, CDKTF_OUTDIR: outdir, ...env },
      encoding: "utf8",
      timeout: 60_000,
    },
  );
  expect(status, stderr).toBe(0);
  return new Map(
    filesBelow(outdir)
      .map((file) => [file.slice(outdir.length + 1), readFileSync(file, "utf8")] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Loaded before everything else: another machine's name and user, another year, other random numbers. */
const ANOTHER_MACHINE = `
  const os = require("node:os");
  const crypto = require("node:crypto");
  os.hostname = () => "another-machine";
  os.userInfo = () => ({ username: "somebody", uid: 4711, gid: 4711, shell: "/bin/false", homedir: "/nowhere" });
  os.cpus = () => Array.from({ length: 96 }, () => ({ model: "another", speed: 1, times: {} }));
  os.networkInterfaces = () => ({});
  Math.random = () => 0.123456789;
  crypto.randomUUID = () => "00000000-0000-4000-8000-000000000000";
  const now = Date.now;
  Date.now = () => now() + 400 * 24 * 60 * 60 * 1000;
  globalThis.Date = class extends Date {
    constructor(...parts) { parts.length === 0 ? super(Date.now()) : super(...parts); }
  };
`;

const places: readonly (readonly [what: string, place: () => Place])[] = [
  ["another checkout", () => ({ checkout: copy.folder, env: {}, umask: "022" })],
  [
    "a checkout behind a link, with a space in its path",
    () => {
      const link = join(folder, "a linked checkout");
      symlinkSync(copy.folder, link, "dir");
      return { checkout: link, env: { PWD: link }, umask: "022" };
    },
  ],
  [
    "another time zone and language",
    () => ({
      checkout: copy.folder,
      env: { TZ: "Pacific/Kiritimati", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8", LANGUAGE: "tr" },
      umask: "022",
    }),
  ],
  [
    "another user's settings, proxies and logins",
    () => ({
      checkout: copy.folder,
      env: {
        USER: "somebody",
        HOSTNAME: "another-machine",
        TMPDIR: folder,
        CI: "true",
        GITHUB_ACTIONS: "true",
        GITHUB_SHA: "0123456789abcdef0123456789abcdef01234567",
        HTTP_PROXY: "http://127.0.0.1:9",
        HTTPS_PROXY: "http://127.0.0.1:9",
        NO_PROXY: "*",
        AWS_PROFILE: "somebody",
        AWS_REGION: "eu-north-1",
        TF_VAR_github_app_private_key: "-----BEGIN RSA PRIVATE KEY-----",
        NODE_ENV: "production",
        FORCE_COLOR: "1",
      },
      umask: "077",
    }),
  ],
  [
    "another machine, another year, other random numbers",
    () => {
      const preload = join(folder, "another-machine.cjs");
      writeFileSync(preload, ANOTHER_MACHINE);
      return { checkout: copy.folder, env: { NODE_OPTIONS: `--require ${preload}` }, umask: "022" };
    },
  ],
];

describe("synthesis in another process", () => {
  it("writes every stack of the environments", () => {
    expect([...here.keys()].filter((path) => path.endsWith("cdk.tf.json")).length).toBeGreaterThan(8);
    expect([...here.keys()]).toContain("manifest.json");
  });

  it.each(places)("writes the same bytes under %s", (what, place) => {
    const there = synthesizeAt(place(), `there-${places.findIndex(([name]) => name === what)}`);
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
});
