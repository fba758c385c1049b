import { asObject, isObject, type Json, type JsonObject } from "../../../helpers/json";
import { type ApiSchemas, normalized } from "./openapi";

/**
 * What the Kubernetes provider sends where a configuration says nothing, by the end of the attribute's path. Only what
 * differs from an API server's own default, or what Pod Security looks at.
 *
 * @see https://github.com/hashicorp/terraform-provider-kubernetes/blob/v2.38.0/kubernetes/schema_pod_spec.go
 * @see https://github.com/hashicorp/terraform-provider-kubernetes/blob/v2.38.0/kubernetes/schema_container.go
 */
const PROVIDER_DEFAULTS: readonly { readonly at: RegExp; readonly values: JsonObject }[] = [
  { at: /\.template\.spec$/, values: { automountServiceAccountToken: true, enableServiceLinks: true } },
  {
    at: /\.containers\[\d+\]\.securityContext$/,
    values: { allowPrivilegeEscalation: true, privileged: false, readOnlyRootFilesystem: false },
  },
  { at: /^ServiceAccount$/, values: { automountServiceAccountToken: true } },
];

/** Converts values of Terraform's blocks to what a schema asks for. */
export class Converter {
  constructor(private readonly schemas: ApiSchemas) {}

  /** @throws Error that names the path of anything that has no place in the schema */
  convert(value: Json, schemaOrReference: JsonObject, path: string): Json {
    const schema = this.schemas.resolve(schemaOrReference);
    if (isObject(schema.properties)) return this.object(value, schema, path);
    if (isObject(schema.additionalProperties)) return this.map(value, schema.additionalProperties, path);
    if (schema.type === "array") return this.list(value, asObject(schema.items), path);
    if (schema.type === "object") return single(value, path);
    return scalar(value, schema, path);
  }

  private object(value: Json, schema: JsonObject, path: string): JsonObject {
    const properties = asObject(schema.properties);
    const result: Record<string, Json> = {};
    for (const [name, inner] of Object.entries(single(value, path))) {
      const property = this.propertyOf(name, properties, path);
      if (property in result) throw new Error(`${path}.${property} is given twice`);
      result[property] = this.convert(inner, asObject(properties[property]), `${path}.${property}`);
    }
    const defaults = PROVIDER_DEFAULTS.filter(({ at }) => at.test(path)).map(({ values }) => values);
    return Object.assign({}, ...defaults, result) as JsonObject;
  }

  /** Blocks that repeat have a singular name: `toleration` is an element of `tolerations`. */
  private propertyOf(name: string, properties: JsonObject, path: string): string {
    const wanted = normalized(name);
    const same = Object.keys(properties).filter((property) => normalized(property) === wanted);
    const plural = Object.keys(properties).filter(
      (property) =>
        [`${wanted}s`, `${wanted}es`].includes(normalized(property)) &&
        this.schemas.resolve(asObject(properties[property])).type === "array",
    );
    const [only, ...others] = same.length > 0 ? same : plural;
    if (only === undefined || others.length > 0)
      throw new Error(`${path}.${name}: the API knows no such field`);
    return only;
  }

  private map(value: Json, schema: JsonObject, path: string): JsonObject {
    return Object.fromEntries(
      Object.entries(single(value, path)).map(([key, inner]) => [
        key,
        this.convert(inner, schema, `${path}[${JSON.stringify(key)}]`),
      ]),
    );
  }

  /** A single block is rendered without its list. */
  private list(value: Json, schema: JsonObject, path: string): Json[] {
    const values = Array.isArray(value) ? (value as Json[]) : isObject(value) ? [value] : undefined;
    if (!values) throw new Error(`${path} must be a list; got ${JSON.stringify(value)}`);
    return values.map((inner, i) => this.convert(inner, schema, `${path}[${i}]`));
  }
}

/** The one element of a list, or the object itself. */
function single(value: Json, path: string): JsonObject {
  const [first, ...others] = Array.isArray(value) ? (value as Json[]) : [value];
  if (!isObject(first) || others.length > 0)
    throw new Error(`${path} must be one object; got ${JSON.stringify(value)}`);
  return first;
}

const DIGITS = /^-?\d+$/;

/** Terraform writes numbers that may be absent, and numbers that may be texts, as texts. */
function scalar(value: Json, schema: JsonObject, path: string): Json {
  const isDigits = typeof value === "string" && DIGITS.test(value);
  const intOrString = schema.format === "int-or-string" || schema["x-kubernetes-int-or-string"] === true;
  const kinds = (Array.isArray(schema.oneOf) ? (schema.oneOf as Json[]) : [schema]).map(
    (one) => asObject(one).type,
  );
  if (isDigits && (intOrString || kinds.includes("integer"))) return Number(value);
  const taken = kinds.some(
    (kind) =>
      (kind === "string" && typeof value === "string") ||
      (kind === "boolean" && typeof value === "boolean") ||
      (kind === "integer" && Number.isInteger(value)) ||
      (kind === "number" && typeof value === "number"),
  );
  if (!taken) throw new Error(`${path} must be ${kinds.join(" or ")}; got ${JSON.stringify(value)}`);
  return value;
}
