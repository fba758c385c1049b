import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export const REPOSITORY = "team/large-python-container";
export const INDEX_TYPE = "application/vnd.oci.image.index.v1+json";
export const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os: string; readonly architecture: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/**
 * A registry as measure.py meets them: a token or basic authorization, and blobs behind a redirect to an
 * object store on another port, which refuses requests that carry the registry's authorization.
 */
export class FakeRegistry {
  authorization: "none" | "token" | "basic" = "token";
  user = "AWS";
  password = "secret:with-colon";
  /** Answers of blob requests to spoil, first request first. */
  readonly blobFaults: ("500" | "cut" | "damaged")[] = [];
  readonly requests: string[] = [];
  readonly leaked: string[] = [];

  private readonly blobs = new Map<string, Buffer>();
  private readonly manifests = new Map<string, { type: string; body: Buffer }>();
  private readonly front = createServer((request, response) => this.answer(request, response));
  private readonly store = createServer((request, response) => this.answerFromStore(request, response));

  get host(): string {
    return `127.0.0.1:${(this.front.address() as AddressInfo).port}`;
  }

  get image(): string {
    return `${this.host}/${REPOSITORY}:latest`;
  }

  async start(): Promise<this> {
    await Promise.all([this.front, this.store].map(listen));
    return this;
  }

  async stop(): Promise<void> {
    await Promise.all([this.front, this.store].map(close));
  }

  addBlob(bytes: Buffer, mediaType: string): Descriptor {
    const digest = digestOf(bytes);
    this.blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  }

  addManifest(document: object, mediaType: string, tag?: string): Descriptor {
    const body = Buffer.from(JSON.stringify(document));
    const digest = digestOf(body);
    this.manifests.set(digest, { type: mediaType, body });
    if (tag) this.manifests.set(tag, { type: mediaType, body });
    return { mediaType, digest, size: body.length };
  }

  addImage(layers: readonly Descriptor[], tag?: string): Descriptor {
    const config = this.addBlob(Buffer.from("{}"), "application/vnd.oci.image.config.v1+json");
    return this.addManifest(
      { schemaVersion: 2, mediaType: MANIFEST_TYPE, config, layers },
      MANIFEST_TYPE,
      tag,
    );
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", `http://${this.host}`);
    this.requests.push(url.pathname);
    const basic = `Basic ${Buffer.from(`${this.user}:${this.password}`).toString("base64")}`;
    if (url.pathname === "/token") {
      const known = request.headers.authorization === basic && url.searchParams.get("service") === "fake";
      send(response, known ? 200 : 401, JSON.stringify({ token: "granted" }));
      return;
    }
    const expected = { none: undefined, token: "Bearer granted", basic }[this.authorization];
    if (request.headers.authorization !== expected) {
      const scope = `repository:${REPOSITORY}:pull`;
      const challenge =
        this.authorization === "token"
          ? `Bearer realm="http://${this.host}/token",service="fake",scope="${scope}"`
          : 'Basic realm="fake"';
      send(response, 401, "", { "WWW-Authenticate": challenge });
      return;
    }
    const [, kind, name] =
      /^\/v2\/team\/large-python-container\/(manifests|blobs)\/(.+)$/.exec(url.pathname) ?? [];
    const manifest = kind === "manifests" ? this.manifests.get(name ?? "") : undefined;
    if (manifest) {
      send(response, 200, manifest.body, { "Content-Type": manifest.type });
    } else if (kind === "blobs" && this.blobs.has(name ?? "")) {
      const port = (this.store.address() as AddressInfo).port;
      send(response, 307, "", { Location: `http://127.0.0.1:${port}/${name}` });
    } else {
      send(response, 404, "");
    }
  }

  private answerFromStore(request: IncomingMessage, response: ServerResponse): void {
    if (request.headers.authorization) {
      this.leaked.push(request.headers.authorization);
      send(response, 400, "two authorizations");
      return;
    }
    const body = this.blobs.get((request.url ?? "").slice(1)) ?? Buffer.alloc(0);
    const fault = this.blobFaults.shift();
    if (fault === "500") {
      send(response, 500, "");
    } else if (fault === "cut") {
      response.writeHead(200, { "Content-Length": body.length });
      response.write(body.subarray(0, body.length >> 1), () => response.destroy());
    } else if (fault === "damaged") {
      const spoiled = Buffer.from(body);
      spoiled.writeUInt8(spoiled.readUInt8(spoiled.length - 20) ^ 0xff, spoiled.length - 20);
      send(response, 200, spoiled);
    } else {
      send(response, 200, body);
    }
  }
}

function send(
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "Content-Length": Buffer.byteLength(body), ...headers });
  response.end(body);
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
