import type { EnvironmentInput } from "../../../environment/environment";
import { asObject, asText, isObject, type Json, type JsonObject, parseJson } from "../../helpers/json";
import { type SynthesizedStack, synthesize } from "../../helpers/synth";
import type { KubernetesObject } from "./api";

/** API group of each kind that the Kubernetes provider has a typed resource for, as far as the stacks use them. */
const API_VERSIONS: Readonly<Record<string, string>> = {
  ConfigMap: "v1",
  LimitRange: "v1",
  Namespace: "v1",
  NetworkPolicy: "networking.k8s.io/v1",
  PodDisruptionBudget: "policy/v1",
  ResourceQuota: "v1",
  Role: "rbac.authorization.k8s.io/v1",
  RoleBinding: "rbac.authorization.k8s.io/v1",
  Secret: "v1",
  ServiceAccount: "v1",
  StatefulSet: "apps/v1",
  StorageClass: "storage.k8s.io/v1",
};
/** Attributes that only Terraform reads. */
const TERRAFORM_ONLY = /^(?:\/\/|depends_on|provider|timeouts|data_wo_revision|wait_\w+)$/;
/** Attributes that have another name in the API: repeated blocks are in the singular. */
const RENAMED: Readonly<Record<string, string>> = {
  container: "containers",
  data_wo: "stringData",
  limit: "limits",
  rule: "rules",
  storage_provisioner: "provisioner",
  subject: "subjects",
  toleration: "tolerations",
  volume: "volumes",
  volume_claim_template: "volumeClaimTemplates",
  volume_mount: "volumeMounts",
};
/** Maps from names to texts, whose keys stay. */
const MAPS =
  /^(?:annotations|data|data_wo|default|default_request|hard|labels|limits|match_labels|max|node_selector|parameters|requests)$/;
/**
 * Kubernetes objects of an environment, as the Kubernetes provider sends them and in the order of a deployment. A field
 * that this converts wrongly is an unknown field, which the API server refuses.
 */
export const objectsOf = (input: EnvironmentInput): KubernetesObject[] =>
  ["platform", "runners"].flatMap((name) => {
    const stack = synthesize(input).stacks.get(`${input.name}-${name}`);
    return stack ? stackObjects(stack) : [];
  });

function stackObjects({ text }: SynthesizedStack): KubernetesObject[] {
  const resources = new Map<string, JsonObject>(
    Object.entries(asObject(asObject(parseJson(text)).resource)).flatMap(([type, of]) =>
      Object.entries(asObject(of)).map(([id, body]) => [`${type}.${id}`, asObject(body)]),
    ),
  );
  return inOrder(resources)
    .filter((address) => address.startsWith("kubernetes_"))
    .map((address) => {
      // Conditions for Terraform may refer to what only it knows.
      const { lifecycle: _, ...sent } = resources.get(address) ?? {};
      const body = asObject(resolve(sent, resources));
      return convert(address.slice("kubernetes_".length, address.indexOf(".")), body);
    });
}

/** Addresses, each after those that it names. */
function inOrder(resources: ReadonlyMap<string, JsonObject>): string[] {
  const done = new Set<string>();
  const visit = (address: string) => {
    if (done.has(address)) return;
    const { "//": _, ...body } = resources.get(address) ?? {};
    for (const word of JSON.stringify(body).match(/\w+\.[\w-]+/g) ?? []) if (resources.has(word)) visit(word);
    done.add(address);
  };
  for (const address of resources.keys()) visit(address);
  return [...done];
}

/** Replaces references by names, and variables by a placeholder. */
function resolve(value: Json, resources: ReadonlyMap<string, JsonObject>): Json {
  if (Array.isArray(value)) return value.map((inner: Json) => resolve(inner, resources));
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner, resources)]));
  }
  if (typeof value !== "string") return value;
  return value.replace(/\$\{([^}]*)\}/g, (_, expression: string) => {
    if (expression.startsWith("var.")) return "placeholder";
    const [, address = ""] = /^(\w+\.[\w-]+)\.metadata\[0\]\.name$/.exec(expression) ?? [];
    const body = resources.get(address);
    if (!body) throw new Error(`cannot resolve ${expression}`);
    return asText(resolve(asText(asObject(body.metadata).name), resources));
  });
}

function convert(type: string, body: JsonObject): KubernetesObject {
  if (type === "manifest") return asObject(body.manifest) as KubernetesObject;
  const name = type.replace(/_v1$/, "").replace(/^default_/, "");
  const kind = name.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
  const converted = asObject(camel(body));
  return {
    apiVersion: API_VERSIONS[kind] ?? `unknown group of ${kind}`,
    kind,
    ...converted,
    // The default account exists already, under a name that its resource does not repeat.
    metadata: { name: "default", ...asObject(converted.metadata) },
  };
}

function camel(value: Json): Json {
  if (Array.isArray(value)) return value.map((inner: Json) => camel(inner));
  if (typeof value === "string" && /^\d+$/.test(value)) return Number(value);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([key]) => !TERRAFORM_ONLY.test(key));
  return Object.fromEntries(
    entries.map(([key, inner]) => {
      const name = RENAMED[key] ?? key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
      // `limits` of a LimitRange are blocks, those of a container a map.
      if (MAPS.test(key) && isObject(inner)) return [name, inner];
      // Blocks that the API has once.
      if (key.endsWith("_policy") && Array.isArray(inner)) return [name, camel(inner[0] as Json)];
      return [name, camel(inner)];
    }),
  );
}
