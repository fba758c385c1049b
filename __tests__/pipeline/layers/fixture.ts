import fc from "fast-check";
import { DEFAULT_HINTS } from "../../../pipeline/layers/hints";
import { compareText, type Pin } from "../../../pipeline/layers/lock";
import { freshPlan, type Layer, type Plan, type PlannedPackage } from "../../../pipeline/layers/plan";

export const HASH = `sha256:${"0".repeat(64)}`;

/** A package that the lock names `via` as the reason of; a direct requirement when there is none. */
export function packageOf(
  name: string,
  bytes: number,
  via: readonly string[] = ["-r in.txt"],
): PlannedPackage {
  const pin: Pin = { name, version: "1.0", requirement: `${name}==1.0`, hashes: [HASH], via };
  return { pin, bytes };
}

/** Locks as they come: a few packages hold most of the bytes, some CUDA libraries, dependencies of random others. */
const packages: fc.Arbitrary<readonly PlannedPackage[]> = fc
  .array(
    fc.record({
      name: fc.stringMatching(/^(nvidia-|cuda-)?[a-z][a-z0-9]{0,5}$/),
      bytes: fc.oneof(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 1e6, max: 6e8 })),
      via: fc.array(fc.nat(), { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((drafts) => {
    const unique = [...new Map(drafts.map((draft) => [draft.name, draft])).values()];
    const sorted = unique.sort((a, b) => compareText(a.name, b.name));
    return sorted.map(({ name, bytes, via }) => {
      const who = via
        .map((index) => sorted[index % sorted.length]?.name ?? name)
        .filter((one) => one !== name);
      return packageOf(name, bytes, who.length > 0 ? who : undefined);
    });
  });

/** Packages and a number of layers that they can fill. */
export const planned = packages.chain((some) =>
  fc.record({ some: fc.constant(some), count: fc.integer({ min: 1, max: Math.min(12, some.length) }) }),
);

export const namesOf = ({ packages: some }: Layer): string[] => some.map(({ pin }) => pin.name);
export const allNames = ({ layers }: Plan): string[][] => layers.map(namesOf);
export const fresh = (some: readonly PlannedPackage[], count: number): Plan =>
  freshPlan(some, count, DEFAULT_HINTS);
