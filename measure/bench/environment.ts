import { existsSync, mkdirSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { InvalidInput } from "../../util/invalid-input";
import { acquireLock, Locked } from "../../util/lock";
import { mustRun } from "../../util/process";
import { debianArchive, programArchive, pushImage } from "./base-image";
import { type Builders, foreignBuilders, ownBuilders } from "./builders";
import { removeState } from "./buildkit";
import type { Cleanup } from "./cleanup";
import { diskProblem, neededBytes } from "./disk";
import { BUILD_ARGS } from "./dockerfile";
import type { BenchOptions } from "./options";
import { type LocalRegistry, startRegistry } from "./registry";
import { RegistryClient } from "./registry-client";
import { serveWheels } from "./simple-index";
import { startThrottle } from "./throttle";
import { cacheFolder, findTools, type Tool, type Tools } from "./tools";
import { fetchWheels, type Wheel } from "./wheels";
import { loadWorkload, SIZE_FACTS, uvLock, type Workload } from "./workload";

/** Unpacked size of a context of the user's, which nobody knows before it is built. */
const OWN_BYTES = 2e9;

/** Everything that builds need, running. */
export interface Environment {
  readonly tools: Tools;
  readonly work: string;
  readonly builders: Builders;
  /** Host and port of the registry for the builder, over the link. */
  readonly host: string;
  /** Straight to the registry. */
  readonly client: RegistryClient;
  readonly linkClient: RegistryClient;
  readonly registry: LocalRegistry | undefined;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Undefined for a context of the user's. */
  readonly workload: (Workload & { readonly wheels: readonly Wheel[] }) | undefined;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly ownBuilder: boolean;
}

export interface Outside {
  readonly env: NodeJS.ProcessEnv;
  readonly tell: (message: string) => void;
  readonly stop: AbortSignal;
  readonly cleanup: Cleanup;
}

/**
 * Checks everything that can be checked before, then starts what is missing. What it started is in `cleanup`,
 * also when it throws.
 *
 * @throws InvalidInput with all that is missing at once
 */
export async function prepare(options: BenchOptions, outside: Outside): Promise<Environment> {
  const { env, tell, stop, cleanup } = outside;
  const cache = cacheFolder(env);
  const address = env.BUILDKIT_HOST || undefined;
  const ownBuilder = options.builder === undefined && address === undefined;
  const { tools, problems } = findTools(wantedTools(options, ownBuilder), env);
  const work =
    options.workDir === undefined ? join(cache, "bench-work") : join(options.workDir, "buildx-bench");
  const found = [...problems, ...placeProblems(options, ownBuilder, work)];
  if (found.length > 0) throw new InvalidInput("The bench cannot start:", found);

  mkdirSync(cache, { recursive: true });
  lockBench(join(cache, "bench.lock"), cleanup);
  if (options.workDir !== undefined) {
    mkdirSync(options.workDir, { recursive: true });
    // A bench of another user has another cache.
    lockBench(`${work}.lock`, cleanup);
  }
  // An earlier bench that was killed could not clean up.
  if (existsSync(work)) await removeState(work);
  mkdirSync(work, { recursive: true });
  if (!options.keep) cleanup.add(`remove ${work}`, () => removeState(work));

  const registry =
    options.registry === undefined ? await startOwnRegistry(tools, work, stop, cleanup) : undefined;
  const direct = options.registry ?? `127.0.0.1:${registry?.port}`;
  let host = direct;
  if (options.link !== undefined && registry !== undefined) {
    const throttle = await startThrottle(registry.port, options.link);
    cleanup.add("stop the proxy", () => throttle.close());
    host = `127.0.0.1:${throttle.port}`;
  }
  const client = new RegistryClient(direct, stop);
  await client.check();

  const builderOptions = { tools, work, insecure: [host], env, stop, cleanup };
  const builders = ownBuilder
    ? ownBuilders(builderOptions)
    : await foreignBuilders(
        options.builder === undefined ? { address: address ?? "" } : { name: options.builder },
        builderOptions,
      );
  const common = {
    tools,
    work,
    builders,
    host,
    client,
    linkClient: new RegistryClient(host, stop),
    registry,
    cpus: cpus().length,
    memoryBytes: totalmem(),
    ownBuilder,
  };
  if (options.source.kind === "own") return { ...common, buildArgs: {}, workload: undefined };

  const workload = loadWorkload(options.source.size);
  const folder = join(cache, "wheels");
  const python3 = tools.path("python3");
  const changed = workload.changedLock.filter((each) => !workload.lock.includes(each));
  const wheels: Wheel[] = [];
  // One after the other: pip takes two versions of a package in one call for a contradiction.
  for (const lock of [workload.lock, changed]) {
    wheels.push(...(await fetchWheels(lock, options.python, folder, python3, tell, stop)));
  }
  const [uvWheel] = await fetchWheels(uvLock(), options.python, folder, python3, tell, stop);
  if (uvWheel === undefined) throw new Error("there is no wheel of uv");
  if (options.base === undefined) {
    const base = await debianArchive(tools, join(cache, "bases"), options.mirror, tell, stop);
    await pushImage(client, "bench/base", "latest", base, work);
  }
  await pushUv(tools, client, uvWheel, work, stop);
  const local = options.index === undefined ? await serveWheels(wheels) : undefined;
  if (local !== undefined) cleanup.add("stop the package index", () => local.close());
  return {
    ...common,
    workload: { ...workload, wheels },
    buildArgs: {
      [BUILD_ARGS.base]: options.base ?? `${host}/bench/base:latest`,
      [BUILD_ARGS.uv]: `${host}/bench/uv:latest`,
      [BUILD_ARGS.index]: local?.url ?? options.index ?? "",
    },
  };
}

function wantedTools(options: BenchOptions, ownBuilder: boolean): Tool[] {
  return [
    "buildx",
    ...(ownBuilder ? (["buildkitd", "buildctl", "runc"] as const) : []),
    ...(options.registry === undefined ? (["registry"] as const) : []),
    ...(ownBuilder ? (["unshare"] as const) : []),
    ...(options.source.kind === "size" ? (["python3"] as const) : []),
    ...(options.source.kind === "size" && options.base === undefined ? (["debootstrap"] as const) : []),
    ...(["setpriv", "tar", "gzip", "zstd"] as const),
  ];
}

function placeProblems(options: BenchOptions, ownBuilder: boolean, work: string): string[] {
  const { source, variants, scenarios } = options;
  const root = process.getuid?.() === 0;
  const sizes = source.kind === "own" ? { unpackedBytes: OWN_BYTES, wheelBytes: 0 } : SIZE_FACTS[source.size];
  const disk = diskProblem(
    work,
    neededBytes(
      sizes.unpackedBytes,
      sizes.wheelBytes,
      variants.map(({ settings }) => settings),
      scenarios,
    ),
  );
  return [
    ...(process.platform === "linux" ? [] : ["it runs on Linux: layers are unpacked as the image has them"]),
    ...(ownBuilder && !root
      ? [
          "a buildkitd of its own needs root. Run it as root, or name a builder: --builder NAME or BUILDKIT_HOST",
        ]
      : []),
    ...(source.kind === "size" && options.base === undefined && !root
      ? ["the Debian base needs root (debootstrap). Run it as root, or name one: --base python:3.13-slim"]
      : []),
    // A socket's path may have 107 characters.
    ...(work.length > 80
      ? [`the work folder's path is too long for a socket: ${work}. Use a shorter --work-dir`]
      : []),
    ...(disk === undefined ? [] : [disk]),
  ];
}

/** Two benches at a time would measure each other. */
function lockBench(path: string, cleanup: Cleanup): void {
  try {
    const lock = acquireLock(path);
    cleanup.add("release the lock", () => lock.release());
  } catch (error) {
    if (!(error instanceof Locked)) throw error;
    throw new InvalidInput("The bench cannot start:", [
      `another bench runs on this machine, and two would measure each other (lock ${path}). Wait for it`,
    ]);
  }
}

async function startOwnRegistry(
  tools: Tools,
  work: string,
  stop: AbortSignal,
  cleanup: Cleanup,
): Promise<LocalRegistry> {
  const folder = join(work, "registry");
  mkdirSync(folder);
  const registry = await startRegistry(tools.path("registry"), folder, stop);
  cleanup.add("stop the registry", () => registry.stop());
  return registry;
}

/** The installer's own image: one program, as its maker publishes it. */
async function pushUv(
  tools: Tools,
  client: RegistryClient,
  wheel: Wheel,
  work: string,
  stop: AbortSignal,
): Promise<void> {
  const folder = join(work, "uv");
  mkdirSync(folder, { recursive: true });
  const script = [
    "import os, sys, zipfile",
    "archive = zipfile.ZipFile(sys.argv[1])",
    "name = next(each for each in archive.namelist() if each.endswith('.data/scripts/uv'))",
    "open('uv', 'wb').write(archive.read(name))",
    "os.chmod('uv', 0o755)",
  ].join("\n");
  await mustRun(tools.path("python3"), ["-c", script, wheel.path], { cwd: folder, stop });
  await pushImage(client, "bench/uv", "latest", await programArchive(tools, folder, "uv", stop), work);
}
