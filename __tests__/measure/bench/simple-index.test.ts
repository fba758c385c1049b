import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseRange, type SimpleIndex, serveWheels } from "../../../measure/bench/simple-index";

const CONTENT = "the bytes of a wheel";
const SHA256 = createHash("sha256").update(CONTENT).digest("hex");
const FILE = "Typing_Extensions-4.0-py3-none-any.whl";

let folder: string;
let index: SimpleIndex;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "simple-index-"));
  const path = join(folder, FILE);
  writeFileSync(path, CONTENT);
  const wheel = { name: "typing-extensions", version: "4.0", fileName: FILE, path };
  index = await serveWheels([{ ...wheel, sha256: SHA256, bytes: CONTENT.length }]);
});

afterEach(async () => {
  await index.close();
  rmSync(folder, { recursive: true });
});

test("lists a project's files with their hashes, by any spelling of its name", async () => {
  const page = await (await fetch(`${index.url}typing.extensions/`)).text();
  const href = /href="([^"]+)"/.exec(page)?.[1] ?? "";
  expect(href).toBe(`/files/${FILE}#sha256=${SHA256}`);
  const file = await fetch(new URL(href, index.url));
  expect(await file.text()).toBe(CONTENT);
});

test("answers a part of a file, as uv asks for metadata", async () => {
  const url = new URL(`/files/${FILE}`, index.url);
  const head = await fetch(url, { method: "HEAD" });
  expect([head.headers.get("accept-ranges"), head.headers.get("content-length")]).toEqual(["bytes", "20"]);
  const part = await fetch(url, { headers: { range: "bytes=-5" } });
  expect([part.status, part.headers.get("content-range"), await part.text()]).toEqual([
    206,
    "bytes 15-19/20",
    "wheel",
  ]);
});

test("answers 404 for what it does not have", async () => {
  for (const path of ["/simple/numpy/", "/files/numpy.whl", "/files/..%2F..%2Fetc%2Fpasswd", "/"]) {
    expect((await fetch(new URL(path, index.url))).status).toBe(404);
  }
});

test.each([
  ["bytes=0-4", { start: 0, end: 4 }],
  ["bytes=5-", { start: 5, end: 9 }],
  ["bytes=-3", { start: 7, end: 9 }],
  ["bytes=-30", { start: 0, end: 9 }],
  ["bytes=8-99", { start: 8, end: 9 }],
  ["bytes=10-", "unsatisfiable"],
  ["bytes=4-2", "unsatisfiable"],
  ["bytes=0-1,3-4", undefined],
  ["bytes=-", undefined],
  [undefined, undefined],
])("reads the range %s of ten bytes", (header, expected) => {
  expect(parseRange(header, 10)).toEqual(expected);
});
