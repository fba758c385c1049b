import type { Problem } from "./rules";

/** A list of more values is a mistake, and one with holes may be longer than memory. */
const LONGEST_LIST = 1000;
/** No prop lies deeper; what does is refused as unknown before anybody looks inside. */
const DEEPEST = 20;

/** Something that is no plain data, by where it lies. */
export interface Foreign {
  /** Keys from the outermost object on. */
  readonly path: readonly PropertyKey[];
  readonly message: Problem["message"];
}

/**
 * What in a value is neither text, number, list nor plain object, and would be read as something else than it says: a
 * Map or Date looks like an object without props, a getter may throw or change, and a key `__proto__` gets lost. What a
 * prop's own rule names well (a function, a symbol, a bigint) is left to it. Nothing is called.
 *
 * @param free the outermost keys under which any key may stand; elsewhere `__proto__` is an unknown prop like any other
 */
export function foreignIn(value: unknown, free: readonly string[]): Foreign[] {
  const found: Foreign[] = [];
  // Each object at the shallowest place that it was seen at: one in many places is looked at once, and a cycle ends.
  const seen = new WeakMap<object, number>();
  const visit = (inner: unknown, path: readonly PropertyKey[]) => {
    if (typeof inner !== "object" || inner === null || path.length > DEEPEST) return;
    const problem = ofKind(inner);
    if (problem !== undefined) {
      found.push({ path, message: problem });
      return;
    }
    if ((seen.get(inner) ?? Number.POSITIVE_INFINITY) <= path.length) return;
    seen.set(inner, path.length);
    for (const key of Reflect.ownKeys(inner)) {
      const at = [...path, Array.isArray(inner) && typeof key === "string" ? Number(key) : key];
      const descriptor = Object.getOwnPropertyDescriptor(inner, key);
      if (key === "__proto__" && free.includes(String(at[0]))) {
        found.push({
          path: at,
          message: "must have another key: every JavaScript object has this one already",
        });
      } else if (typeof key === "symbol") {
        found.push({ path: at, message: "must have a text as its name; got a symbol" });
      } else if (descriptor?.enumerable && !("value" in descriptor)) {
        found.push({ path: at, message: "must be a value; got a getter or setter" });
      } else if (descriptor?.enumerable) visit(descriptor.value, at);
    }
  };
  visit(value, []);
  return found;
}

/** What is wrong with an object as a whole. */
function ofKind(value: object): string | undefined {
  if (Array.isArray(value)) {
    return value.length > LONGEST_LIST
      ? `must be a list of at most ${LONGEST_LIST} values; got ${value.length}`
      : undefined;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  const plain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return plain ? undefined : "must be a plain object; got one of a class, or one that inherits props";
}
