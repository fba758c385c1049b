import { spawnSync } from "node:child_process";

/** Keeps the user's own CLI configuration out. */
const QUIET = { CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1", NO_COLOR: "1", FORCE_COLOR: "0" };

export interface Finished {
  readonly code: number | null;
  /** Standard output and standard error together. */
  readonly output: string;
}

/** @throws Error that says how to install the program when it is missing */
export function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Finished {
  const finished = spawnSync(program, args, {
    cwd,
    env: { ...process.env, ...QUIET, ...env },
    encoding: "utf8",
    timeout: 240_000,
  });
  if (finished.error && "code" in finished.error && finished.error.code === "ENOENT") {
    throw new Error(
      `${program} is not on PATH. Install Terraform 1.11 or newer: https://developer.hashicorp.com/terraform/install`,
    );
  }
  if (finished.error) throw finished.error;
  return { code: finished.status, output: `${finished.stdout}${finished.stderr}` };
}
