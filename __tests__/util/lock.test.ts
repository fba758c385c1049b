import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { acquireLock } from "../../util/lock";
import { resultsDirectory } from "../measure/experiment/harness";

/** The pid of a process that has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ["-e", ""]).pid;
}

function lockOf(owner: object): string {
  return `${JSON.stringify(owner)}\n`;
}

test("refuses a second instance while the first lives, and not afterwards", (context) => {
  const path = join(resultsDirectory(context), "c5n.lock");
  const lock = acquireLock(path);
  expect(() => acquireLock(path)).toThrow(
    new RegExp(`another instance .*pid ${process.pid}.*kill -INT ${process.pid}`),
  );
  lock.release();
  expect(existsSync(path)).toBe(false);
  acquireLock(path).release();
});

test("takes over the lock of a process that is gone", (context) => {
  const directory = resultsDirectory(context);
  const path = join(directory, "c5n.lock");
  writeFileSync(path, lockOf({ pid: deadPid(), startedAt: "boot/1", host: hostname() }));
  const lock = acquireLock(path);
  expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ pid: process.pid });
  lock.release();
  expect(readdirSync(directory)).toEqual([]);
});

test("takes over the lock of a pid that another process has by now", (context) => {
  const path = join(resultsDirectory(context), "c5n.lock");
  writeFileSync(path, lockOf({ pid: process.ppid, startedAt: "boot/1", host: hostname() }));
  acquireLock(path).release();
  expect(existsSync(path)).toBe(false);
});

test("never takes over the lock of another host", (context) => {
  const path = join(resultsDirectory(context), "c5n.lock");
  writeFileSync(path, lockOf({ pid: deadPid(), startedAt: "boot/1", host: "elsewhere" }));
  expect(() => acquireLock(path)).toThrow(/runs on elsewhere \(pid \d+\)\. If it does not, remove/);
});

test("refuses a file that is not its lock, and leaves it", (context) => {
  const path = join(resultsDirectory(context), "c5n.lock");
  writeFileSync(path, "mine");
  expect(() => acquireLock(path)).toThrow(/not a lock of this program/);
  expect(readFileSync(path, "utf8")).toBe("mine");
});

test("release leaves a lock that somebody else has taken over", (context) => {
  const path = join(resultsDirectory(context), "c5n.lock");
  const lock = acquireLock(path);
  writeFileSync(path, lockOf({ pid: 1, startedAt: "boot/1", host: hostname() }));
  lock.release();
  expect(existsSync(path)).toBe(true);
});
