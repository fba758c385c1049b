import { linkSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { z } from "zod";
import { orCannotWrite } from "./cannot-write";
import { draftOf, sweepDrafts } from "./draft";
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
 * Takes the lock file, or throws Locked. A lock whose process is gone, or whose pid belongs to another process
 * by now, is taken over. A lock of another host (a shared folder) cannot be checked and is never taken over.
 * No clock decides: a lock neither runs out nor stays because the time was set.
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
  orCannotWrite(path, () => sweepDrafts(path));
  // A few tries: between two of them another instance may take the stale lock over, or give its own back.
  for (let tries = 0; tries < 5; tries++) {
    if (create(path, text)) return { release: () => release(path, text) };
    const found = readIfThere(path);
    if (found === undefined) continue;
    refuseIfHeld(path, found);
    setAside(path, found);
  }
  throw new Locked(`${path} changes hands too fast to be taken; is something starting instances in a loop?`);
}

/** Creates the lock with its content in one step: link(2) fails when the name is taken. */
function create(path: string, text: string): boolean {
  const draft = draftOf(path);
  return orCannotWrite(path, () => {
    try {
      writeFileSync(draft, text);
      linkSync(draft, path);
      return true;
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
      throw error;
    } finally {
      rmSync(draft, { force: true });
    }
  });
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

/**
 * Moves a stale lock out of the way. Two instances may both find it stale: the second would move the first
 * one's fresh lock, sees that by its content and puts it back.
 */
function setAside(path: string, stale: string): void {
  const aside = draftOf(path);
  try {
    renameSync(path, aside);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return;
    throw error;
  }
  try {
    if (readIfThere(aside) !== stale) linkSync(aside, path);
  } finally {
    unlinkSync(aside);
  }
}

function release(path: string, mine: string): void {
  if (readIfThere(path) === mine) unlinkSync(path);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
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
