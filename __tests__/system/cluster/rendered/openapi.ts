import { asList, asObject, asText, isObject, type Json, type JsonObject } from "../../../helpers/json";

/** Reads a path of an API server as JSON, for example `/openapi/v3`. */
export type Read = (path: string) => Promise<JsonObject>;

export interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly schema: JsonObject;
}

const REFERENCE = "#/components/schemas/";
/** Names are compared without case and underscores: `fs_group` is `fsGroup`, `cluster_ip` is `clusterIP`. */
export const normalized = (name: string) => name.replaceAll("_", "").toLowerCase();

/** What an API server says about the shapes of its objects, in OpenAPI v3. */
export class ApiSchemas {
  private readonly components = new Map<string, JsonObject>();

  /** @param documents what stands at `/openapi/v3/<group>/<version>` */
  constructor(documents: readonly JsonObject[]) {
    for (const document of documents) {
      const schemas = asObject(asObject(document.components).schemas);
      for (const [name, schema] of Object.entries(schemas)) this.components.set(name, asObject(schema));
    }
  }

  /** Reads the stable (v1) groups of a server. */
  static async read(read: Read): Promise<ApiSchemas> {
    const paths = Object.entries(asObject((await read("/openapi/v3")).paths)).filter(([path]) =>
      /^apis?\/(?:[^/]+\/)?v1$/.test(path),
    );
    const documents: JsonObject[] = [];
    for (const [, { serverRelativeURL }] of paths as [string, JsonObject][]) {
      documents.push(await read(asText(serverRelativeURL)));
    }
    return new ApiSchemas(documents);
  }

  /**
   * The v1 kind of a name in any case, with or without underscores.
   *
   * @throws Error unless there is exactly one
   */
  kind(name: string): Kind {
    const found = [...this.components.values()].flatMap((schema) =>
      asList(schema["x-kubernetes-group-version-kind"] ?? [])
        .map((one) => asObject(one))
        .filter(({ kind, version }) => version === "v1" && normalized(asText(kind)) === normalized(name))
        .map(({ group, kind }) => ({ apiVersion: group ? `${group}/v1` : "v1", kind: asText(kind), schema })),
    );
    const [only, ...others] = found;
    if (!only || others.length > 0) {
      const known = found.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`).join(", ");
      throw new Error(
        `the API server knows ${found.length} kinds ${name} in v1 instead of one${known && `: ${known}`}`,
      );
    }
    return only;
  }

  /** The schema itself, wherever it is written. */
  resolve(schema: JsonObject): JsonObject {
    const all = isObject(schema) ? schema.allOf : undefined;
    const [only, ...others] = Array.isArray(all) ? (all as Json[]) : [];
    if (only !== undefined) {
      if (others.length > 0) throw new Error(`cannot read a schema of several: ${JSON.stringify(schema)}`);
      return this.resolve(asObject(only));
    }
    if (schema.$ref === undefined) return schema;
    const name = asText(schema.$ref).slice(REFERENCE.length);
    const found = this.components.get(name);
    if (!found) throw new Error(`no schema ${name}`);
    return this.resolve(found);
  }
}
