import { asObject, isObject, type Json, type JsonObject } from "../../../helpers/json";

/** What stands in a test for a value that only whoever deploys knows. */
export const PLACEHOLDER = "placeholder";

/** Resources of a stack by address, `kubernetes_namespace_v1.builds_namespace_E6FF802A`. */
export type Resources = ReadonlyMap<string, JsonObject>;

const EXPRESSION = /\$\{([^{}]*)\}/g;
const ATTRIBUTE = /^(\w+\.[\w-]+)((?:\.\w+|\[\d+\])+)$/;
const VARIABLE = /^var\.\w+$/;

/** All resources that a stack's file holds. */
export function resourcesIn(file: JsonObject): Resources {
  return new Map(
    Object.entries(asObject(file.resource ?? {})).flatMap(([type, of]) =>
      Object.entries(asObject(of)).map(([id, body]) => [`${type}.${id}`, asObject(body)] as const),
    ),
  );
}

/** The value at a path such as `.metadata[0].name`; a single block is rendered without its list. */
function at(body: Json | undefined, path: string): Json | undefined {
  return (path.match(/\w+/g) ?? []).reduce<Json | undefined>((value, step) => {
    if (/^\d+$/.test(step))
      return Array.isArray(value) ? value[Number(step)] : step === "0" ? value : undefined;
    return isObject(value) ? value[step] : undefined;
  }, body);
}

/**
 * A value with every reference replaced by what it refers to. Variables become {@link PLACEHOLDER}.
 *
 * @throws Error that names an expression it cannot read
 */
export function resolve(value: Json, resources: Resources): Json {
  if (Array.isArray(value)) return value.map((inner: Json) => resolve(inner, resources));
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner, resources)]));
  }
  if (typeof value !== "string") return value;
  if (value.includes("$${") || value.includes("%{"))
    throw new Error(`cannot read Terraform's template ${value}`);
  return value.replace(EXPRESSION, (_, expression: string) => resolveExpression(expression, resources));
}

function resolveExpression(expression: string, resources: Resources): string {
  if (VARIABLE.test(expression)) return PLACEHOLDER;
  const [, address = "", path = ""] = ATTRIBUTE.exec(expression) ?? [];
  const found = at(resources.get(address), path);
  const resolved = found === undefined ? undefined : resolve(found, resources);
  if (typeof resolved !== "string") throw new Error(`cannot resolve \${${expression}}`);
  return resolved;
}

/** Addresses that a resource names, by reference or in depends_on. */
function dependencies(body: JsonObject, resources: Resources): string[] {
  const { "//": _, ...rest } = body;
  const words = JSON.stringify(rest).match(/\w+\.[\w-]+/g) ?? [];
  return [...new Set(words)].filter((word) => resources.has(word));
}

/** Addresses, each after those it depends on. @throws Error where they depend on each other */
export function inOrder(resources: Resources): string[] {
  const done: string[] = [];
  const visit = (address: string, path: readonly string[]) => {
    if (path.includes(address)) throw new Error(`${[...path, address].join(" -> ")} is a cycle`);
    if (done.includes(address)) return;
    const body = resources.get(address) ?? {};
    for (const next of dependencies(body, resources)) visit(next, [...path, address]);
    done.push(address);
  };
  for (const address of resources.keys()) visit(address, []);
  return done;
}
