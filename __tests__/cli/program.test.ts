import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { main, SUB_COMMANDS } from "../../cli/program";

const PROJECT = resolve(__dirname, "../..");
const NAMES = Object.keys(SUB_COMMANDS);

async function cli(...words: readonly string[]) {
  let stdout = "";
  let stderr = "";
  const code = await main(words, {
    write: (text) => {
      stdout += text;
    },
    writeError: (text) => {
      stderr += text;
    },
  });
  return { code, stdout, stderr };
}

describe("--help", () => {
  test("of the program names every sub-command, and loads none", async () => {
    const { code, stdout } = await cli("--help");
    expect(code).toBe(0);
    for (const word of [...NAMES, "Examples:", "Exit codes:", "NO_COLOR"]) expect(stdout).toContain(word);
  });

  test.each([...NAMES, "experiment run"])("of %s has examples and exit codes", async (name) => {
    const { code, stdout } = await cli(...name.split(" "), "--help");
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: npx buildx-on-eks ${name} `);
    expect(stdout).toContain("Examples:");
    expect(stdout).toMatch(/Exit codes:/);
  });
});

describe("a wrong command line ends with 2", () => {
  test.each([
    [["overvew"], /unknown command 'overvew'\n\(Did you mean overview\?\)/],
    [["workflow", "--chek"], /unknown option '--chek'\n\(Did you mean --check\?\)/],
    [["experiment", "rnu"], /unknown command 'rnu'/],
    [["experiment", "run"], /missing required argument 'environment'/],
    [["experiment", "run", "c5n", "--paralel"], /unknown option '--paralel'\n\(Did you mean --parallel\?\)/],
    [["report"], /missing required argument 'files'/],
  ])("%j", async (words, told) => {
    const { code, stderr } = await cli(...words);
    expect(code).toBe(2);
    expect(stderr).toMatch(told);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

/** The real program; its output goes to a reader that leaves at once. */
function withClosedPipe(...words: readonly string[]): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [join(PROJECT, "cli", "bin.mjs"), ...words], { cwd: PROJECT });
  child.stdout.destroy();
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((done) => child.once("close", (code) => done({ code, stderr })));
}

test.each([
  [["--help"]],
  [["layers", "--help"]],
  [["bench", "--list"]],
  [["report", "measure/report/original-2021.json"]],
])("a reader that leaves is no error: %j", async (words) => {
  expect(await withClosedPipe(...words)).toEqual({ code: 0, stderr: "" });
});
