import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { strToU8, zipSync } from "fflate";
import { afterEach, beforeEach, expect, test } from "vitest";

const SCRIPT = resolve(__dirname, "../../../pipeline/image/sizes.py");

let folder: string;
let lock: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sizes-"));
  mkdirSync(join(folder, "wheels"));
  lock = "";
});

afterEach(() => rmSync(folder, { recursive: true }));

/** A wheel of these files, pinned in the lock. */
function wheel(name: string, files: Readonly<Record<string, string>>): number {
  const entries = Object.entries(files).map(([path, text]) => [path, strToU8(text)] as const);
  const bytes = zipSync(Object.fromEntries(entries));
  writeFileSync(join(folder, "wheels", `${name}-1.0-py3-none-any.whl`), bytes);
  lock += `${name}==1.0 --hash=sha256:${createHash("sha256").update(bytes).digest("hex")}\n`;
  return bytes.length;
}

function run() {
  writeFileSync(join(folder, "requirements.txt"), lock);
  const output = join(folder, "sizes.json");
  const args = [
    SCRIPT,
    join(folder, "wheels"),
    "--lock",
    join(folder, "requirements.txt"),
    "--output",
    output,
  ];
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

test("names a file that several wheels write with different content: in layers the upper one wins", () => {
  wheel("one", { "space/__init__.py": "one\n" });
  wheel("two", { "space/__init__.py": "two\n" });
  const { status, stderr, sizes } = run();
  expect(stderr).toBe("sizes.py: one and two both write space/__init__.py, with different content\n");
  expect([status, sizes.packages.length]).toEqual([0, 2]);
});

test("rejects a wheel that the lock does not hold, and names a package that has none", () => {
  wheel("one", { "one.py": "1\n" });
  lock = `one==1.0 --hash=sha256:${"0".repeat(64)}\ntwo==1.0 --hash=sha256:${"0".repeat(64)}\n`;
  expect(run().stderr).toBe(
    `sizes.py: one-1.0-py3-none-any.whl has a hash that the lock does not hold; two==1.0 has no wheel in ${join(folder, "wheels")}\n`,
  );
});
