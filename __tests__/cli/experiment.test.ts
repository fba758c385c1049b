import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { loadEnvironments } from "../../environment/load";
import { environments } from "../../environments";
import { main } from "../../cli/experiment";
import { environmentNames, loadTarget } from "../../measure/experiment/load-target";

async function cli(...words: readonly string[]) {
  let stdout = "";
  let stderr = "";
  const code = await main(words, {
    run: () => Promise.reject(new Error("nothing runs here")),
    environmentNames: async () => ["c5n", "c5"],
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
    for (const word of ["run", "report", "completion", "Examples:", "Exit codes:"])
      expect(stdout).toContain(word);
  });

  test.each(["run", "report", "completion"])("of %s has examples and exit codes", async (command) => {
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
    [["completion", "bsh"], /shell must be one of bash, zsh; got "bsh"\. Did you mean "bash"\?/],
  ])("%j", async (words, told) => {
    const { code, stderr } = await cli(...words);
    expect(code).toBe(2);
    expect(stderr).toMatch(told);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe("completion", () => {
  /** What bash itself would offer. */
  async function offered(...words: readonly string[]): Promise<string[]> {
    const { stdout } = await cli("completion", "bash");
    const script = `${stdout}
COMP_WORDS=(experiment ${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length}
_experiment; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync("bash", ["-c", script], { encoding: "utf8" }).trim().split("\n");
  }

  test("offers sub-commands", async () => {
    expect(await offered("re")).toEqual(["report"]);
    expect(await offered("")).toEqual(["run", "report", "completion", "--help"]);
  });

  test("offers environments and options to run", async () => {
    expect(await offered("run", "c")).toEqual(["c5n", "c5"]);
    expect(await offered("run", "c5n", "--re")).toEqual(["--ref", "--resume", "--results-dir"]);
  });

  test("offers values", async () => {
    expect(await offered("run", "c5n", "--cache", "r")).toEqual(["registry-min", "registry"]);
    expect(await offered("run", "c5n", "--configurations", "hosted-d")).toEqual(["hosted-default"]);
    expect(await offered("run", "c5n", "--va")).toEqual(["--variants"]);
    expect(await offered("run", "c5n", "--variants", "")).toEqual(["original", "fast", "original,fast"]);
  });

  test("offers the report's own options", async () => {
    expect(await offered("report", "--js")).toEqual(["--json"]);
  });

  test("for zsh loads what bash's needs", async () => {
    expect((await cli("completion", "zsh")).stdout).toContain("autoload -U +X bashcompinit");
  });
});

describe("the project's environments", () => {
  test("are offered, and each one loads", async () => {
    const names = await environmentNames();
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
