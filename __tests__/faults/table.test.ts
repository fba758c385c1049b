import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FAULTS, TABLE, TOOLS } from "./table";

/** The rows that tests of this folder name. */
const tested = readdirSync(__dirname)
  .filter((file) => file.endsWith(".test.ts"))
  .flatMap((file) => [...readFileSync(join(__dirname, file), "utf8").matchAll(/\brow\("([^"]+)"\)/g)])
  .map(([, name]) => name);

test("every row of the table has one test, and every fault and tool a row", () => {
  expect(tested.toSorted()).toEqual(TABLE.map(({ fault, tool }) => `${tool}: ${fault}`).toSorted());
  expect(new Set(TABLE.map(({ fault }) => fault))).toEqual(new Set(Object.keys(FAULTS)));
  expect(new Set(TABLE.map(({ tool }) => tool))).toEqual(new Set(TOOLS));
});
