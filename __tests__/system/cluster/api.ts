import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { asList, asObject, isObject, type JsonObject, parseJson } from "../../helpers/json";

/** A Kubernetes object, or as much of one as names it. */
export interface KubernetesObject extends JsonObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: JsonObject & { readonly name: string };
}

export interface Server {
  readonly url: string;
  /** Path of its certificate authority. */
  readonly ca: string;
}

/** Paths of a client certificate and its key, or a token. */
export interface Credentials {
  readonly certificate?: string;
  readonly key?: string;
  readonly token?: string;
}

export interface Reply {
  /** HTTP status code. */
  readonly status: number;
  /** The answer; `{ text }` if it is not a JSON object. */
  readonly body: JsonObject;
  /** Warnings of the server, such as what Pod Security would refuse elsewhere. */
  readonly warnings: readonly string[];
}

export const MERGE = { "content-type": "application/merge-patch+json" };
const APPLY = { "content-type": "application/apply-patch+yaml" };
/** An unknown field is an error. */
const STRICT = "fieldValidation=Strict";
const WAIT_MS = 120_000;

export const named = (
  apiVersion: string,
  kind: string,
  name: string,
  namespace?: string,
): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace !== undefined && { namespace }) },
});

/** Path of the collection that an object belongs to. */
export function collectionPath({ apiVersion, kind, metadata }: KubernetesObject): string {
  const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const within = typeof metadata.namespace === "string" ? `/namespaces/${metadata.namespace}` : "";
  const plural = `${kind.toLowerCase().replace(/y$/, "ie").replace(/s$/, "se")}s`;
  return `${group}${within}/${plural}`;
}

export const objectPath = (object: KubernetesObject) => `${collectionPath(object)}/${object.metadata.name}`;

/** One identity's access to an API server. All methods but `request` throw an Error with the server's own words. */
export class Api {
  private readonly agent: Agent;
  private readonly headers: Readonly<Record<string, string>>;

  constructor(
    private readonly server: Server,
    { certificate, key, token }: Credentials,
  ) {
    this.agent = new Agent({
      ca: readFileSync(server.ca),
      ...(certificate && key && { cert: readFileSync(certificate), key: readFileSync(key) }),
    });
    this.headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  /** @param headers replace the default content type, application/json */
  request(
    method: string,
    path: string,
    body?: JsonObject,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply> {
    const options = {
      method,
      agent: this.agent,
      headers: { ...this.headers, "content-type": "application/json", ...headers },
    };
    return new Promise((done, failed) => {
      const sent = request(`${this.server.url}${path}`, options, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => {
          text += part;
        });
        response.once("error", failed);
        response.once("end", () =>
          done({
            status: response.statusCode ?? 0,
            body: readBody(text),
            warnings: readWarnings(response.headers.warning),
          }),
        );
      });
      sent.once("error", failed);
      sent.end(body && JSON.stringify(body));
    });
  }

  create(object: KubernetesObject): Promise<JsonObject> {
    return this.must("POST", `${collectionPath(object)}?${STRICT}`, object);
  }

  /** Server-side apply. */
  apply(
    object: KubernetesObject,
    { manager = "buildx-on-eks-test", force = true } = {},
  ): Promise<JsonObject> {
    const path = `${objectPath(object)}?${STRICT}&fieldManager=${manager}&force=${force}`;
    return this.must("PATCH", path, object, APPLY);
  }

  merge(object: KubernetesObject, change: JsonObject): Promise<JsonObject> {
    return this.must("PATCH", objectPath(object), change, MERGE);
  }

  async get(object: KubernetesObject): Promise<JsonObject | undefined> {
    const reply = await this.request("GET", objectPath(object));
    return reply.status === 404 ? undefined : successful("GET", objectPath(object), reply);
  }

  /** @param query such as `?labelSelector=app=x` */
  async list(apiVersion: string, kind: string, namespace?: string, query = ""): Promise<KubernetesObject[]> {
    const { items } = await this.must("GET", collectionPath(named(apiVersion, kind, "", namespace)) + query);
    return asList(items).map((item) => ({ apiVersion, kind, ...asObject(item) }) as KubernetesObject);
  }

  /** Asks for the deletion; no error if there is no such object. */
  async delete(object: KubernetesObject, options: JsonObject = { propagationPolicy: "Background" }) {
    const reply = await this.request("DELETE", objectPath(object), options);
    if (reply.status !== 404) successful("DELETE", objectPath(object), reply);
  }

  async gone(object: KubernetesObject): Promise<void> {
    await until(`${objectPath(object)} is gone`, async () => !(await this.get(object)) || undefined);
  }

  async must(...sent: Parameters<Api["request"]>): Promise<JsonObject> {
    return successful(sent[0], sent[1], await this.request(...sent));
  }
}

function successful(method: string, path: string, { status, body }: Reply): JsonObject {
  if (status < 400) return body;
  throw new Error(`${method} ${path}: ${status} ${body.reason}: ${body.message ?? body.text}`);
}

function readBody(text: string): JsonObject {
  try {
    const value = parseJson(text);
    return isObject(value) ? value : { text };
  } catch {
    return { text };
  }
}

/** `299 - "text"`, separated by commas. */
const readWarnings = (header = "") =>
  [...header.matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, text = ""]) => text.replace(/\\(.)/g, "$1"));

/** Asks until there is an answer. @param what is waited for, for the error */
export async function until<T>(
  what: string,
  answer: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const end = Date.now() + WAIT_MS;
  for (;;) {
    const found = await answer();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`waited ${WAIT_MS / 1000} s in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
