/** Uniform integers below `bound` (1 to 2^32). The same seed and stream give the same sequence anywhere. */
export type RandomIndex = (bound: number) => number;

/**
 * The small fast counting generator sfc32 (Chris Doty-Humphrey, PractRand). `stream` separates sequences of
 * one seed, so that a configuration more or less does not change the intervals of the others.
 */
export function randomIndex(seed: number, stream: string): RandomIndex {
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
    return result >>> 0;
  };
  // The first outputs still show the seed.
  for (let i = 0; i < 16; i++) next();
  return (bound) => Math.floor((next() / 2 ** 32) * bound);
}

/** 32-bit FNV-1a over UTF-16 units. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash | 0;
}
