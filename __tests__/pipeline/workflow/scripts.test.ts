import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bareEnv, PROJECT, python, run, Scratch, script } from "./scripts";

const named = (folder: string, extension: string) =>
  readdirSync(join(PROJECT, folder))
    .filter((name) => name.endsWith(extension))
    .map((name) => join(folder, name));

test.each([
  ...named("pipeline/scripts", ".sh"),
  ...named(".ci", ".sh"),
  ...named(".ci/tools", ".sh"),
  ".ci/run",
])("%s: bash can parse it, and it stops at the first error", (path) => {
  const { status, stderr } = spawnSync("bash", ["-n", join(PROJECT, path)], { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const options = spawnSync("grep", ["-c", "^set -euo pipefail$", join(PROJECT, path)], { encoding: "utf8" });
  expect(options.stdout.trim()).toBe("1");
});

test.each(named("pipeline/scripts", ".py"))("%s: explains itself, and runs on Python 3.9", (path) => {
  const check = `import ast, sys
tree = ast.parse(open(sys.argv[1], encoding="utf-8").read(), feature_version=(3, 9))
assert ast.get_docstring(tree)`;
  const { status, stderr } = spawnSync(python(), ["-c", check, join(PROJECT, path)], { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

test("synth-diff.sh asks for the commit to compare with", async () => {
  const { code, stdout, stderr } = await run("bash", [script("synth-diff.sh")], { env: bareEnv() });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain("usage: synth-diff.sh COMMIT");
});

test("install.sh names the tools there are", async () => {
  const { code, stderr } = await run("bash", [join(PROJECT, ".ci/tools/install.sh"), "buildkit"], {
    env: bareEnv(),
  });
  expect(code).toBe(2);
  expect(stderr).toBe(
    "there is no tool buildkit; there are buildkitd buildctl buildx registry actionlint gitleaks etcd kube-apiserver kube-controller-manager kube-scheduler kwok\n",
  );
});

test("install.sh says how to install Go where there is none, and makes nothing", async () => {
  const scratch = new Scratch();
  try {
    for (const program of ["bash", "dirname"]) {
      const path = spawnSync("sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).stdout.trim();
      scratch.program(program, `#!/bin/sh\nexec ${path} "$@"\n`);
    }
    const { code, stdout, stderr } = await run("bash", [join(PROJECT, ".ci/tools/install.sh")], {
      env: { PATH: scratch.bin, HOME: scratch.path("home") },
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toBe("go is not on PATH. Install Go 1.26 or newer: https://go.dev/dl/\n");
    expect(readdirSync(scratch.folder)).toEqual(["bin"]);
  } finally {
    scratch.remove();
  }
});
