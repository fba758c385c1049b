import { existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { gigabytes } from "../report/format";
import { needsSeed, type Scenario } from "./plan";
import type { Settings } from "./variant";

/** Of a layer that is unpacked, what it takes compressed: wheels of native code by gzip, and some more. */
const PACKED = 0.6;
/** Blobs and files of the image that is checked. */
const CHECK = PACKED + 1;
/** Archive of the physical limit; while it is measured there is no builder, and more than its compressed copies fits. */
const LIMIT = 1;

/** The state of a builder after a build: files, twice where COPY takes them out of stages, and compressed layers. */
function builderOf({ link, cache }: Settings): number {
  const linked = link === "on" ? 1 : 0;
  const smallLayers = link === "small" ? 0.5 : 0;
  return 1 + linked + smallLayers + PACKED * (cache === "registry" ? 1 + linked + smallLayers : 1);
}

/** The image and its cache in the registry, which keeps what both name once. */
function pushedOf({ link, cache, compression }: Settings): number {
  const stages = cache === "registry" && link !== "off" && link !== "code" ? 1 : 0;
  return (compression === "uncompressed" ? 1 : PACKED) * (1 + stages);
}

/**
 * Bytes that a bench needs at its largest moment, on the careful side: one builder, what it pushes, the image that is
 * pulled and checked, the archive of the physical limit, and what scenarios keep of every variant.
 */
export function neededBytes(
  unpackedBytes: number,
  wheelBytes: number,
  variants: readonly Settings[],
  scenarios: readonly Scenario[],
): number {
  const largest = Math.max(...variants.map((variant) => builderOf(variant) + pushedOf(variant)));
  const each = (of: (variant: Settings) => number) => variants.reduce((sum, variant) => sum + of(variant), 0);
  const seeds = scenarios.some(needsSeed) ? each(pushedOf) : 0;
  const kept = scenarios.includes("warm") ? each(builderOf) : 0;
  return Math.ceil(unpackedBytes * (largest + CHECK + LIMIT + seeds + kept) + wheelBytes + 1e9);
}

/** What is wrong with the disk under a folder, which need not exist yet; undefined when there is room. */
export function diskProblem(folder: string, needed: number, free = freeBytes(folder)): string | undefined {
  return free >= needed
    ? undefined
    : `${folder} needs ${gigabytes(needed)} of disk, and ${gigabytes(free)} are free. Use a smaller --size, fewer --variants or another --work-dir`;
}

function freeBytes(folder: string): number {
  let existing = folder;
  while (!existsSync(existing)) existing = dirname(existing);
  const { bavail, bsize } = statfsSync(existing);
  return bavail * bsize;
}
