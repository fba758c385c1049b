import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { parse } from "yaml";
import { asList, asObject, asText, isObject, type Json, type JsonObject } from "../../helpers/json";

const HOW =
  "set CRDS to a folder with the resource definitions of actions-runner-controller, for example from its chart: helm pull actions-runner-controller --version 0.23.7 --untar --repo https://actions-runner-controller.github.io/actions-runner-controller && CRDS=actions-runner-controller/crds npm run test:system -- crds";

/** @throws Error that says how to give the folder */
export function crdFolder(env: Readonly<Record<string, string | undefined>>): string {
  const folder = env.CRDS;
  if (!folder || !existsSync(folder)) throw new Error(`CRDS is ${folder ?? "not set"}: ${HOW}`);
  return folder;
}

/**
 * Makes a JSON schema of a Kubernetes schema in which unknown fields are errors; an API server drops them by default.
 */
function strict(schema: JsonObject): JsonObject {
  if (schema["x-kubernetes-int-or-string"] === true) return { type: ["integer", "string"] };
  const { properties, additionalProperties, items, ...rest } = schema;
  const known = Object.fromEntries(
    Object.entries(rest).filter(
      ([key]) =>
        !key.startsWith("x-kubernetes-") && key !== "description" && key !== "default" && key !== "nullable",
    ),
  );
  const keepsUnknown = schema["x-kubernetes-preserve-unknown-fields"] === true;
  const fields: JsonObject = isObject(properties)
    ? {
        properties: Object.fromEntries(
          Object.entries(properties).map(([name, value]) => [name, strict(asObject(value))]),
        ),
        additionalProperties: keepsUnknown,
      }
    : {};
  const values: JsonObject = isObject(additionalProperties)
    ? { additionalProperties: strict(asObject(additionalProperties)) }
    : {};
  const elements: JsonObject = isObject(items) ? { items: strict(asObject(items)) } : {};
  return { ...known, ...fields, ...values, ...elements };
}

/** Validators by `apiVersion/kind`. @throws Error when the folder holds no definition */
export function validators(folder: string): Map<string, ValidateFunction> {
  const ajv = new Ajv({
    allErrors: true,
    strict: true,
    allowUnionTypes: true,
    strictTypes: false,
    strictRequired: false,
  });
  addFormats.default(ajv);
  for (const format of ["int32", "int64"]) ajv.addFormat(format, true);
  const result = new Map<string, ValidateFunction>();
  for (const file of readdirSync(folder).filter((name) => /\.ya?ml$/.test(name))) {
    const definition = parse(readFileSync(join(folder, file), "utf8")) as Json;
    if (!isObject(definition) || definition.kind !== "CustomResourceDefinition") continue;
    const { group, names, versions } = asObject(definition.spec);
    const kind = asText(asObject(names).kind);
    for (const version of asList(versions).map((one) => asObject(one))) {
      const schema = asObject(asObject(version.schema).openAPIV3Schema);
      const { metadata: _, ...properties } = asObject(schema.properties);
      const { apiVersion, kind: kindSchema, ...own } = properties;
      const whole = strict({
        ...schema,
        properties: {
          ...own,
          ...(apiVersion && { apiVersion }),
          ...(kindSchema && { kind: kindSchema }),
          // As for every resource, reduced to what is used here.
          metadata: {
            type: "object",
            properties: {
              name: { type: "string" },
              namespace: { type: "string" },
              finalizers: { type: "array", items: { type: "string" } },
            },
          },
        },
      });
      result.set(`${asText(group)}/${asText(version.name)}/${kind}`, ajv.compile(whole));
    }
  }
  if (result.size === 0) throw new Error(`${folder} holds no resource definitions: ${HOW}`);
  return result;
}
