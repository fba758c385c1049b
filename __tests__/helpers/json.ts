export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** @throws Error unless the value is an object */
export function asObject(value: Json | undefined, what = "value"): JsonObject {
  if (!isObject(value)) throw new Error(`${what} is no object: ${JSON.stringify(value)}`);
  return value;
}

/** @throws Error unless the value is a text */
export function asText(value: Json | undefined, what = "value"): string {
  if (typeof value !== "string") throw new Error(`${what} is no text: ${JSON.stringify(value)}`);
  return value;
}

/** @throws Error unless the value is a list */
export function asList(value: Json | undefined, what = "value"): readonly Json[] {
  if (!Array.isArray(value)) throw new Error(`${what} is no list: ${JSON.stringify(value)}`);
  return value as readonly Json[];
}

export const parseJson = (text: string) => JSON.parse(text) as Json;

/** Every text in a value, keys of objects included. */
export function textsIn(value: Json): string[] {
  if (typeof value === "string") return [value];
  if (isObject(value)) return Object.entries(value).flatMap(([key, inner]) => [key, ...textsIn(inner)]);
  return Array.isArray(value) ? value.flatMap((inner: Json) => textsIn(inner)) : [];
}
