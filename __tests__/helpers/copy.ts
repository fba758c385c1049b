import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";

const PROJECT = resolve(__dirname, "../..");
/** What the overview and `cdktf synth` read. */
const SOURCES = [
  "cli",
  "constructs",
  "environment",
  "environments",
  "pipeline",
  "stacks",
  "util",
  "main.ts",
  "package.json",
  "tsconfig.json",
];

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A copy of the project in a folder of its own: what is run there writes there. */
export class ProjectCopy {
  readonly folder = mkdtempSync(join(tmpdir(), "project-"));

  constructor() {
    for (const source of SOURCES)
      cpSync(join(PROJECT, source), join(this.folder, source), {
        recursive: true,
        filter: (path) => !/node_modules|constructs\/lib$/.test(relative(PROJECT, path)),
      });
    symlinkSync(join(PROJECT, "node_modules"), join(this.folder, "node_modules"), "dir");
  }

  /** Runs one of its files with tsx, outside of a terminal. */
  run(file: string, ...args: string[]): Finished {
    const tsx = join(PROJECT, "node_modules", ".bin", "tsx");
    const { CDKTF_OUTDIR: _, FORCE_COLOR: __, NODE_OPTIONS: ___, ...env } = process.env;
    const { status, stdout, stderr, error } = spawnSync(tsx, ["--no-deprecation", file, ...args], {
      cwd: this.folder,
      env,
      encoding: "utf8",
      timeout: 60_000,
    });
    if (error) throw error;
    return { code: status, stdout, stderr };
  }

  /** Changes one of its files. */
  edit(file: string, change: (text: string) => string): void {
    const path = join(this.folder, file);
    const text = readFileSync(path, "utf8");
    const changed = change(text);
    if (changed === text) throw new Error(`the edit of ${file} changed nothing`);
    writeFileSync(path, changed);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
