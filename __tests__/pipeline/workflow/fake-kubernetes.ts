import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { JsonObject } from "../../helpers/json";

/** A server's key, and its certificate, which is its own authority's too. */
export interface Identity {
  readonly key: string;
  readonly certificate: string;
}

/** @throws Error that says how to install openssl when it is missing */
export function makeIdentity(folder: string): Identity {
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "ca.pem")];
  // Like the authority of an EKS cluster: no key identifiers.
  const options =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=kubernetes " +
    "-addext subjectAltName=IP:127.0.0.1 -addext subjectKeyIdentifier=none -addext authorityKeyIdentifier=none";
  const made = spawnSync("openssl", [...options.split(" "), "-keyout", key, "-out", certificate], {
    encoding: "utf8",
  });
  if (made.error) throw new Error("openssl is not on PATH. Install it: apt-get install openssl");
  if (made.status !== 0) throw new Error(`openssl made no certificate: ${made.stderr}`);
  return { key: readFileSync(key, "utf8"), certificate: readFileSync(certificate, "utf8") };
}

const NAMESPACE = "/apis/apps/v1/namespaces/buildx/";

/** The part of a Kubernetes API that sweep.py uses, over TLS. */
export class FakeKubernetes {
  readonly token = "the-token";
  /** Requests so far, as `METHOD /path`. */
  readonly requests: string[] = [];
  /** Bodies of the requests. */
  readonly bodies: string[] = [];
  /** Owners of pods that are there, as `deployments/NAME`. */
  readonly owners = new Set<string>();
  /** Answers `METHOD /path` with this status instead. */
  readonly faults = new Map<string, number>();
  /** Answers the list of pods with this text instead. */
  podsText: string | undefined;

  readonly ca: string;
  private readonly pods: JsonObject[] = [];
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
    const created = new Date(Date.now() - ageMinutes * 60_000).toISOString();
    this.pods.push({
      metadata: {
        creationTimestamp: created.replace(/\.\d+Z$/, "Z"),
        ...(app !== undefined && { labels: { app } }),
        ...metadata,
      },
    });
  }

  private receive(request: IncomingMessage, response: ServerResponse): void {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.once("end", () => {
      const line = `${request.method} ${request.url}`;
      this.requests.push(line);
      this.bodies.push(body);
      const known = request.headers.authorization === `Bearer ${this.token}`;
      const isList = line === "GET /api/v1/namespaces/buildx/pods";
      const isDeleted = this.owners.has(line.replace(`DELETE ${NAMESPACE}`, ""));
      const status = known ? (this.faults.get(line) ?? (isList || isDeleted ? 200 : 404)) : 401;
      if (status === 200) this.owners.delete(line.replace(`DELETE ${NAMESPACE}`, ""));
      response.writeHead(status, { "Content-Type": "application/json" });
      response.end(isList ? (this.podsText ?? JSON.stringify({ items: this.pods })) : "{}");
    });
  }
}
