/** A value of a rendered resource: what Terraform reads from the JSON file. */
export type Value = string | number | boolean | null | undefined | readonly Value[] | Values;
export interface Values {
  readonly [key: string]: Value;
}

export const isValues = (value: Value): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The blocks of one kind: Terraform takes one block as an object or as a list, and none as nothing. */
export function blocks(value: Value): Values[] {
  if (Array.isArray(value)) return value.filter(isValues);
  return isValues(value) ? [value] : [];
}

/** A value as a list: one value is a list of one, none an empty list. */
export function listOf(value: Value): readonly Value[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value as Value];
}

/** Terraform takes "true" for true. */
export const isTrue = (value: Value): boolean => value === true || value === "true";
export const isFalse = (value: Value): boolean => value === false || value === "false";

/** A value as a message shows it. */
export const shown = (value: Value): string => (value === undefined ? "nothing" : JSON.stringify(value));

/** Terraform finds the value when it plans or applies. */
export const isExpression = (value: Value): value is string =>
  typeof value === "string" && value.includes("${");

/** One value of a tree and its path, for example `spec.template.spec.container[0].image`. */
export interface Leaf {
  readonly path: string;
  readonly key: string;
  readonly value: Value;
}

/** Every value of a tree, objects and lists included, with its path from the root. */
export function* walk(value: Value, path = "", key = ""): Generator<Leaf> {
  yield { path, key, value };
  if (Array.isArray(value)) {
    for (const [i, inner] of value.entries()) yield* walk(inner, `${path}[${i}]`, key);
  } else if (isValues(value)) {
    for (const [name, inner] of Object.entries(value))
      yield* walk(inner, path ? `${path}.${name}` : name, name);
  }
}
