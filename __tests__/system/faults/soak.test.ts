import { join } from "node:path";
import { expect, test } from "vitest";
import { run } from "../../pipeline/workflow/scripts";
import { PROJECT } from "./processes";
import { seeds } from "./seeds";
import { row } from "./table";

test.for(seeds(1))(`${row("run: api-faults")} (20 rounds, seed %i)`, async (seed) => {
  const args = [
    "--expose-gc",
    "--import",
    "tsx",
    join(__dirname, "soak.ts"),
    "--rounds",
    "20",
    "--seed",
    `${seed}`,
  ];
  const { code, stdout, stderr } = await run(process.execPath, args, {
    cwd: PROJECT,
    env: { PATH: process.env.PATH ?? "" },
  });
  expect(code, stderr + stdout).toBe(0);
  expect(stdout).toContain("80 of 80 builds exactly once");
});
