import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** A process that this one was started by, directly or not. */
export interface Ancestor {
  readonly command: readonly string[];
  /** Undefined where the platform does not tell. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

interface Started extends Ancestor {
  readonly parent: number;
}

/** The processes that this one was started by, the nearest first; none where the platform does not tell. */
export function ancestors(): Ancestor[] {
  const found: Ancestor[] = [];
  let pid = process.ppid;
  while (pid > 1) {
    const started = fromProc(pid) ?? fromPs(pid);
    if (!started) break;
    found.push(started);
    pid = started.parent;
  }
  return found;
}

/** Linux, see proc_pid_stat(5): field 4 is the parent; field 2, in parentheses, may hold anything. */
function fromProc(pid: number): Started | undefined {
  const texts = (name: string) => readFileSync(`/proc/${pid}/${name}`, "utf8").split("\0").slice(0, -1);
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    return { parent, command: texts("cmdline"), environment: variables(() => texts("environ")) };
  } catch {
    return undefined;
  }
}

/** A process of another user does not show its variables. */
function variables(read: () => string[]): Record<string, string> | undefined {
  try {
    return Object.fromEntries(
      read().map((text) => [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)]),
    );
  } catch {
    return undefined;
  }
}

/** Elsewhere; a blank within an argument divides it. */
function fromPs(pid: number): Started | undefined {
  try {
    const line = execFileSync("ps", ["-o", "ppid=,args=", "-p", String(pid)], { encoding: "utf8" });
    const [parent, ...command] = line.trim().split(/\s+/);
    return { parent: Number(parent), command };
  } catch {
    return undefined;
  }
}
