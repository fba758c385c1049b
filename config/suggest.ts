import { closest, distance } from "fastest-levenshtein";

/** ` Did you mean "x"?`, or nothing when no candidate is near the word. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  if (candidates.length === 0 || word.length > 200) return "";
  const best = closest(word.toLowerCase(), [...candidates]);
  const near = distance(word.toLowerCase(), best.toLowerCase()) <= Math.max(2, Math.floor(best.length / 3));
  return near ? ` Did you mean "${best}"?` : "";
}
