import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { run, Scratch, script } from "./scripts";

/** A checkout whose "synth" copies the file `stack.json` of the commit that it runs in. */
let scratch: Scratch;
let base: string;

beforeEach(() => {
  scratch = new Scratch();
  // The rest of npm ci is not what is tested; it leaves a tsx, as the real one does.
  scratch.program(
    "npm",
    `#!/bin/sh
[ "$1" = ci ] || exit 9
mkdir -p node_modules/.bin
cat > node_modules/.bin/tsx <<'END'
#!/bin/sh
echo "synth said something"
mkdir -p "$CDKTF_OUTDIR/stacks/demo"
cp stack.json "$CDKTF_OUTDIR/stacks/demo/cdk.tf.json"
END
chmod +x node_modules/.bin/tsx
`,
  );
  scratch.write("checkout/.gitignore", "node_modules/\n");
  git("init", "--quiet", "--initial-branch=main");
  scratch.write("checkout/stack.json", '{\n  "cpu": 2\n}\n');
  git("add", ".");
  git("commit", "--quiet", "--message=base");
  base = git("rev-parse", "HEAD").trim();
  scratch.write("tmp/.keep", "");
});
afterEach(() => scratch.remove());

function git(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(
    "git",
    ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args],
    { cwd: scratch.path("checkout"), env: scratch.env, encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
  return stdout;
}

const diff = (commit = base) =>
  run("bash", [script("synth-diff.sh"), commit], {
    cwd: scratch.path("checkout"),
    env: { ...scratch.env, TMPDIR: scratch.path("tmp") },
  });

/** It leaves no worktree and no folder behind. */
function expectNothingLeft(): void {
  expect(git("worktree", "list").trim().split("\n")).toHaveLength(1);
  expect(readdirSync(scratch.path("tmp"))).toEqual([".keep"]);
}

test("says that nothing differs", async () => {
  const { code, stdout } = await diff();
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: "The synthesized stacks are the same as on the base.\n",
  });
  expectNothingLeft();
});

test("shows what differs as Markdown, and keeps what synth prints out of it", async () => {
  scratch.write("checkout/stack.json", '{\n  "cpu": 4\n}\n');
  const { code, stdout } = await diff();
  expect(code).toBe(0);
  expect(stdout).toMatch(/^### Synthesized stacks against the base\n\n {4} .*demo\/cdk\.tf\.json \| 2 \+-\n/);
  expect(stdout).toContain("````diff\ndiff --git ");
  expect(stdout).toContain('\n-  "cpu": 2\n+  "cpu": 4\n');
  expect(stdout.endsWith("````\n\n</details>\n")).toBe(true);
  expect(stdout).not.toContain("synth said something");
  expectNothingLeft();
});

test("cuts what is longer than a comment may be, and says how to see all of it", async () => {
  const lines = Array.from({ length: 5000 }, (_, i) => `  "key ${i}": ${i},`);
  scratch.write("checkout/stack.json", `{\n${lines.join("\n")}\n  "cpu": 2\n}\n`);
  const { code, stdout } = await diff();
  expect(code).toBe(0);
  expect(stdout.length).toBeGreaterThan(60_000);
  expect(stdout.length).toBeLessThan(65_536);
  expect(stdout).toContain(
    `\n... cut; the whole diff: bash pipeline/scripts/synth-diff.sh ${base}\n\`\`\`\`\n`,
  );
});

test.each([
  ["HEAD", "stack.json"],
  ["unknown", "unknown"],
])("a commit that cannot be synthesized is an error, not an empty diff: %s", async (commit, words) => {
  git("rm", "--quiet", "--cached", "stack.json");
  git("commit", "--quiet", "--message=without");
  const { code, stdout, stderr } = await diff(commit);
  expect({ failed: code !== 0, stdout }).toEqual({ failed: true, stdout: "" });
  expect(stderr).toContain(words);
  expectNothingLeft();
});
