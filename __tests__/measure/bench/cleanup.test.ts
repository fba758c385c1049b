import { expect, test } from "vitest";
import { Cleanup } from "../../../measure/bench/cleanup";

test("undoes the last first", async () => {
  const cleanup = new Cleanup();
  const undone: string[] = [];
  for (const what of ["folder", "registry", "builder"]) cleanup.add(what, () => void undone.push(what));
  expect(await cleanup.run()).toEqual([]);
  expect(undone).toEqual(["builder", "registry", "folder"]);
});

test("goes on after an error, and tells it", async () => {
  const cleanup = new Cleanup();
  const undone: string[] = [];
  cleanup.add("folder", () => void undone.push("folder"));
  cleanup.add("registry", async () => {
    throw new Error("it does not end");
  });
  cleanup.add("builder", async () => void undone.push("builder"));
  expect(await cleanup.run()).toEqual(["registry: it does not end"]);
  expect(undone).toEqual(["builder", "folder"]);
});

test("undoes nothing twice", async () => {
  const cleanup = new Cleanup();
  let undone = 0;
  const now = cleanup.add("builder", () => {
    undone++;
  });
  await now();
  await now();
  await cleanup.run();
  await cleanup.run();
  expect(undone).toBe(1);
});
