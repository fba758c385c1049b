import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, statSync } from "node:fs";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { pause } from "../../util/stop";

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const descriptorSchema = z.object({ mediaType: z.string(), digest, size: z.int().nonnegative() });
const manifestSchema = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  config: descriptorSchema,
  layers: z.array(descriptorSchema),
});

export type Descriptor = z.infer<typeof descriptorSchema>;

export interface Manifest {
  readonly digest: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

const MANIFEST_TYPES = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

export class RegistryError extends Error {
  override readonly name = "RegistryError";

  /** @param transient whether the same request may succeed later */
  constructor(
    message: string,
    readonly transient = false,
  ) {
    super(message);
  }
}

/** Between one try and the next, in milliseconds. */
const RETRY_MS = [200, 1_000, 4_000] as const;

/** Does it again where the registry or the way there failed for the moment. For what is not timed as a whole. */
export async function retry<T>(work: () => Promise<T>, stop: AbortSignal): Promise<T> {
  for (const ms of RETRY_MS) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof RegistryError && error.transient)) throw error;
      await pause(ms, stop);
    }
  }
  return await work();
}

/**
 * The part of the distribution API (opencontainers/distribution-spec 1.1) that the bench needs. Registries on
 * this machine are spoken to without TLS, as BuildKit does; no credentials.
 */
export class RegistryClient {
  private readonly origin: string;

  constructor(
    readonly host: string,
    private readonly stop: AbortSignal,
  ) {
    this.origin = `${isLocal(host) ? "http" : "https"}://${host}`;
  }

  /** @throws RegistryError when it does not answer as a registry does */
  async check(): Promise<void> {
    const response = await this.request("GET", "/v2/");
    await response.body?.cancel();
  }

  async manifest(repository: string, reference: string): Promise<Manifest> {
    return await retry(() => this.manifestOnce(repository, reference), this.stop);
  }

  private async manifestOnce(repository: string, reference: string): Promise<Manifest> {
    const response = await this.request("GET", `/v2/${repository}/manifests/${reference}`, {
      accept: MANIFEST_TYPES.join(", "),
    });
    const body = Buffer.from(await this.whole(() => response.arrayBuffer()));
    const found = `sha256:${createHash("sha256").update(body).digest("hex")}`;
    if (reference.startsWith("sha256:") && reference !== found) {
      throw new RegistryError(`the manifest ${reference} of ${repository} has the digest ${found}`);
    }
    const parsed = manifestSchema.safeParse(JSON.parse(body.toString("utf8")));
    if (!parsed.success) throw new RegistryError(`${repository}@${reference} is not one image's manifest`);
    return { digest: found, config: parsed.data.config, layers: parsed.data.layers };
  }

  /** Pulls a blob into a file; its size and digest are those that the manifest promised. */
  async pull(repository: string, blob: Descriptor, path: string): Promise<void> {
    await retry(() => this.pullOnce(repository, blob, path), this.stop);
  }

  private async pullOnce(
    repository: string,
    { digest: wanted, size }: Descriptor,
    path: string,
  ): Promise<void> {
    const response = await this.request("GET", `/v2/${repository}/blobs/${wanted}`);
    const { body } = response;
    if (body === null) throw new RegistryError(`the registry sent no body for ${wanted}`);
    const hash = createHash("sha256");
    let bytes = 0;
    const check = new Transform({
      transform(chunk: Buffer, _, done) {
        hash.update(chunk);
        bytes += chunk.length;
        done(null, chunk);
      },
    });
    await this.whole(() =>
      pipeline(Readable.fromWeb(body), check, createWriteStream(path), { signal: this.stop }),
    );
    const found = `sha256:${hash.digest("hex")}`;
    if (found !== wanted || bytes !== size) {
      throw new RegistryError(`blob ${wanted} (${size} bytes) came as ${found} (${bytes} bytes)`);
    }
  }

  /** Pushes a file as a blob in one request. */
  async push(repository: string, path: string, blobDigest: string): Promise<Descriptor["size"]> {
    const { size } = statSync(path);
    const started = await this.request("POST", `/v2/${repository}/blobs/uploads/`);
    const location = started.headers.get("location");
    await started.body?.cancel();
    if (location === null) throw new RegistryError("the registry named no place for an upload");
    const url = new URL(location, this.origin);
    // Whatever the registry calls itself, the way there stays the one that was given.
    url.host = this.host;
    url.searchParams.set("digest", blobDigest);
    const response = await this.request(
      "PUT",
      url.pathname + url.search,
      {
        "content-type": "application/octet-stream",
        "content-length": String(size),
      },
      Readable.toWeb(createReadStream(path, { highWaterMark: 1 << 20 })) as ReadableStream,
    );
    await response.body?.cancel();
    return size;
  }

  async putManifest(repository: string, tag: string, manifest: object, mediaType: string): Promise<void> {
    const response = await this.request(
      "PUT",
      `/v2/${repository}/manifests/${tag}`,
      { "content-type": mediaType },
      JSON.stringify(manifest),
    );
    await response.body?.cancel();
  }

  private async request(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: string | ReadableStream,
  ): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(this.origin + path, {
        method,
        headers,
        signal: this.stop,
        ...(body === undefined ? {} : { body, duplex: "half" }),
      });
    } catch (error) {
      throw this.broken("cannot be reached", error);
    }
    if (!response.ok) {
      const text = (await response.text()).slice(0, 300);
      throw new RegistryError(
        `${method} ${path}: the registry ${this.host} answered ${response.status} ${text}`,
        response.status >= 500 || response.status === 429,
      );
    }
    return response;
  }

  /** Reads an answer to its end. The disk's errors stay what they are. */
  private async whole<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (error instanceof Error && "syscall" in error) throw error;
      throw this.broken("broke an answer off", error);
    }
  }

  /** @throws the stop's reason when it is the cause */
  private broken(what: string, error: unknown): RegistryError {
    this.stop.throwIfAborted();
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new RegistryError(`the registry ${this.host} ${what}: ${reason}`, true);
  }
}

/** As BuildKit decides it: containerd's docker.MatchLocalhost. */
export function isLocal(host: string): boolean {
  const name = host.replace(/:\d+$/, "");
  return name === "localhost" || name.startsWith("127.") || name === "[::1]";
}
