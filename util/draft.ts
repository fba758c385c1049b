import { readdirSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { isAlive } from "./process-identity";

/** Where a file is made before it gets its name at once, whole. The name says which process makes it. */
export function draftOf(path: string): string {
  return `${path}.${hostname()}-${process.pid}.draft`;
}

/** Removes the drafts of `path` whose processes were killed on this machine. */
export function sweepDrafts(path: string): void {
  const folder = dirname(path);
  const mine = `${basename(path)}.${hostname()}-`;
  for (const name of readdirSync(folder)) {
    const pid = name.startsWith(mine) ? /^(\d+)\.draft$/.exec(name.slice(mine.length))?.[1] : undefined;
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(folder, name), { force: true });
  }
}
