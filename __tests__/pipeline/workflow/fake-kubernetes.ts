import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { JsonObject } from "../../helpers/json";

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  /** JSON, or Kubernetes' own protobuf. */
  readonly body: Buffer;
}

export type Kind = "deployments" | "statefulsets";

/** A server's key, and its certificate, which is its own authority's too. */
export interface Identity {
  readonly key: string;
  readonly certificate: string;
}

/** @throws Error that says how to install openssl when it is missing */
export function makeIdentity(folder: string): Identity {
  const key = join(folder, "key.pem");
  const certificate = join(folder, "ca.pem");
  const made = spawnSync(
    "openssl",
    [
      ...[
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
      ],
      ...["-subj", "/CN=kubernetes", "-keyout", key, "-out", certificate],
      ...["-addext", "subjectAltName=IP:127.0.0.1"],
      // As the authority of an EKS cluster: no key identifiers.
      ...["-addext", "subjectKeyIdentifier=none", "-addext", "authorityKeyIdentifier=none"],
    ],
    { encoding: "utf8" },
  );
  if (made.error) throw new Error("openssl is not on PATH. Install it: apt-get install openssl");
  if (made.status !== 0) throw new Error(`openssl made no certificate: ${made.stderr}`);
  return { key: readFileSync(key, "utf8"), certificate: readFileSync(certificate, "utf8") };
}

const APPS = /^\/apis\/apps\/v1\/namespaces\/([\w-]+)\/(deployments|statefulsets)(?:\/([\w.-]+))?$/;
const PODS = /^\/api\/v1\/namespaces\/([\w-]+)\/pods$/;

/** As much of a Kubernetes API as builders need, over TLS, with a certificate of its own. */
export class FakeKubernetes {
  readonly namespace = "buildx";
  readonly token = "the-token";
  readonly asked: Asked[] = [];
  readonly pods: JsonObject[] = [];
  /** Names of what is there. */
  readonly there: Record<Kind, Set<string>> = { deployments: new Set(), statefulsets: new Set() };
  /** Answers `METHOD /path` with this status instead. */
  readonly faults = new Map<string, number>();
  /** Answers the list of pods with this text instead. */
  podsText: string | undefined;

  readonly ca: string;
  private readonly server: Server;

  constructor({ key, certificate }: Identity) {
    this.ca = certificate;
    this.server = createServer({ key, cert: certificate }, (request, response) =>
      this.receive(request, response),
    );
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** A pod as the API lists it. */
  addPod(app: string | undefined, ageMinutes: number, metadata: JsonObject = {}): void {
    const creationTimestamp = new Date(Date.now() - ageMinutes * 60_000)
      .toISOString()
      .replace(/\.\d+Z$/, "Z");
    this.pods.push({
      metadata: {
        name: `${app ?? "other"}-${this.pods.length}`,
        creationTimestamp,
        ...(app !== undefined && { labels: { app } }),
        ...metadata,
      },
    });
  }

  /** What was asked, as `METHOD /path`. */
  get lines(): string[] {
    return this.asked.map(({ method, path }) => `${method} ${path}`);
  }

  private receive(request: IncomingMessage, response: ServerResponse): void {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.once("end", () => {
      const { method = "", url = "", headers } = request;
      const path = url.split("?")[0] ?? "";
      const body = Buffer.concat(parts);
      this.asked.push({ method, path, authorization: headers.authorization, body });
      const created = method === "POST" && headers["content-type"];
      const { code, text } = this.reply(method, path, body, headers.authorization);
      response.writeHead(code, { "Content-Type": (code === 201 && created) || "application/json" });
      response.end(text);
    });
  }

  private reply(method: string, path: string, body: Buffer, authorization: string | undefined): Reply {
    const fault = authorization === `Bearer ${this.token}` ? this.faults.get(`${method} ${path}`) : 401;
    if (fault !== undefined) return failure(fault);
    if (method === "GET" && PODS.test(path)) {
      const list = { kind: "PodList", apiVersion: "v1", metadata: {}, items: this.pods };
      return { code: 200, text: this.podsText ?? JSON.stringify(list) };
    }
    const [, , kind, name] = APPS.exec(path) ?? [];
    if (kind !== "deployments" && kind !== "statefulsets") return failure(404);
    if (method === "POST") return { code: 201, text: body };
    if (name === undefined || !this.there[kind].has(name)) return failure(404);
    if (method !== "DELETE") return failure(405);
    this.there[kind].delete(name);
    const success = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success" };
    return { code: 200, text: JSON.stringify(success) };
  }
}

interface Reply {
  readonly code: number;
  readonly text: string | Buffer;
}

const REASONS: Readonly<Record<number, string>> = { 401: "Unauthorized", 403: "Forbidden", 404: "NotFound" };

function failure(code: number): Reply {
  const reason = REASONS[code] ?? "InternalError";
  const status = {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: reason,
    reason,
    code,
  };
  return { code, text: JSON.stringify(status) };
}
