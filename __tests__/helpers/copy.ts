import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";

const PROJECT = resolve(__dirname, "../..");
/** What the commands and `cdktf synth` read. */
const SOURCES = [
  "cli",
  "constructs",
  "environment",
  "measure",
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

/** Puts the example environments of the tests where a copy of the project has its own. */
export function writeExampleEnvironments(project: string): void {
  const folder = join(project, "environments");
  const text = readFileSync(join(__dirname, "example-environments.ts"), "utf8");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "c5n.ts"), text.replace("../../environment/", "../environment/"));
  writeFileSync(join(folder, "index.ts"), 'export { environments } from "./c5n";\n');
}

/** A copy of the project, with the example environments of the tests, in a folder of its own: what is run there writes there. */
export class ProjectCopy {
  readonly folder = mkdtempSync(join(tmpdir(), "project-"));

  constructor() {
    for (const source of SOURCES)
      cpSync(join(PROJECT, source), join(this.folder, source), {
        recursive: true,
        filter: (path) => !/node_modules|constructs\/lib$/.test(relative(PROJECT, path)),
      });
    writeExampleEnvironments(this.folder);
    mkdirSync(join(this.folder, ".github", "workflows"), { recursive: true });
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
      timeout: 120_000,
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
