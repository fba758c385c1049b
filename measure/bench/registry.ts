import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { Daemon } from "../../util/process";
import { pause } from "../../util/stop";
import { RegistryClient } from "./registry-client";

export interface LocalRegistry {
  readonly port: number;
  /** Removes a repository and the blobs that no other one holds: the disk must not fill up with cold images. */
  forget(repository: string): void;
  stop(): Promise<void>;
}

const READY_MS = 30_000;

/** The distribution registry on loopback, with a folder of its own. */
export async function startRegistry(
  program: string,
  folder: string,
  stop: AbortSignal,
): Promise<LocalRegistry> {
  const port = await freePort();
  const storage = join(folder, "storage");
  mkdirSync(storage, { recursive: true });
  const config = join(folder, "registry.yml");
  writeFileSync(
    config,
    JSON.stringify({
      version: "0.1",
      log: { level: "warn", accesslog: { disabled: true } },
      // No descriptor cache: blobs are removed behind its back.
      storage: { filesystem: { rootdirectory: storage, maxthreads: 100 }, delete: { enabled: true } },
      http: { addr: `127.0.0.1:${port}` },
    }),
  );
  const env = { ...process.env, OTEL_TRACES_EXPORTER: "none" };
  const log = join(folder, "registry.log");
  const daemon = Daemon.start(program, ["serve", config], log, { env });
  try {
    await untilReady(port, daemon, log, stop);
  } catch (error) {
    await daemon.stop();
    throw error;
  }
  const root = join(storage, "docker", "registry", "v2");
  return {
    port,
    forget: (repository) => {
      rmSync(join(root, "repositories", repository), { recursive: true, force: true });
      const kept = linkedBlobs(join(root, "repositories"));
      const blobs = join(root, "blobs", "sha256");
      for (const prefix of readdirSync(blobs)) {
        for (const hex of readdirSync(join(blobs, prefix))) {
          if (!kept.has(hex)) rmSync(join(blobs, prefix, hex), { recursive: true });
        }
      }
    },
    stop: () => daemon.stop(),
  };
}

/** Hexadecimal digests that repositories link to: .../_layers/sha256/<hex>/link and .../_manifests/revisions/... */
function linkedBlobs(repositories: string): Set<string> {
  const links = readdirSync(repositories, { recursive: true, encoding: "utf8" });
  return new Set(links.flatMap((path) => /sha256\/([0-9a-f]{64})\/link$/.exec(path)?.[1] ?? []));
}

async function untilReady(port: number, daemon: Daemon, log: string, stop: AbortSignal): Promise<void> {
  const client = new RegistryClient(`127.0.0.1:${port}`, stop);
  for (let waited = 0; waited < READY_MS; waited += 50) {
    await pause(50, stop);
    if (!daemon.running) throw new Error(`the registry ended at once; its log: ${log}`);
    try {
      await client.check();
      return;
    } catch (error) {
      stop.throwIfAborted();
      if (!(error instanceof Error)) throw error;
    }
  }
  throw new Error(`the registry did not answer within ${READY_MS / 1000} s; its log: ${log}`);
}

/** A port that is free now. Between here and its use another program may take it; then the start fails in words. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
