import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { InvalidInput } from "../util/invalid-input";

const LIBRARY = resolve(__dirname, "../constructs");

/** Folder of the reference, from the project's own. */
export const API = "docs/api";

/**
 * Pages of the constructs' reference by path, made from their types and docstrings.
 *
 * @throws InvalidInput when a type or link cannot be resolved
 */
export function apiReference(): Map<string, string> {
  const typedoc = dirname(createRequire(join(LIBRARY, "package.json")).resolve("typedoc/package.json"));
  const out = mkdtempSync(join(tmpdir(), "api-"));
  try {
    const { status, stderr, error } = spawnSync(
      process.execPath,
      [join(typedoc, "bin", "typedoc"), "--out", out, "--logLevel", "Warn"],
      { cwd: LIBRARY, encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } },
    );
    if (error) throw error;
    if (status !== 0) {
      throw new InvalidInput("The reference of the constructs cannot be made.", stderr.trim().split("\n"));
    }
    return new Map(filesIn(out).map((path) => [`${API}/${path}`, readFileSync(join(out, path), "utf8")]));
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** Files of a folder and of the folders in it, by their path in it; none where there is no folder. */
export function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .sort();
}
