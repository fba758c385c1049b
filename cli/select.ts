import type { Environment } from "../environment/environment";
import { WrongUsage } from "../util/invalid-input";
import { didYouMean } from "../util/suggest";

/**
 * The environments that were asked for by name; all of them when none was.
 *
 * @throws WrongUsage that names every unknown one
 */
export function selectEnvironments(all: readonly Environment[], asked: readonly string[]): Environment[] {
  const known = all.map(({ name }) => name);
  const unknown = asked.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new WrongUsage(
      "Unknown environment. Nothing was written.",
      unknown.map((name) => `"${name}" is none of ${known.join(", ")}.${didYouMean(name, known)}`),
    );
  }
  return all.filter(({ name }) => asked.length === 0 || asked.includes(name));
}
