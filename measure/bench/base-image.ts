import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mustRun } from "../../util/process";
import type { RegistryClient } from "./registry-client";
import type { Tools } from "./tools";
import { sha256Of } from "./wheels";

/** Debian 13 "trixie": the Python of its release is 3.13. */
export const DEBIAN = { suite: "trixie", python: "3.13", mirror: "http://deb.debian.org/debian" } as const;

const PACKAGES = ["ca-certificates", "python3", "python3-venv"];
/** Part of the file name: another list of packages or another treatment is another base. */
const REVISION = 2;

/** As the -slim images have it: nothing that a container reads. */
const EXCLUDED = [
  ...["proc", "sys", "dev", "var/log", "var/cache", "var/lib/apt/lists"],
  ...["doc", "man", "info", "locale", "lintian"].map((folder) => `usr/share/${folder}`),
];

const TYPES = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  gzip: "application/vnd.oci.image.layer.v1.tar+gzip",
} as const;

/** A layer as an archive on this disk. */
export interface Archive {
  readonly path: string;
  /** Of the file. */
  readonly digest: string;
  /** Of what it holds, unpacked. */
  readonly diffId: string;
}

/** Debian's minimal system with Python as one gzip archive, made by debootstrap once and kept in `folder`. */
export async function debianArchive(
  tools: Tools,
  folder: string,
  mirror: string,
  tell: (message: string) => void,
  stop: AbortSignal,
): Promise<Archive> {
  const name = `debian-${DEBIAN.suite}-python-${REVISION}`;
  const path = join(folder, `${name}.tar.gz`);
  if (!existsSync(path)) {
    tell(`building the base image from Debian packages (${mirror}) into ${path}`);
    mkdirSync(folder, { recursive: true });
    const root = join(folder, `${name}.root`);
    const tar = join(folder, `${name}.tar`);
    try {
      rmSync(root, { recursive: true, force: true });
      await mustRun(
        tools.path("debootstrap"),
        ["--variant=minbase", `--include=${PACKAGES.join(",")}`, DEBIAN.suite, root, mirror],
        { stop },
      );
      writeFileSync(join(root, "etc", "passwd"), "app:x:10001:10001::/home/app:/usr/sbin/nologin\n", {
        flag: "a",
      });
      writeFileSync(join(root, "etc", "group"), "app:x:10001:\n", { flag: "a" });
      const excluded = EXCLUDED.map((folder) => `./${folder}/*`);
      await archive(tools, root, tar, excluded, stop);
      await mustRun(tools.path("gzip"), ["-n", "-f", tar], { stop });
      // Under its name only when whole.
      renameSync(`${tar}.gz`, path);
    } finally {
      rmSync(root, { recursive: true, force: true });
      rmSync(tar, { force: true });
    }
  }
  return await describe(tools, path, stop);
}

/** One file as an archive: the layer of an image that brings a single program. */
export async function programArchive(
  tools: Tools,
  folder: string,
  name: string,
  stop: AbortSignal,
): Promise<Archive> {
  const tar = join(folder, `${name}.tar`);
  await mustRun(tools.path("tar"), ["-C", folder, "--owner=0", "--group=0", "--mtime=@0", "-cf", tar, name], {
    stop,
  });
  await mustRun(tools.path("gzip"), ["-n", "-f", tar], { stop });
  return await describe(tools, `${tar}.gz`, stop);
}

async function archive(
  tools: Tools,
  root: string,
  tar: string,
  excluded: readonly string[],
  stop: AbortSignal,
): Promise<void> {
  const sorted = ["--sort=name", "--numeric-owner", "--xattrs"];
  const without = excluded.map((pattern) => `--exclude=${pattern}`);
  await mustRun(tools.path("tar"), ["-C", root, ...sorted, ...without, "-cf", tar, "."], { stop });
}

/** The unpacked archive's digest is kept beside it: computing it takes longer than everything else here. */
async function describe(tools: Tools, path: string, stop: AbortSignal): Promise<Archive> {
  const digest = `sha256:${await sha256Of(path)}`;
  const note = `${path}.diffid`;
  const known = existsSync(note) ? readFileSync(note, "utf8").trim().split(" ") : [];
  if (known[0] === digest && known[1] !== undefined) return { path, digest, diffId: known[1] };
  const tar = `${path}.unpacked`;
  try {
    await mustRun("sh", ["-c", 'exec "$1" -dc "$2" >"$3"', "sh", tools.path("gzip"), path, tar], { stop });
    const diffId = `sha256:${await sha256Of(tar)}`;
    writeFileSync(note, `${digest} ${diffId}\n`);
    return { path, digest, diffId };
  } finally {
    rmSync(tar, { force: true });
  }
}

/** Pushes an image of one layer. */
export async function pushImage(
  client: RegistryClient,
  repository: string,
  tag: string,
  layer: Archive,
  folder: string,
): Promise<void> {
  const config = JSON.stringify({
    architecture: "amd64",
    os: "linux",
    config: { Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"] },
    rootfs: { type: "layers", diff_ids: [layer.diffId] },
  });
  const configPath = join(folder, `config-${repository.replaceAll("/", "-")}.json`);
  writeFileSync(configPath, config);
  const configDigest = `sha256:${createHash("sha256").update(config).digest("hex")}`;
  const layerSize = await client.push(repository, layer.path, layer.digest);
  const configSize = await client.push(repository, configPath, configDigest);
  await client.putManifest(
    repository,
    tag,
    {
      schemaVersion: 2,
      mediaType: TYPES.manifest,
      config: { mediaType: TYPES.config, digest: configDigest, size: configSize },
      layers: [{ mediaType: TYPES.gzip, digest: layer.digest, size: layerSize }],
    },
    TYPES.manifest,
  );
}
