import fc from "fast-check";
import { hostile, hostileText, own, PROTOTYPE_KEYS } from "./hostile";

export type Path = readonly (string | number)[];

/** Paths of a value and of all values in it. */
function pathsIn(value: unknown, path: Path = []): Path[] {
  if (Array.isArray(value)) {
    return [path, ...value.flatMap((inner: unknown, index) => pathsIn(inner, [...path, index]))];
  }
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsIn(inner, [...path, key]))];
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], value);
}

/** A copy with another value at a path. */
function withValue(value: unknown, path: Path, make: (old: unknown) => unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return make(value);
  if (Array.isArray(value)) {
    return value.map((inner: unknown, index) => (index === key ? withValue(inner, rest, make) : inner));
  }
  const object = value as Record<string, unknown>;
  return own(object, key, withValue(object[key], rest, make));
}

const without = (value: unknown, path: Path): unknown =>
  withValue(value, path.slice(0, -1), (parent) => {
    const key = path.at(-1);
    if (Array.isArray(parent)) return parent.filter((_, index) => index !== key);
    return Object.fromEntries(Object.entries(parent as object).filter(([name]) => name !== key));
  });

/** A word with one letter lost, doubled or in the other case. */
const typo = (word: string) =>
  fc.tuple(fc.nat(Math.max(0, word.length - 1)), fc.nat(2)).map(([at, how]) => {
    const letter = word.charAt(at);
    const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
    return word.slice(0, at) + ["", letter + letter, other][how] + word.slice(at + 1);
  });

/** Another value instead of a good one: near it, or nothing like it. */
const instead = (old: unknown): fc.Arbitrary<unknown> => {
  if (typeof old === "number") {
    const near = fc.constantFrom(-old, old + 0.5, old * 1e6, String(old), old + 1e-7, Number.NaN, -0);
    return fc.oneof(near, hostile);
  }
  if (typeof old === "string") {
    const near = fc.oneof(
      fc.constantFrom(`${old}\n`, ` ${old}`, old.toUpperCase(), old.repeat(300), [old], `${old}\u0000`),
      hostileText.map((text) => old + text),
      typo(old),
    );
    return fc.oneof(near, hostile);
  }
  if (Array.isArray(old)) {
    const near = fc.constantFrom<unknown>([...old, ...old], [...old, null], old[0], { ...old }, [old]);
    return fc.oneof(near, hostile);
  }
  return hostile;
};

/** What was done to a value, and where. */
export interface Mutation {
  readonly value: unknown;
  readonly path: Path;
}

/** A value with one thing in it replaced or left out. */
export const spoilt = (value: unknown): fc.Arbitrary<Mutation> =>
  fc.constantFrom(...pathsIn(value).filter((path) => path.length > 0)).chain((path) =>
    fc
      .oneof(
        {
          weight: 9,
          arbitrary: instead(valueAt(value, path)).map((other) => withValue(value, path, () => other)),
        },
        { weight: 1, arbitrary: fc.constant(without(value, path)) },
      )
      .map((made) => ({ value: made, path })),
  );

/** A value with one key more in one of its objects: a known key misspelt, or one out of nowhere. */
export const withUnknownKey = (value: unknown): fc.Arbitrary<Mutation> => {
  const objects = pathsIn(value).filter((path) => {
    const inner = valueAt(value, path);
    return typeof inner === "object" && inner !== null && !Array.isArray(inner);
  });
  return fc.constantFrom(...objects).chain((path) => {
    const object = valueAt(value, path) as object;
    const keys = Object.keys(object);
    const key = fc.oneof(
      fc.constantFrom(...PROTOTYPE_KEYS),
      hostileText,
      keys.length === 0 ? fc.constant("cpus") : fc.constantFrom(...keys).chain(typo),
    );
    return fc
      .tuple(
        key.filter((name) => !(name in object) || PROTOTYPE_KEYS.includes(name)),
        fc.constantFrom<unknown>(1, "a", null, {}, undefined),
      )
      .filter(([name]) => !Object.hasOwn(object, name))
      .map(([name, inner]) => ({
        value: withValue(value, path, (old) => own(old as object, name, inner)),
        path: [...path, name],
      }));
  });
};

/** Text with a piece cut out, doubled, or replaced by something else. */
export const spoiltText = (text: string): fc.Arbitrary<string> =>
  fc
    .tuple(fc.nat(text.length), fc.nat(Math.min(80, text.length)), hostileText, fc.nat(4))
    .map(([at, length, other, how]) => {
      const [before, piece, after] = [
        text.slice(0, at),
        text.slice(at, at + length),
        text.slice(at + length),
      ];
      if (how === 0) return before;
      if (how === 1) return before + after;
      if (how === 2) return before + piece + piece + after;
      if (how === 3) return before + other + after;
      return before + other + piece + after;
    });
