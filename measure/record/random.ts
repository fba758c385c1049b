import { fnv1a } from "../../util/fnv1a";

/** Numbers in [0, 1). */
export type Random = () => number;

/** Uniform integers below `bound` (1 to 2^32). */
export type RandomIndex = (bound: number) => number;

/**
 * The small fast counting generator sfc32 (Chris Doty-Humphrey, PractRand): the same on every machine and Node
 * version, which Math.random is not. Not for secrets. `stream` separates sequences of one seed, so that one
 * consumer more or less does not change the numbers of the others.
 */
export function seededRandom(seed: number, stream = ""): Random {
  let a = 0x9e3779b9 ^ seed;
  let b = fnv1a(stream);
  let c = Math.floor(seed / 2 ** 32) | 0;
  let counter = 1;
  const next = () => {
    const result = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    return (result >>> 0) / 2 ** 32;
  };
  // The first outputs still show the seed.
  for (let i = 0; i < 16; i++) next();
  return next;
}

export function randomIndex(seed: number, stream: string): RandomIndex {
  const random = seededRandom(seed, stream);
  return (bound) => Math.floor(random() * bound);
}

/** A shuffled copy (Fisher-Yates, from the end): every order is equally likely, save for 2^-32 of bias. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  const result: T[] = [];
  while (left.length > 0) result.push(...left.splice(Math.floor(random() * left.length), 1));
  return result;
}
