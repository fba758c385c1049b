import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

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
