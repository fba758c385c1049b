import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import {
  compareFileLists,
  describeDifferences,
  type FileEntry,
  type FileList,
  listFiles,
  stackLayers,
  totalBytes,
} from "../../../measure/bench/file-list";

const SITE = "opt/venv/lib/python3.13/site-packages";
const file = (content: string, executable = false): FileEntry => ({
  kind: "file",
  content,
  executable,
  bytes: content.length,
});
const folder: FileEntry = { kind: "directory", content: "", executable: true, bytes: 0 };
const list = (entries: Record<string, FileEntry>): FileList => new Map(Object.entries(entries));
const paths = (files: FileList) => [...files.keys()].sort();

const made: string[] = [];
afterEach(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true });
});

test("lists files by content, links by target and what may be executed", async () => {
  const root = mkdtempSync(join(tmpdir(), "file-list-"));
  made.push(root);
  mkdirSync(join(root, "a", "b"), { recursive: true });
  writeFileSync(join(root, "a", "b", "one"), "same");
  writeFileSync(join(root, "two"), "same");
  chmodSync(join(root, "two"), 0o755);
  symlinkSync("a/b/one", join(root, "link"));
  const files = await listFiles(root, new AbortController().signal);
  expect(paths(files)).toEqual(["a", "a/b", "a/b/one", "link", "two"]);
  expect(files.get("two")?.content).toBe(files.get("a/b/one")?.content);
  expect([files.get("two")?.executable, files.get("a/b/one")?.executable]).toEqual([true, false]);
  expect(files.get("link")).toMatchObject({ kind: "link", content: "a/b/one" });
  expect(totalBytes(files)).toBe(8);
});

test("keeps names and targets that are not UTF-8 apart, and writes out their bytes", async () => {
  const root = mkdtempSync(join(tmpdir(), "file-list-"));
  made.push(root);
  const at = (...name: number[]) => Buffer.concat([Buffer.from(`${root}/caf`), Buffer.from(name)]);
  mkdirSync(at(0xe9));
  writeFileSync(Buffer.concat([at(0xe9), Buffer.from("/one")]), "1");
  writeFileSync(at(0xe8), "2");
  writeFileSync(join(root, "café"), "3");
  symlinkSync(Buffer.from([0xff]), join(root, "link"));
  const files = await listFiles(root, new AbortController().signal);
  expect(paths(files)).toEqual(["caf\\xe8", "caf\\xe9", "caf\\xe9/one", "café", "link"]);
  expect(files.get("link")?.content).toBe("\\xff");
});

test("takes a file by its whole content, however it is read", async () => {
  const root = mkdtempSync(join(tmpdir(), "file-list-"));
  made.push(root);
  const content = Buffer.alloc(3 << 20, "0123456789");
  for (const size of [0, 1 << 20, content.length]) {
    writeFileSync(join(root, String(size)), content.subarray(0, size));
  }
  const files = await listFiles(root, new AbortController().signal);
  for (const size of [0, 1 << 20, content.length]) {
    const hash = createHash("sha256").update(content.subarray(0, size)).digest("hex");
    expect(files.get(String(size))).toMatchObject({ content: hash, bytes: size });
  }
});

test("stops listing when told to", async () => {
  await expect(listFiles(dirname(__filename), AbortSignal.abort(new Error("stopped")))).rejects.toThrow(
    "stopped",
  );
});

test("puts layers over each other", () => {
  const lower = list({ "a/one": file("1"), "a/two": file("2") });
  const upper = list({ "a/two": file("two"), "b/three": file("3") });
  expect([...stackLayers([lower, upper])].map(([path, { content }]) => [path, content])).toEqual([
    ["a/one", "1"],
    ["a/two", "two"],
    ["b/three", "3"],
  ]);
});

test("removes what a whiteout names, and keeps its neighbour", () => {
  const lower = list({
    a: folder,
    "a/one": file("1"),
    "a/one-more": file("2"),
    gone: folder,
    "gone/x": file("3"),
  });
  const upper = list({ "a/.wh.one": file(""), ".wh.gone": file("") });
  expect(paths(stackLayers([lower, upper]))).toEqual(["a", "a/one-more"]);
});

test("empties an opaque folder before the layer's own files come", () => {
  const lower = list({ a: folder, "a/old": file("1") });
  const upper = list({ a: folder, "a/new": file("2"), "a/.wh..wh..opq": file("") });
  expect(paths(stackLayers([lower, upper]))).toEqual(["a", "a/new"]);
});

test("lets a file take the place of a folder", () => {
  expect(paths(stackLayers([list({ a: folder, "a/x": file("1") }), list({ a: file("2") })]))).toEqual(["a"]);
});

test("finds no difference in what installers leave behind", () => {
  const pip = list({
    [`${SITE}/numpy/core.py`]: file("code"),
    [`${SITE}/numpy/__pycache__/core.cpython-313.pyc`]: file("bytecode"),
    [`${SITE}/numpy-1.0.dist-info/RECORD`]: file("pip's"),
    [`${SITE}/numpy-1.0.dist-info/INSTALLER`]: file("pip"),
    [`${SITE}/pip/__init__.py`]: file("pip itself"),
    [`${SITE}/pip-25.1.dist-info/METADATA`]: file("pip itself"),
    "opt/venv/bin/f2py": file("pip's words", true),
    "srv/requirements.txt": file("lock"),
    "srv/app/revision.py": file("1"),
  });
  const uv = list({
    [`${SITE}/numpy/core.py`]: file("code"),
    [`${SITE}/numpy-1.0.dist-info/RECORD`]: file("uv's"),
    [`${SITE}/numpy-1.0.dist-info/INSTALLER`]: file("uv"),
    "opt/venv/bin/f2py": file("uv's words", true),
    "opt/venv/.lock": file(""),
    "srv/app/revision.py": file("2"),
  });
  expect(compareFileLists(pip, uv)).toEqual([]);
  expect(compareFileLists(uv, pip)).toEqual([]);
});

test.each([
  ["another content", { [`${SITE}/a.py`]: file("2") }, "changed"],
  ["no right to execute", { [`${SITE}/a.py`]: file("1", true) }, "changed"],
  ["a missing file", {}, "missing"],
])("finds %s", (_, found, how) => {
  expect(compareFileLists(list({ [`${SITE}/a.py`]: file("1") }), list(found))).toEqual([
    { path: `${SITE}/a.py`, how },
  ]);
});

test("compares nothing at a path that is left out, and its neighbour still", () => {
  const before = list({ "var/log/a": file("1"), "var/log/a.1": file("1"), "var/gone": file("") });
  const after = list({ "var/log/a": file("2"), "var/log/a.1": file("2"), "var/new": file("") });
  expect(compareFileLists(before, after, new Set(["var/log/a", "var/gone", "var/new"]))).toEqual([
    { path: "var/log/a.1", how: "changed" },
  ]);
});

test("finds another version, an added package and a missing script", () => {
  const expected = list({
    [`${SITE}/a-1.0.dist-info/METADATA`]: file("1.0"),
    "opt/venv/bin/a": file("x", true),
  });
  const found = list({ [`${SITE}/a-1.1.dist-info/METADATA`]: file("1.1"), [`${SITE}/pipx/x.py`]: file("x") });
  const differences = compareFileLists(expected, found);
  expect(differences.map(({ path, how }) => `${path} ${how}`)).toEqual([
    "opt/venv/bin/a missing",
    `${SITE}/a-1.0.dist-info/METADATA missing`,
    `${SITE}/a-1.1.dist-info/METADATA added`,
    `${SITE}/pipx/x.py added`,
  ]);
});

test("names the first differences and counts the others", () => {
  const many = Array.from({ length: 7 }, (_, index) => ({ path: `f${index}`, how: "missing" as const }));
  expect(describeDifferences(many)).toBe(
    "7 files differ: f0 (missing), f1 (missing), f2 (missing), f3 (missing), f4 (missing), and 2 more",
  );
  expect(describeDifferences(many.slice(0, 1))).toBe("1 file differs: f0 (missing)");
});
