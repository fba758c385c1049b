import { existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { gigabytes } from "../experiment/report/words";
import type { Scenario } from "./scenario";

/** What lies on the disk at the same time, in sizes of the unpacked image. */
const BUILDER = 4; // stages, their copies, compressed layers
const SEED = 1.5; // image and cache in the registry
const CHECK = 2; // blobs and files of the image that is checked
const LIMIT = 2; // archive of the physical limit, and what it sends
const COLD = 2; // image and cache of the build that is timed

/** Bytes that a bench needs at its largest moment; on the careful side. */
export function neededBytes(
  unpackedBytes: number,
  wheelBytes: number,
  variants: number,
  scenarios: readonly Scenario[],
): number {
  const seeds = scenarios.some((scenario) => scenario !== "cold") ? variants * SEED : 0;
  const kept = scenarios.includes("warm") ? variants * BUILDER : 0;
  return Math.ceil(unpackedBytes * (BUILDER + CHECK + LIMIT + COLD + seeds + kept) + wheelBytes + 1e9);
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
