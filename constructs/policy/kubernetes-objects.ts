import { parse } from "yaml";
import type { RenderedResource } from "./rendered-stack";
import { blocks, isValues, listOf, type Value, type Values } from "./values";

/** What a resource hands to Kubernetes, with the names that the Kubernetes API has for its fields. */
export interface KubernetesObject {
  readonly kind: string;
  /** Begins with what the resource calls it, `manifest` or `values`, where that is not the resource itself. */
  readonly path: string;
  readonly body: Values;
}

/** What cannot be read before it is applied: path of the attribute. */
export interface Unreadable {
  readonly unreadable: string;
}

/** The provider writes blocks in the singular, and some names by its own rule. */
const PROVIDER_NAMES: Readonly<Record<string, string>> = {
  host_pid: "hostPID",
  host_ipc: "hostIPC",
  container: "containers",
  init_container: "initContainers",
  ephemeral_container: "ephemeralContainers",
  volume: "volumes",
  port: "ports",
  sysctl: "sysctls",
};

const apiName = (name: string) =>
  PROVIDER_NAMES[name] ?? name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Free keys, which are no field names. */
const MAPS = ["labels", "annotations", "match_labels", "node_selector", "data", "parameters"];

function withApiNames(value: Value): Value {
  if (Array.isArray(value)) return value.map((inner) => withApiNames(inner as Value));
  if (!isValues(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      apiName(key),
      MAPS.includes(key) ? inner : withApiNames(inner),
    ]),
  );
}

/** Helm's `set` writes paths: `image.tag`. */
function setValue(path: string, value: Value): Values {
  return path
    .split(/(?<!\\)\./)
    .reduceRight<Value>((inner, key) => ({ [key.replaceAll("\\.", ".")]: inner }), value) as Values;
}

type Objects = readonly (KubernetesObject | Unreadable)[];

const read = new WeakMap<RenderedResource, Objects>();

/** Every object that a resource hands to Kubernetes, chart values included; read once for all rules. */
export function kubernetesObjectsOf(resource: RenderedResource): Objects {
  const known = read.get(resource);
  if (known) return known;
  const objects = objectsOf(resource);
  read.set(resource, objects);
  return objects;
}

function objectsOf({ type, body }: RenderedResource): Objects {
  if (type === "helm_release") return helmValues(body);
  if (type === "kubernetes_manifest") {
    const { manifest } = body;
    if (!isValues(manifest)) return [{ unreadable: "manifest" }];
    return [{ kind: String(manifest.kind), path: "manifest", body: manifest }];
  }
  if (!type.startsWith("kubernetes_")) return [];
  const kind = type
    .replace(/^kubernetes_/, "")
    .replace(/_v\d+$/, "")
    .split("_")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
  return [{ kind, path: "", body: withApiNames(body) as Values }];
}

function helmValues(body: Values): Objects {
  const texts = listOf(body.values).map((text, i): KubernetesObject | Unreadable => {
    const path = `values[${i}]`;
    let values: unknown;
    try {
      values = parse(String(text));
    } catch {
      values = undefined;
    }
    return isValues(values as Value)
      ? { kind: "Values", path, body: values as Values }
      : { unreadable: path };
  });
  const set = [...blocks(body.set), ...blocks(body.set_sensitive), ...blocks(body.set_list)].map(
    ({ name, value }): KubernetesObject => ({
      kind: "Values",
      path: "set",
      body: setValue(String(name), value),
    }),
  );
  return [...texts, ...set];
}

export const isUnreadable = (object: KubernetesObject | Unreadable): object is Unreadable =>
  "unreadable" in object;

/** Kinds of actions-runner-controller that hold a runner's pod. */
export const RUNNER_KINDS = ["Runner", "RunnerDeployment", "RunnerReplicaSet", "RunnerSet"];

/** The spec of a runner's pod. */
export function runnerSpecOf({ kind, body }: KubernetesObject): Values | undefined {
  if (!RUNNER_KINDS.includes(kind)) return undefined;
  const spec = isValues(body.spec) ? body.spec : {};
  if (kind === "Runner") return spec;
  const template = isValues(spec.template) ? spec.template : {};
  // A RunnerSet is a StatefulSet whose spec holds the runner's own props beside the template.
  return { ...(isValues(template.spec) ? template.spec : {}), ...(kind === "RunnerSet" ? spec : {}) };
}
