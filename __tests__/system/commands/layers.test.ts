import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { strToU8, zipSync } from "fflate";
import { afterEach, beforeEach, expect, test } from "vitest";
import { serveWheels } from "../../../measure/bench/simple-index";
import type { Wheel } from "../../../measure/bench/wheels";

const PROJECT = resolve(__dirname, "../../..");
let folder: string;
const file = (...path: string[]) => join(folder, ...path);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "layers-"));
  cpSync(join(PROJECT, "pipeline", "image"), folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

function layers(...words: string[]) {
  const files = ["--lock", "requirements.txt", "--sizes", "sizes.json", "--dockerfile", "Dockerfile"];
  const program = [join(PROJECT, "cli", "bin.mjs"), "layers", ...files, ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, program, { cwd: folder, encoding: "utf8" });
  return { status, stdout, stderr };
}

test("writes, prints the layers and the files, and is then in order", () => {
  const { status, stdout, stderr } = layers("--count", "3", "--rebalance");
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/│ all\s+│/);
  expect(stdout).toContain("\nDockerfile\n");
  expect(layers("--check")).toEqual({ status: 0, stdout: "", stderr: "" });
});

test("--check ends with 1, names what is stale and writes nothing", () => {
  const changed = readFileSync(file("layers", "01.txt"), "utf8").replace(/^[a-z].*$/m, "");
  writeFileSync(file("layers", "01.txt"), changed);
  const { status, stdout, stderr } = layers("--check");
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr).toContain("The layers do not match the lock.\n");
  expect(stderr).toContain("layers/01.txt is out of date. Run: npx buildx-on-eks layers\n");
  expect(readFileSync(file("layers", "01.txt"), "utf8")).toBe(changed);
});

/** A wheel that pip installs, with one module. */
function wheel(name: string, version: string, folderName: string): Wheel {
  const info = `${name}-${version}.dist-info`;
  const bytes = zipSync({
    [`${name}.py`]: strToU8(folderName),
    [`${info}/METADATA`]: strToU8(`Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`),
    [`${info}/WHEEL`]: strToU8("Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
    [`${info}/RECORD`]: strToU8(""),
  });
  const fileName = `${name}-${version}-py3-none-any.whl`;
  mkdirSync(file(folderName), { recursive: true });
  const path = file(folderName, fileName);
  writeFileSync(path, bytes);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { name, version, fileName, path, sha256, bytes: bytes.length };
}

/** Beside the test's own servers, which must answer meanwhile. */
function layersMeanwhile(...words: string[]): Promise<{ code: number | null; stderr: string }> {
  const files = ["--sizes", "own/sizes.json", "--dockerfile", "own/Dockerfile"];
  const program = [join(PROJECT, "cli", "bin.mjs"), "layers", ...files, ...words];
  const child = spawn(process.execPath, program, { cwd: folder });
  let stderr = "";
  child.stderr.on("data", (text: Buffer) => {
    stderr += text.toString();
  });
  child.stdout.resume();
  return new Promise((done) => child.once("close", (code) => done({ code, stderr })));
}

test("--measure reads a lock of two indexes, where hashes choose the file, and another platform's lines", async () => {
  const big = wheel("big", "2.4.0+cu121", "new");
  const certs = wheel("certs", "2.0", "new");
  const old = wheel("certs", "1.0", "old");
  const first = await serveWheels([certs]);
  const second = await serveWheels([big, old]);
  try {
    const lock = [
      `--index-url ${first.url}`,
      `--extra-index-url ${second.url}`,
      "--require-hashes",
      `big[gpu] == 2.4.0+cu121 --hash=sha256:${big.sha256}`,
      `certs==2.0.0 --hash=sha256:${certs.sha256}`,
      `colorama==0.4.6 ; sys_platform == 'win32' --hash=sha256:${"0".repeat(64)}`,
    ].join("\r\n");
    mkdirSync(file("own"));
    writeFileSync(file("own", "requirements.txt"), Buffer.from(`\ufeff${lock}`, "utf16le"));
    cpSync(file("Dockerfile"), file("own", "Dockerfile"));
    const measured = await layersMeanwhile("--measure", "--lock", "own/requirements.txt");
    expect(measured.code, measured.stderr).toBe(0);
    const sizes = JSON.parse(readFileSync(file("own", "sizes.json"), "utf8")) as {
      packages: { name: string; version: string; compressedBytes: number }[];
    };
    expect(
      sizes.packages.map(({ name, version, compressedBytes }) => [name, version, compressedBytes]),
    ).toEqual([
      ["big", "2.4.0+cu121", big.bytes],
      ["certs", "2.0.0", certs.bytes],
    ]);
    // Once more, and then nothing is left to do.
    expect((await layersMeanwhile("--lock", "own/requirements.txt")).code).toBe(0);
    const checked = await layersMeanwhile("--check", "--lock", "own/requirements.txt");
    expect(checked).toEqual({ code: 0, stderr: "" });
  } finally {
    await Promise.all([first.close(), second.close()]);
  }
}, 60_000);

test("--measure ends with 1 when pip finds no wheel, writes nothing, and says what to do", async () => {
  const index = await serveWheels([]);
  try {
    mkdirSync(file("own"));
    const lock = `--index-url ${index.url}\nnone==1.0 --hash=sha256:${"0".repeat(64)}\n`;
    writeFileSync(file("own", "requirements.txt"), lock);
    const { code, stderr } = await layersMeanwhile("--measure", "--lock", "own/requirements.txt");
    expect(code).toBe(1);
    expect(stderr).toContain("No matching distribution found for none==1.0");
    expect(stderr).toContain("pip could not download all wheels for Linux x86_64 and Python 3.12");
    expect(existsSync(file("own", "sizes.json"))).toBe(false);
  } finally {
    await index.close();
  }
}, 60_000);

test("takes a Dockerfile and layers that version 0.1 wrote", () => {
  const names = ["Dockerfile", ...Array.from({ length: 8 }, (_, i) => join("layers", `0${i + 1}.txt`))];
  for (const name of names) {
    const text = readFileSync(file(name), "utf8");
    writeFileSync(file(name), text.replaceAll("npx buildx-on-eks layers", "npm run layers"));
  }
  expect(layers().status).toBe(0);
  for (const name of names) {
    expect(readFileSync(file(name), "utf8")).toBe(
      readFileSync(join(PROJECT, "pipeline", "image", name), "utf8"),
    );
  }
});

test("ends with 1 and without a stack trace for bad input", () => {
  const { status, stdout, stderr } = layers("--count", "99");
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(
    /^The layers cannot be planned\. Nothing was written\.\n {2}- --count must be a whole number .*; got "99"\.\n$/,
  );
});
