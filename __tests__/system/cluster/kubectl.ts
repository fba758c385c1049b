import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  asList,
  asObject,
  asText,
  isObject,
  type Json,
  type JsonObject,
  parseJson,
} from "../../helpers/json";
import { bareEnv } from "../../pipeline/workflow/scripts";
import { builtTool } from "./programs";

/*
 * One identity's way to an API server, whatever its credentials are: `kubectl proxy` on a socket of its own, and plain
 * requests through it.
 *
 *   const admin = await Kubectl.open(kubeconfig);
 *   await admin.create(object)            strict: an unknown field is an error
 *   await admin.apply(object)             the same, server-side, as often as you like
 *   await admin.get("v1", "Pod", "buildx", "name")   the object, or undefined
 *   await admin.list("v1", "Pod", "buildx", { labelSelector: "app=x" })
 *   await admin.delete(object)            asks; await admin.gone(object) waits until it is away
 *   await admin.read("/openapi/v3")       a path's JSON
 *   await admin.request("PATCH", path, { ... })      never throws for what the server says: look at `status`
 *   await until("the pod is ready", () => ...)       asks again until the answer is not undefined
 *   await admin.close()
 *
 * All but `request` throw an ApiError, which holds `status` and `reason` (Forbidden, NotFound, Invalid, ...).
 */

export interface Reply {
  /** HTTP's status code. */
  readonly status: number;
  /** What came back; `{ text }` where it is no JSON object. */
  readonly body: JsonObject;
  /** What the server warns of, such as what Pod Security would refuse elsewhere. */
  readonly warnings: readonly string[];
}

/** Something to send, or to name in a request. */
export interface ObjectName {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: JsonObject & { readonly name: string };
}

/** A Kubernetes object. */
export type Sendable = ObjectName & JsonObject;

export class ApiError extends Error {
  readonly status: number;
  /** Kubernetes' word for it: Forbidden, NotFound, Invalid, BadRequest, AlreadyExists, ... */
  readonly reason: string;

  constructor(what: string, { status, body }: Reply) {
    const message = body.message ?? body.text ?? JSON.stringify(body);
    super(`${what}: ${status} ${message}`);
    this.status = status;
    this.reason = typeof body.reason === "string" ? body.reason : "";
  }
}

const JSON_TYPE = "application/json";
export const PATCH = {
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
} as const;

const START_MS = 20_000;
const WAIT_MS = 60_000;
const FIELD_MANAGER = "buildx-on-eks-test";

export class Kubectl {
  private readonly resources = new Map<string, { readonly plural: string; readonly namespaced: boolean }>();

  private constructor(
    private readonly proxy: ChildProcess,
    private readonly folder: string,
    /** The kubeconfig it acts with. */
    readonly kubeconfig: string,
  ) {}

  /** @throws Error with kubectl's own words when it does not start */
  static async open(kubeconfig: string): Promise<Kubectl> {
    // Whoever reaches the socket acts as this identity, so its folder is readable for its owner alone.
    const folder = mkdtempSync(join(tmpdir(), "kubectl-"));
    const proxy = spawn(
      builtTool("kubectl"),
      [
        ...["proxy", `--kubeconfig=${kubeconfig}`, `--unix-socket=${join(folder, "socket")}`],
        ...["--reject-paths=^$", "--reject-methods=^$"],
      ],
      { env: { ...process.env, ...bareEnv() }, stdio: ["ignore", "pipe", "pipe"] },
    );
    const kubectl = new Kubectl(proxy, folder, kubeconfig);
    process.once("exit", kubectl.kill);
    try {
      await started(proxy);
      return kubectl;
    } catch (error) {
      await kubectl.close();
      throw error;
    }
  }

  private readonly kill = () => {
    this.proxy.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  };

  async close(): Promise<void> {
    process.removeListener("exit", this.kill);
    const ended = new Promise((done) => this.proxy.once("close", done));
    const running = this.proxy.exitCode === null && this.proxy.signalCode === null;
    this.kill();
    if (running) await ended;
  }

  /** Sends a request and returns whatever the server answers. @param headers beside JSON's own */
  request(
    method: string,
    path: string,
    body?: JsonObject,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((done, failed) => {
      const sent = request(
        {
          socketPath: join(this.folder, "socket"),
          method,
          path,
          headers: {
            host: "localhost",
            accept: JSON_TYPE,
            ...(text !== undefined && {
              "content-type": JSON_TYPE,
              "content-length": Buffer.byteLength(text),
            }),
            ...headers,
          },
        },
        (response) => {
          let received = "";
          response.setEncoding("utf8").on("data", (part: string) => {
            received += part;
          });
          response.once("error", failed);
          response.once("end", () =>
            done({
              status: response.statusCode ?? 0,
              body: readBody(received),
              warnings: readWarnings(response.headers.warning),
            }),
          );
        },
      );
      sent.once("error", failed);
      sent.end(text);
    });
  }

  /** The JSON at a path. @throws ApiError */
  read = async (path: string): Promise<JsonObject> => this.must("GET", path);

  /** @throws ApiError, also for a field that the server does not know */
  async create(object: Sendable): Promise<JsonObject> {
    const path = await this.pathOf(object);
    return this.must("POST", `${path}?fieldValidation=Strict&fieldManager=${FIELD_MANAGER}`, object);
  }

  /** Server-side apply, over whoever else manages a field. @throws ApiError, also for an unknown field */
  async apply(object: Sendable): Promise<JsonObject> {
    const path = await this.pathOf(object, object.metadata.name);
    const how = `fieldValidation=Strict&fieldManager=${FIELD_MANAGER}&force=true`;
    return this.must("PATCH", `${path}?${how}`, object, { "content-type": PATCH.apply });
  }

  async get(
    apiVersion: string,
    kind: string,
    namespace: string | undefined,
    name: string,
  ): Promise<JsonObject | undefined> {
    const path = await this.pathOf({ apiVersion, kind, metadata: metadataOf(name, namespace) }, name);
    const reply = await this.request("GET", path);
    if (reply.status === 404) return undefined;
    return successful(`GET ${path}`, reply);
  }

  /** @param namespace undefined for all of them */
  async list(
    apiVersion: string,
    kind: string,
    namespace?: string,
    query: Readonly<Record<string, string>> = {},
  ): Promise<JsonObject[]> {
    const path = await this.pathOf({ apiVersion, kind, metadata: metadataOf("", namespace) });
    const { items } = await this.must("GET", `${path}?${new URLSearchParams(query)}`);
    return asList(items).map((item) => asObject(item));
  }

  /** Asks for the deletion of an object, and is content when there is none. @throws ApiError */
  async delete(object: ObjectName, propagationPolicy = "Background"): Promise<void> {
    const path = await this.pathOf(object, object.metadata.name);
    const reply = await this.request("DELETE", path, { propagationPolicy });
    if (reply.status !== 404) successful(`DELETE ${path}`, reply);
  }

  /** Waits until an object is away. */
  async gone({ apiVersion, kind, metadata }: ObjectName, ms = WAIT_MS): Promise<void> {
    const { name, namespace } = metadata;
    const of = typeof namespace === "string" ? namespace : undefined;
    await until(
      `${kind} ${name} is gone`,
      async () => (await this.get(apiVersion, kind, of, name)) === undefined || undefined,
      ms,
    );
  }

  /** Deletes namespaces with all they hold, and waits until they are away. */
  async deleteNamespaces(...names: readonly string[]): Promise<void> {
    const namespaces = names.map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } }));
    for (const namespace of namespaces) await this.delete(namespace);
    for (const namespace of namespaces) await this.gone(namespace);
  }

  /** The path of an object's collection, or of the object itself where a name is given. */
  async pathOf({ apiVersion, kind, metadata }: ObjectName, name?: string): Promise<string> {
    const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const { plural, namespaced } = await this.resourceOf(group, kind);
    const { namespace } = metadata;
    const within = namespaced && typeof namespace === "string" ? `/namespaces/${namespace}` : "";
    return `${group}${within}/${plural}${name === undefined ? "" : `/${encodeURIComponent(name)}`}`;
  }

  private async resourceOf(group: string, kind: string) {
    const key = `${group}/${kind}`;
    const known = this.resources.get(key);
    if (known) return known;
    const { resources } = await this.must("GET", group);
    for (const resource of asList(resources).map((one) => asObject(one))) {
      const plural = asText(resource.name);
      if (plural.includes("/")) continue;
      this.resources.set(`${group}/${asText(resource.kind)}`, {
        plural,
        namespaced: resource.namespaced === true,
      });
    }
    const found = this.resources.get(key);
    if (!found) throw new Error(`the API server knows no ${kind} in ${group}`);
    return found;
  }

  private async must(
    method: string,
    path: string,
    body?: JsonObject,
    headers?: Readonly<Record<string, string>>,
  ): Promise<JsonObject> {
    return successful(`${method} ${path}`, await this.request(method, path, body, headers));
  }
}

const metadataOf = (name: string, namespace: string | undefined) => ({
  name,
  ...(namespace !== undefined && { namespace }),
});

function successful(what: string, reply: Reply): JsonObject {
  if (reply.status >= 400) throw new ApiError(what, reply);
  return reply.body;
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

function started(proxy: ChildProcess): Promise<void> {
  return new Promise((done, failed) => {
    let said = "";
    const fail = () => failed(new Error(`kubectl proxy did not start: ${said}`));
    const timer = setTimeout(fail, START_MS);
    const end = (then: () => void) => () => {
      clearTimeout(timer);
      then();
    };
    proxy.stdout?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (said.includes("Starting to serve on")) end(done)();
    });
    proxy.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    proxy.once("exit", end(fail));
    proxy.once("error", (error) => {
      said += error.message;
      end(fail)();
    });
  });
}

/**
 * Asks again until there is an answer.
 *
 * @param words what is waited for, for the error
 * @throws Error when there is none in time
 */
export async function until<T>(
  words: string,
  answer: () => Promise<T | undefined> | T | undefined,
  ms = WAIT_MS,
): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const found = await answer();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`waited ${ms / 1000} s in vain until ${words}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export type { Json, JsonObject };
