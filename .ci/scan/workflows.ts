import { join } from "node:path";
import { run } from "./program";
import { type ScanResult, scanResult } from "./scan";

/** actionlint, zizmor and shellcheck over every workflow and script; the script installs the first two. */
export async function scanWorkflows(project: string, env: NodeJS.ProcessEnv): Promise<ScanResult> {
  const { code, stdout, stderr } = await run("bash", [join(project, ".ci", "lint-workflows.sh")], {
    cwd: project,
    env,
  });
  const said = `${stdout}\n${stderr}`.trim();
  return scanResult(
    "workflows",
    "actionlint, zizmor and shellcheck of every workflow and script",
    code === 0 ? [] : [said],
  );
}
