import { parse } from "yaml";
import { z } from "zod";
import { cut, show, showName, visible } from "../../util/invalid-input";
import { didYouMean } from "../../util/suggest";
import { normalizedName } from "./lock";

/** How often packages change, where the lock does not tell. Each pattern is a name, with `*` for any characters. */
export interface Hints {
  /** Changes least often: a runtime that comes in releases of its own. */
  readonly rarely: readonly string[];
  /** Changes as often as what was asked for directly. */
  readonly often: readonly string[];
}

/** The CUDA libraries that torch and others pin: gigabytes, and the same ones through many releases of what needs them. */
export const DEFAULT_HINTS: Hints = { rarely: ["nvidia-*", "cuda-*"], often: [] };

const KEYS = ["rarely", "often"] as const;
const PATTERN = /^[A-Za-z0-9*](?:[A-Za-z0-9._*-]*[A-Za-z0-9*])?$/;
const patterns = z.array(z.string().regex(PATTERN));

export function parseHints(text: string): { readonly hints: Hints; readonly problems: readonly string[] } {
  const problems: string[] = [];
  let value: unknown;
  try {
    value = parse(text, { logLevel: "error" }) ?? {};
  } catch (error) {
    return { hints: DEFAULT_HINTS, problems: [`it must be YAML: ${cut(visible(messageOf(error)), 200)}`] };
  }
  if (typeof value !== "object" || Array.isArray(value)) {
    return { hints: DEFAULT_HINTS, problems: [`it must hold ${KEYS.join(" and ")}; got ${show(value)}.`] };
  }
  const given = new Map<string, unknown>(Object.entries(value ?? {}));
  for (const key of given.keys()) {
    if (!KEYS.some((known) => known === key)) {
      problems.push(`${showName(key)} is none of ${KEYS.join(", ")}.${didYouMean(key, KEYS)}`);
    }
  }
  const read = (key: (typeof KEYS)[number]): readonly string[] => {
    if (!given.has(key)) return DEFAULT_HINTS[key];
    const parsed = patterns.safeParse(given.get(key));
    if (parsed.success) return parsed.data;
    problems.push(
      `${key} must be a list of package names, * for any characters; got ${show(given.get(key))}.`,
    );
    return [];
  };
  return { hints: { rarely: read("rarely"), often: read("often") }, problems };
}

/** The first line: the parser goes on with a picture of the place. */
const messageOf = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).split("\n", 1).join("");

/** Whether a normalized name fits one of the patterns. */
export function fits(name: string, wanted: readonly string[]): boolean {
  return wanted.some((pattern) => {
    const [first = "", ...others] = pattern
      .split("*")
      .map((part) => (part === "" ? "" : normalizedName(part)));
    const last = others.pop();
    if (last === undefined) return name === first;
    if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length)
      return false;
    // Each part as early as possible: a regular expression would try all places of all stars.
    let from = first.length;
    for (const part of others) {
      const at = name.indexOf(part, from);
      if (at < 0) return false;
      from = at + part.length;
    }
    return from <= name.length - last.length;
  });
}
