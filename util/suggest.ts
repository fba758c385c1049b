import { closest, distance } from "fastest-levenshtein";

/** ` Did you mean "x"?`, or nothing when no candidate is near the word. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  if (candidates.length === 0 || word.length > 200) return "";
  const lower = candidates.map((candidate) => candidate.toLowerCase());
  const best = closest(word.toLowerCase(), lower);
  const edits = distance(word.toLowerCase(), best);
  // Two swapped letters are two edits; of a short word, more than half may not differ.
  const near = edits <= Math.max(2, Math.floor(best.length / 3)) && edits <= best.length / 2;
  return near ? ` Did you mean "${candidates[lower.indexOf(best)]}"?` : "";
}
