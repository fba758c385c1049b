import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { mustRun } from "../../util/process";
import { median } from "../record/statistics";
import { type RegistryClient, retry } from "./registry-client";
import type { Tools } from "./tools";
import { sha256Of } from "./wheels";

/** Seconds that the machine and the link need for the image's own bytes, one after the other. */
export interface LimitParts {
  /** The archive from the disk, or from the memory that the build left it in. */
  readonly read: number;
  /** zstd with all CPUs, reading included, minus `read`. */
  readonly compress: number;
  /** One upload over the link. */
  readonly send: number;
}

export interface Limit extends LimitParts {
  /** Of the archive, without bytecode. */
  readonly bytes: number;
  readonly compressedBytes: number;
  readonly level: number;
  /** One step after the other, as BuildKit does it. */
  readonly seconds: number;
  /** All steps at the same time: the longest of them. Nothing that makes the whole archive can beat it. */
  readonly overlapped: number;
}

/** Levels tried: the slower the link, the more a smaller archive saves. */
const LEVELS = [1, 3] as const;

export function limitOf(parts: LimitParts): { readonly seconds: number; readonly overlapped: number } {
  return {
    seconds: parts.read + parts.compress + parts.send,
    overlapped: Math.max(parts.read, parts.compress, parts.send),
  };
}

/** The level whose sum is smallest. */
export function bestLimit(limits: readonly Limit[]): Limit | undefined {
  return limits.reduce<Limit | undefined>(
    (best, limit) => (best === undefined || limit.seconds < best.seconds ? limit : best),
    undefined,
  );
}

interface Tries {
  readonly read: number[];
  /** Reading and compressing. */
  readonly packed: number[];
  readonly send: number[];
  compressedBytes: number;
}

/**
 * Measures what no builder can avoid: the layers above the base as one archive, read, compressed by zstd on
 * all CPUs and uploaded, without BuildKit. Once a round, so that it sees the same machine as the builds.
 */
export class LimitMeter {
  private readonly tries = new Map<number, Tries>();

  private constructor(
    private readonly tar: string,
    private readonly tools: Tools,
    private readonly client: RegistryClient,
    private readonly stop: AbortSignal,
  ) {}

  /** @param layers folders of the image's layers above the base; they are not needed afterwards */
  static async prepare(
    layers: readonly string[],
    client: RegistryClient,
    tools: Tools,
    folder: string,
    stop: AbortSignal,
  ): Promise<LimitMeter> {
    const tar = join(folder, "limit.tar");
    const sources = layers.flatMap((layer) => ["-C", layer, "."]);
    await mustRun(tools.path("tar"), ["--exclude=__pycache__", "-cf", tar, ...sources], { stop });
    return new LimitMeter(tar, tools, client, stop);
  }

  /** @param repository one that holds nothing: a blob that is there already would not be sent */
  async measure(repository: string): Promise<void> {
    const { tar, tools, client, stop } = this;
    const packed = `${tar}.zst`;
    try {
      for (const level of LEVELS) {
        const tries = this.tries.get(level) ?? { read: [], packed: [], send: [], compressedBytes: 0 };
        this.tries.set(level, tries);
        tries.read.push(await timed(() => mustRun("sh", ["-c", 'cat "$1" >/dev/null', "sh", tar], { stop })));
        tries.packed.push(
          await timed(() =>
            mustRun(tools.path("zstd"), ["-q", "-f", `-${level}`, "-T0", tar, "-o", packed], { stop }),
          ),
        );
        tries.compressedBytes = statSync(packed).size;
        const digest = `sha256:${await sha256Of(packed)}`;
        // A try that failed does not count: the limit is that of a registry that works.
        const send = () => timed(() => client.push(`${repository}/level-${level}`, packed, digest));
        tries.send.push(await retry(send, stop));
      }
    } finally {
      rmSync(packed, { force: true });
    }
  }

  /** Medians of the rounds; undefined before the first. */
  result(): Limit | undefined {
    const bytes = statSync(this.tar).size;
    const limits = [...this.tries].map(([level, tries]): Limit => {
      const read = median(tries.read);
      const compress = Math.max(0, median(tries.packed) - read);
      const parts = { read, compress, send: median(tries.send) };
      return { ...parts, ...limitOf(parts), bytes, compressedBytes: tries.compressedBytes, level };
    });
    return bestLimit(limits);
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
