import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { cgroupsOf } from "../../../measure/bench/cgroups";
import { cacheFolder, findTool } from "../../../measure/bench/tools";
import { type BuildRecord, parseRecords } from "../../../measure/record/record";
import { findTools } from "../buildkit/tools";
import {
  type Cleanup,
  mountsWith,
  processesWith,
  type Running,
  type StartOptions,
  scratchFolder,
  start,
} from "./processes";

/** One variant, cold: the smallest bench. */
export const SMALL = ["--scenarios", "cold", "--variants", "fast"] as const;

/**
 * A tiny image for real benches, with everything that they use in one folder. Its build runs a program for a
 * while, which is when a fault can strike.
 */
export class BenchPlace {
  readonly folder: string;
  /** The program that a build runs; its words are in no other process. */
  readonly step: string;
  private readonly temporary: string;

  constructor(
    private readonly context: Cleanup,
    seconds: number,
  ) {
    const { busybox } = findTools();
    if (findTool("unshare", process.env) === undefined)
      throw new Error("unshare is not on PATH: apt-get install util-linux");
    this.folder = scratchFolder(context);
    mkdirSync(this.path("context"));
    copyFileSync(busybox, this.path("context", "busybox"));
    // A number that tells this folder's step from another's.
    const words = [`${seconds}.${String(process.hrtime.bigint()).slice(-9)}`];
    this.step = `/busybox sleep ${words.join(" ")}`;
    writeFileSync(
      this.path("context", "Dockerfile"),
      `FROM scratch\nCOPY busybox /busybox\nRUN ${JSON.stringify(this.step.split(" "))}\nCOPY Dockerfile /Dockerfile\n`,
    );
    this.temporary = this.path("tmp");
    mkdirSync(this.temporary);
    // What tsx keeps of the project's files, so that it need not compile them anew.
    const cache = `tsx-${process.getuid?.() ?? ""}`;
    if (existsSync(join(tmpdir(), cache))) symlinkSync(join(tmpdir(), cache), join(this.temporary, cache));
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  get results(): string {
    return this.path("results");
  }

  /** The real command, with a cache, results and temporary files in this folder. */
  start(words: readonly string[], { env, ...options }: StartOptions = {}): Running {
    const { BUILDKIT_HOST: _, ...inherited } = process.env;
    return start(
      this.context,
      "cli/bin.mjs",
      ["bench", "--context", this.path("context"), "--results-dir", this.results, ...words],
      {
        ...options,
        env: {
          ...inherited,
          PATH: `${join(cacheFolder(process.env), "bin")}:${process.env.PATH ?? ""}`,
          XDG_CACHE_HOME: this.path("cache"),
          TMPDIR: this.temporary,
          ...env,
        },
      },
    );
  }

  /** Of all benches of this place; fails on a line that is no record. */
  records(folder = this.results): readonly BuildRecord[] {
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .filter((name) => name.endsWith(".jsonl"))
      .flatMap((name) => {
        const { records, problems } = parseRecords(readFileSync(join(folder, name), "utf8"), name);
        expect(problems).toEqual([]);
        return records;
      });
  }

  /** Control groups of its builds, unless it has another work folder. */
  cgroups(): readonly string[] {
    return cgroupsOf(this.path("cache", "buildx-on-eks", "bench-work"));
  }

  /** Processes of its programs and of its builds' steps. */
  processes(): readonly string[] {
    return [this.folder, this.step].flatMap((text) => processesWith(text).map(({ command }) => command));
  }

  expectNothingRuns(): void {
    expect(this.processes()).toEqual([]);
    expect(mountsWith(this.folder)).toEqual([]);
    expect(networkNamespacesOf(this.folder)).toEqual([]);
  }

  /** After a bench that ended by itself, or the next one after one that was killed. */
  expectNothingLeft(): void {
    this.expectNothingRuns();
    expect(this.cgroups()).toEqual([]);
    const cache = this.path("cache", "buildx-on-eks");
    expect(existsSync(cache) ? readdirSync(cache) : []).toEqual([]);
    expect(readdirSync(this.temporary).filter((name) => !name.startsWith("tsx-"))).toEqual([]);
    if (!existsSync(this.results)) return;
    expect(readdirSync(this.results).filter((name) => !/\.(jsonl|json|html)$/.test(name))).toEqual([]);
  }
}

/** Named ones are mounts; the others live as long as a process, and processes are looked for apart. */
function networkNamespacesOf(folder: string): readonly string[] {
  return mountsWith("nsfs").filter((line) => line.includes(folder));
}
