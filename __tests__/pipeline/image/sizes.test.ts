import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { strToU8, zipSync } from "fflate";
import { afterEach, beforeEach, expect, test } from "vitest";

const SCRIPT = resolve(__dirname, "../../../pipeline/image/sizes.py");

let folder: string;
let packages: { name: string; version: string; hashes: string[] }[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sizes-"));
  mkdirSync(join(folder, "wheels"));
  packages = [];
});

afterEach(() => rmSync(folder, { recursive: true }));

/** A wheel of these files, which is one of the pins. */
function wheel(name: string, files: Readonly<Record<string, string>>): number {
  const entries = Object.entries(files).map(([path, text]) => [path, strToU8(text)] as const);
  const bytes = zipSync(Object.fromEntries(entries));
  writeFileSync(join(folder, "wheels", `${name}-1.0-py3-none-any.whl`), bytes);
  packages.push({
    name,
    version: "1.0",
    hashes: [`sha256:${createHash("sha256").update(bytes).digest("hex")}`],
  });
  return bytes.length;
}

function run() {
  const [pins, output] = [join(folder, "pins.json"), join(folder, "sizes.json")];
  writeFileSync(pins, JSON.stringify({ python: "3.12", packages }));
  const args = [SCRIPT, join(folder, "wheels"), "--pins", pins, "--output", output];
  const { status, stderr } = spawnSync("python3", args, { encoding: "utf8" });
  return { status, stderr, sizes: existsSync(output) ? JSON.parse(readFileSync(output, "utf8")) : undefined };
}

test("writes the compressed and the unpacked size of every package", () => {
  const one = wheel("one", { "space/one.py": "1\n", "space/__init__.py": "" });
  const two = wheel("two", { "space/two.py": "22\n" });
  expect(run()).toEqual({
    status: 0,
    stderr: "",
    sizes: {
      python: "3.12",
      compressedBytes: one + two,
      unpackedBytes: 5,
      files: 3,
      packages: [
        { name: "one", version: "1.0", compressedBytes: one, unpackedBytes: 2, files: 2 },
        { name: "two", version: "1.0", compressedBytes: two, unpackedBytes: 3, files: 1 },
      ],
    },
  });
});

test("accepts a file of several wheels when they agree about it: in layers it is the same whoever wins", () => {
  wheel("one", { "space/__init__.py": "same\n" });
  wheel("two", { "space/__init__.py": "same\n" });
  const { status, stderr } = run();
  expect([status, stderr]).toEqual([0, ""]);
});

test("refuses a file that several wheels write with different content: which of them an image has is chance", () => {
  wheel("one", { "space/__init__.py": "one\n" });
  wheel("two", { "space/__init__.py": "two\n" });
  expect(run()).toEqual({
    status: 1,
    stderr: "sizes.py: one and two both write space/__init__.py, with different content: leave one out\n",
    sizes: undefined,
  });
});

test("names a package that has no wheel with one of the lock's hashes", () => {
  wheel("one", { "one.py": "1\n" });
  packages = packages.map((one) => ({ ...one, hashes: [`sha256:${"0".repeat(64)}`] }));
  const { status, stderr } = run();
  expect([status, stderr]).toEqual([
    1,
    `sizes.py: one==1.0 has no wheel with one of the lock's hashes in ${join(folder, "wheels")}\n`,
  ]);
});
