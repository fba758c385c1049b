import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import Table from "cli-table3";
import { median } from "../record/statistics";

/*
 * What a synth costs: the two environments of this project, what root imports of the provider packages would add, and
 * that the cost grows linearly with the number of environments. Each figure is the median of whole processes.
 */

const PROJECT = resolve(__dirname, "../..");
const TSX = join(PROJECT, "node_modules", ".bin", "tsx");
const RUNS = 3;

interface Sample {
  readonly seconds: number;
  /** Peak memory of the process, MiB. */
  readonly mib: number;
}

/** Runs a TypeScript program in a process of its own; its last line of output is its peak memory in KiB. */
function measure(program: string): Sample {
  const outdir = mkdtempSync(join(tmpdir(), "bench-synth-"));
  try {
    const started = performance.now();
    const { status, stdout, stderr } = spawnSync(
      TSX,
      ["--eval", `${program}\nconsole.log(process.resourceUsage().maxRSS);`],
      { cwd: PROJECT, encoding: "utf8", env: { ...process.env, CDKTF_OUTDIR: outdir } },
    );
    if (status !== 0) throw new Error(stderr);
    const kib = Number(stdout.trim().split("\n").at(-1));
    return { seconds: (performance.now() - started) / 1000, mib: kib / 1024 };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

const SYNTH = `
const { createApp } = require("./main");
const { loadEnvironments } = require("./config/load");
const { environments } = require("./environments");`;

const synthOf = (count: number) => `${SYNTH}
const [first] = environments;
const many = Array.from({ length: ${count} }, (_, i) => ({ ...first, name: "bench" + i, vpcCidr: "10." + i + ".0.0/16" }));
createApp(loadEnvironments(many)).synth();`;

const PROGRAMS: readonly (readonly [string, string])[] = [
  ["the two environments of this project", `${SYNTH}\ncreateApp(loadEnvironments(environments)).synth();`],
  [
    "the same, after a root import of the provider packages",
    `require("@cdktf/provider-aws"); require("@cdktf/provider-kubernetes"); require("@cdktf/provider-helm");
     ${SYNTH}\ncreateApp(loadEnvironments(environments)).synth();`,
  ],
  ["1 environment", synthOf(1)],
  ["10 environments", synthOf(10)],
  ["50 environments", synthOf(50)],
];

const table = new Table({
  head: [`median of ${RUNS} processes`, "seconds", "peak MiB"],
  colAligns: ["left", "right", "right"],
  style: { head: [], border: [] },
});
for (const [name, program] of PROGRAMS) {
  const samples = Array.from({ length: RUNS }, () => measure(program));
  table.push([
    name,
    median(samples.map(({ seconds }) => seconds)).toFixed(2),
    median(samples.map(({ mib }) => mib)).toFixed(0),
  ]);
}
process.stdout.write(`${table.toString()}\n`);
