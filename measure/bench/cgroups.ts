import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";

/** Name of the control group that holds what the bench of a work folder builds in, and nothing else. */
export function cgroupParent(work: string): string {
  return `buildx-bench-${createHash("sha256").update(work).digest("hex").slice(0, 12)}`;
}

/** Its folders, one for each mounted hierarchy that has it. */
export function cgroupsOf(work: string): readonly string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => / - cgroup2? /.test(line))
    .map((line) => join(line.split(" ")[4] ?? "", cgroupParent(work)))
    .filter((folder) => existsSync(folder));
}

/** Removes what a killed buildkitd left: runc removes a step's control groups only when the step ends in order. */
export function removeCgroups(work: string): void {
  for (const folder of cgroupsOf(work)) removeEmpty(folder);
}

/** The kernel refuses to remove a control group in which something still runs: that one stays. */
function removeEmpty(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmpty(join(folder, entry.name));
  }
  try {
    rmdirSync(folder);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "EBUSY" && code !== "ENOENT") throw error;
  }
}
