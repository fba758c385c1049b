import { describe, expect, test } from "vitest";
import { main } from "../../cli/program";
import { loadEnvironments } from "../../environment/load";
import { loadTarget } from "../../measure/experiment/load-target";
import { environments } from "../helpers/example-environments";

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
  test("of the program names the sub-commands", async () => {
    const { code, stdout } = await cli("--help");
    expect(code).toBe(0);
    for (const word of ["run", "report", "Examples:", "Exit codes:"]) expect(stdout).toContain(word);
  });

  test.each(["run", "report"])("of %s has examples and exit codes", async (command) => {
    const { code, stdout } = await cli(command, "--help");
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: experiment ${command}`);
    expect(stdout).toContain("Examples:");
    expect(stdout).toMatch(/Exit codes:/);
  });
});

describe("wrong words", () => {
  test.each([
    [["rnu"], /unknown command 'rnu'\n\(Did you mean run\?\)/],
    [["run", "c5n", "--paralel"], /unknown option '--paralel'\n\(Did you mean --parallel\?\)/],
    [["run"], /missing required argument 'environment'/],
  ])("%j", async (words, told) => {
    const { code, stderr } = await cli(...words);
    expect(code).toBe(2);
    expect(stderr).toMatch(told);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe("the project's environments", () => {
  test("are offered, and each one loads", async () => {
    const names = environments.map(({ name }) => name);
    const loaded = loadEnvironments(environments);
    expect(names).toContain("c5n");
    for (const name of names) {
      const target = await loadTarget(name);
      expect(target).toMatchObject({
        environment: name,
        workflowFile: `experiment-${name}.yml`,
      });
      expect(target.requiredVariables).not.toEqual([]);
      expect(target.build).toEqual(loaded.find((environment) => environment.name === name)?.build);
      expect(target.build.image).not.toBe("");
    }
  });

  test("are named when another one is asked for", async () => {
    await expect(loadTarget("c5m")).rejects.toThrow(
      /no environment "c5m"; there are .*c5n.*\. Did you mean "c5/,
    );
  });
});
