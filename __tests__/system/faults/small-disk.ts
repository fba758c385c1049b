import { spawn } from "node:child_process";
import { appendFileSync, mkdirSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { type Cleanup, PROJECT, scratchFolder } from "./processes";

const PAGE = 4_096;

/**
 * A disk of a few pages in a mount namespace that one process holds: when that ends, however it ends, the kernel
 * takes the disk away. Without root, a user namespace of its own allows the mount.
 */
export class SmallDisk {
  private constructor(
    /** Where programs `within` find it. */
    readonly folder: string,
    /** The same folder, for this process. */
    readonly outside: string,
    /** Comes before a program that is to see the disk. */
    readonly within: readonly string[],
  ) {}

  /** @param pages of 4 KiB */
  static async mount(context: Cleanup, pages: number): Promise<SmallDisk> {
    const folder = join(scratchFolder(context), "disk");
    mkdirSync(folder);
    const root = process.getuid?.() === 0;
    const holder = spawn(
      "unshare",
      [
        ...(root ? [] : ["--user", "--map-root-user"]),
        ...[
          "--mount",
          "sh",
          "-c",
          'mount -t tmpfs -o "size=$1" tmpfs "$2" && echo mounted && exec cat',
          "sh",
        ],
        ...[String(pages * PAGE), folder],
      ],
      { stdio: ["pipe", "pipe", "pipe"] },
    );
    context.onTestFinished(() => {
      holder.kill("SIGKILL");
    });
    let words = "";
    holder.stderr.setEncoding("utf8").on("data", (text: string) => {
      words += text;
    });
    await new Promise<void>((done, failed) => {
      holder.once("error", failed);
      holder.stdout.once("data", () => done());
      holder.once("exit", () =>
        failed(
          new Error(
            `a disk cannot be mounted here: ${words}. Run as root, or allow user namespaces (util-linux's unshare)`,
          ),
        ),
      );
    });
    const pid = String(holder.pid);
    const user = root ? [] : ["--user", "--preserve-credentials"];
    return new SmallDisk(folder, join("/proc", pid, "root", folder), [
      "nsenter",
      ...["--target", pid, "--mount", `--wd=${PROJECT}`, ...user, "--"],
    ]);
  }

  /** Takes everything but so many pages. */
  fill(freePages: number): void {
    let pages = 0;
    try {
      for (; ; pages++) appendFileSync(this.ballast, Buffer.alloc(PAGE));
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
    }
    truncateSync(this.ballast, Math.max(0, pages - freePages) * PAGE);
  }

  free(): void {
    rmSync(this.ballast, { force: true });
  }

  private get ballast(): string {
    return join(this.outside, ".ballast");
  }
}
