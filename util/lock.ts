import { linkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { z } from "zod";
import { orCannotWrite } from "./cannot-write";
import { draftOf, sweepDrafts } from "./draft";
import { readIfThere } from "./durable-file";
import { startOfProcess } from "./process-identity";

const ownerSchema = z.object({ pid: z.int().positive(), startedAt: z.string(), host: z.string() });

type Owner = z.infer<typeof ownerSchema>;

/** Another instance holds the lock. */
export class Locked extends Error {
  constructor(message: string) {
    super(message);
    this.name = "Locked";
  }
}

export interface Lock {
  /** Removes the file; safe to call twice. Synchronous, for `process.on("exit")`. */
  release(): void;
}

/**
 * Takes the lock file, or throws Locked. A lock whose process is gone, or whose pid belongs to another process by now,
 * is taken over. A lock of another host (a shared folder) cannot be checked and is never taken over.
 *
 * @throws CannotWrite when there is no room for the file
 */
export function acquireLock(path: string): Lock {
  const mine: Owner = {
    pid: process.pid,
    startedAt: startOfProcess(process.pid) ?? "unknown",
    host: hostname(),
  };
  const text = `${JSON.stringify(mine)}\n`;
  const draft = draftOf(path);
  orCannotWrite(path, () => {
    sweepDrafts(path);
    // Whole from the start: another instance never sees a lock without its owner.
    writeFileSync(draft, text);
    try {
      if (linked(draft, path)) return;
      const found = readIfThere(path);
      if (found !== undefined) refuseIfHeld(path, found);
      renameSync(draft, path);
    } finally {
      rmSync(draft, { force: true });
    }
  });
  return {
    release: () => {
      if (readIfThere(path) === text) rmSync(path, { force: true });
    },
  };
}

/** Gives the file its name, unless that is taken. */
function linked(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

function refuseIfHeld(path: string, text: string): void {
  const owner = parseOwner(text);
  if (owner === undefined) {
    throw new Locked(`${path} is not a lock of this program. If no experiment runs, remove it: rm ${path}`);
  }
  if (owner.host !== hostname()) {
    throw new Locked(
      `an experiment of this environment runs on ${owner.host} (pid ${owner.pid}). If it does not, remove ${path}`,
    );
  }
  const start = startOfProcess(owner.pid);
  const same = start !== undefined && [start, "unknown"].includes(owner.startedAt);
  if (same) {
    throw new Locked(
      `another instance runs an experiment of this environment (pid ${owner.pid}, lock ${path}). ` +
        `Wait for it, or stop it: kill -INT ${owner.pid}`,
    );
  }
}

function parseOwner(text: string): Owner | undefined {
  try {
    const parsed = ownerSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
