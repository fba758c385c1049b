import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Daemon, mustRun, run } from "../../util/process";
import { pause } from "../../util/stop";
import type { Tools } from "./tools";

/** A BuildKit that builds can be sent to. */
export interface Builder {
  /** Name for `buildx build --builder`. */
  readonly name: string;
  /** A state as after its creation, or the one that the last build left when it is kept. */
  stop(): Promise<void>;
}

const READY_MS = 30_000;

export interface BuildkitdOptions {
  readonly tools: Tools;
  /** Its state: kept when it exists. */
  readonly root: string;
  /** Control group that its builds' steps run in. */
  readonly cgroupParent: string;
  /** Registries of this machine, host:port. */
  readonly insecure: readonly string[];
  readonly concurrency: string;
  /** Environment of buildx: its own configuration folder. */
  readonly env: NodeJS.ProcessEnv;
  readonly stop: AbortSignal;
}

/** Starts a buildkitd with its OCI worker (runc, overlayfs) and makes it known to buildx. */
export async function startBuildkitd(options: BuildkitdOptions): Promise<Builder> {
  const { tools, root, cgroupParent, insecure, concurrency, env, stop } = options;
  // Its temporary files are in its own folder and are removed with it.
  const temporary = join(root, "tmp");
  mkdirSync(temporary, { recursive: true });
  const config = join(root, "buildkitd.toml");
  writeFileSync(
    config,
    [
      "[system]",
      `  maxRegistryConcurrency = ${concurrency}`,
      // What a build left must still be there in the next one; the bench removes it itself.
      "[worker.oci]",
      "  gc = false",
      `  defaultCgroupParent = "${cgroupParent}"`,
      ...insecure.flatMap((host) => [`[registry."${host}"]`, "  http = true"]),
      "",
    ].join("\n"),
  );
  const address = `unix://${join(root, "buildkitd.sock")}`;
  const log = join(root, "buildkitd.log");
  const daemon = Daemon.start(
    tools.path("buildkitd"),
    [
      ...["--config", config, "--root", join(root, "state"), "--addr", address],
      ...["--containerd-worker=false", "--oci-worker=true", "--oci-worker-snapshotter=overlayfs"],
      ...["--oci-worker-net=host", `--oci-worker-binary=${tools.path("runc")}`],
    ],
    log,
    { env: { ...process.env, TMPDIR: temporary }, contained: true },
  );
  try {
    await untilReady(tools, address, daemon, log, stop);
    const name = await createRemoteBuilder(tools.path("buildx"), address, env, stop);
    return {
      name,
      stop: async () => {
        await run(tools.path("buildx"), ["rm", "--force", name], { env });
        await daemon.stop();
      },
    };
  } catch (error) {
    await daemon.stop();
    throw error;
  }
}

async function untilReady(
  tools: Tools,
  address: string,
  daemon: Daemon,
  log: string,
  stop: AbortSignal,
): Promise<void> {
  for (let waited = 0; waited < READY_MS; waited += 100) {
    const { code } = await run(
      tools.path("buildctl"),
      ["--addr", address, "--timeout", "2", "debug", "workers"],
      {
        stop,
      },
    );
    if (code === 0) return;
    if (!daemon.running) throw new Error(`buildkitd ended at once: ${tail(log)}`);
    await pause(100, stop);
  }
  throw new Error(`buildkitd did not answer within ${READY_MS / 1000} s: ${tail(log)}`);
}

function tail(log: string): string {
  return readFileSync(log, "utf8").trim().split("\n").slice(-5).join("\n");
}

/** A buildx builder for an address, of the user (BUILDKIT_HOST) or of the bench. */
export async function createRemoteBuilder(
  buildx: string,
  address: string,
  env: NodeJS.ProcessEnv,
  stop: AbortSignal,
): Promise<string> {
  const name = "bench";
  await run(buildx, ["rm", "--force", name], { env, stop });
  await mustRun(buildx, ["create", "--driver", "remote", "--name", name, address], { env, stop });
  return name;
}

/** Removes a buildkitd's state: what its containers and snapshots still mount, then the folder. */
export async function removeState(root: string): Promise<void> {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    // Field 5, where the kernel writes a space as \040.
    .flatMap((line) => line.split(" ")[4]?.replaceAll("\\040", " ") ?? [])
    .filter((mount) => mount.startsWith(`${root}/`));
  for (const mount of mounts.reverse()) await run("umount", ["--lazy", mount]);
  rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
