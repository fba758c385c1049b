import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unlistedEnvironments } from "../../environment/unlisted";
import { loadOne } from "../helpers/input";

const demo = loadOne();
const FILES = {
  "index.ts": "export const environments = [];",
  "base.ts": 'export const base = { accountId: "444455556666", region: "us-west-2" };',
  "broken.ts": "export const broken = {{ ;",
  "demo.ts": `export const demo = { name: "demo", configurations: [] }, twin = { name: "twin", configurations: [] };`,
  "notes.md": "# x",
  "other.ts": 'export const other = { name: "other-one", configurations: [] };',
};

describe("a file in environments/", () => {
  const folder = mkdtempSync(join(tmpdir(), "environments-"));
  beforeAll(() => {
    for (const [file, text] of Object.entries(FILES)) writeFileSync(join(folder, file), text);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("is named when the list has none of its environments, and no other file is", async () => {
    expect(await unlistedEnvironments([demo], folder)).toEqual([
      "environments/other.ts exports an environment (other-one) that environments/index.ts does not list: nothing is made of it. Add other to the list.",
    ]);
  });

  it("is not named when the list has one of them", async () => {
    expect(await unlistedEnvironments([demo, { ...demo, name: "other-one" }], folder)).toEqual([]);
  });
});
