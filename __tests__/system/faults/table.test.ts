import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FAULTS, type Row, TABLE, TOOLS } from "./table";

const TESTS = readdirSync(__dirname)
  .filter((file) => file.endsWith(".test.ts"))
  .map((file) => readFileSync(join(__dirname, file), "utf8"));
/** The rows that tests of this folder name. */
const tested = TESTS.flatMap((text) => [...text.matchAll(/\brow\("([^"]+)"\)/g)]).map(([, name]) => name);
/** Those of them without a case in the gate. */
const withoutCase = TESTS.flatMap((text) => [
  ...text.matchAll(/\bseeds\(0\)\)\(\s*`\$\{row\("([^"]+)"\)/g),
]).map(([, name]) => name);
const rows: readonly Row[] = TABLE;
const gate = rows.filter(({ long }) => !long);
const long = rows.filter((row) => row.long);
const name = ({ fault, tool }: Row) => `${tool}: ${fault}`;

test("every row of the table has one test, and every fault and tool a row", () => {
  expect(tested.toSorted()).toEqual(rows.map(name).toSorted());
  expect(new Set(rows.map(({ fault }) => fault))).toEqual(new Set(Object.keys(FAULTS)));
  expect(new Set(rows.map(({ tool }) => tool))).toEqual(new Set(TOOLS));
});

test("the gate has every fault, and leaves out the rows that the table calls long", () => {
  expect(withoutCase.toSorted()).toEqual(long.map(name).toSorted());
  expect(new Set(gate.map(({ fault }) => fault))).toEqual(new Set(Object.keys(FAULTS)));
});
