import { asObject, asText, type Json, type JsonObject, parseJson } from "../../../helpers/json";
import type { SynthesizedStack } from "../../../helpers/synth";
import { Converter } from "./convert";
import type { ApiSchemas } from "./openapi";
import { inOrder, resolve, resourcesIn } from "./references";

/** An object as it is sent to an API server. */
export interface KubernetesObject extends JsonObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: JsonObject & { readonly name: string };
}

/** What a stack holds beside Kubernetes objects: charts, whose objects only Helm can write. */
const NO_OBJECTS = new Set(["helm_release"]);
/** What a resource says to Terraform and its provider alone. */
const TERRAFORM_ONLY: ReadonlySet<string> = new Set([
  "//",
  "data_wo_revision",
  "depends_on",
  "lifecycle",
  "provider",
  "timeouts",
  "wait_for_completion",
  "wait_for_load_balancer",
  "wait_for_rollout",
  "wait_for_service_account_token",
  "wait_until_bound",
]);
const TYPED = /^kubernetes_(default_)?(\w+?)_v1$/;
/** Attributes that have another name than in the API, because Terraform keeps theirs, or takes texts for bytes. */
const RENAMED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  kubernetes_storage_class_v1: { storage_provisioner: "provisioner" },
  kubernetes_secret_v1: { data: "string_data", data_wo: "string_data", binary_data: "data" },
};

/**
 * The Kubernetes objects of a rendered stack as the Kubernetes provider sends them, each after those that it depends
 * on.
 *
 * @throws Error that names whatever it cannot convert: nothing is dropped
 */
export function objectsOf(stack: SynthesizedStack, schemas: ApiSchemas): KubernetesObject[] {
  const resources = resourcesIn(asObject(parseJson(stack.text)));
  return inOrder(resources).flatMap((address) => {
    const type = address.slice(0, address.indexOf("."));
    if (NO_OBJECTS.has(type)) return [];
    const body = Object.fromEntries(
      Object.entries(resources.get(address) ?? {}).filter(([name]) => !TERRAFORM_ONLY.has(name)),
    );
    try {
      return [objectOf(type, asObject(resolve(body, resources)), schemas)];
    } catch (error) {
      throw new Error(`${stack.name}, ${address}: ${error instanceof Error ? error.message : error}`);
    }
  });
}

function objectOf(type: string, body: JsonObject, schemas: ApiSchemas): KubernetesObject {
  if (type === "kubernetes_manifest") return manifestOf(body);
  const [, isDefault, name] = TYPED.exec(type) ?? [];
  if (name === undefined) throw new Error(`no Kubernetes object is known for ${type}`);
  const { apiVersion, kind, schema } = schemas.kind(name);
  const converted = asObject(new Converter(schemas).convert(renamed(type, body), schema, kind));
  const metadata = asObject(converted.metadata);
  // The default account is there already, under a name that its resource need not say.
  return named({
    apiVersion,
    kind,
    ...converted,
    metadata: { ...(isDefault && { name: "default" }), ...metadata },
  });
}

function manifestOf({ manifest, ...beside }: JsonObject): KubernetesObject {
  const unknown = Object.keys(beside);
  if (unknown.length > 0) throw new Error(`kubernetes_manifest with ${unknown.join(", ")} is not known`);
  return named(asObject(manifest));
}

function renamed(type: string, body: JsonObject): JsonObject {
  const names = RENAMED[type] ?? {};
  const entries = Object.entries(body).map(([key, value]): [string, Json] => [names[key] ?? key, value]);
  if (new Set(entries.map(([key]) => key)).size !== entries.length)
    throw new Error("an attribute is given twice");
  return Object.fromEntries(entries);
}

function named(object: JsonObject): KubernetesObject {
  const metadata = asObject(object.metadata);
  return {
    ...object,
    apiVersion: asText(object.apiVersion, "apiVersion"),
    kind: asText(object.kind, "kind"),
    metadata: { ...metadata, name: asText(metadata.name, "metadata.name") },
  };
}
