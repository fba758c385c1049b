/** Numbers in [0, 1). */
export type Random = () => number;

/**
 * mulberry32: a 32-bit state that grows by 0x6d2b79f5 each time, mixed by two multiply-xorshift rounds.
 * Small, and the same on every machine and Node version, which Math.random is not. Not for secrets.
 * `seed` counts modulo 2^32.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A shuffled copy (Fisher-Yates, from the end): every order is equally likely, save for 2^-32 of bias. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  const result: T[] = [];
  while (left.length > 0) result.push(...left.splice(Math.floor(random() * left.length), 1));
  return result;
}
