import { closeSync, mkdirSync, openSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";
import { mustRun, run } from "../../util/process";
import { type FileList, listFiles, stackLayers, totalBytes } from "./file-list";
import type { Manifest, RegistryClient } from "./registry-client";
import type { Tools } from "./tools";

/** An image as the registry holds it, pulled and unpacked. */
export interface PulledImage {
  readonly manifest: Manifest;
  readonly compressedBytes: number;
  readonly unpackedBytes: number;
  readonly files: FileList;
  /** One folder a layer, lowest first; all of them only when the image was pulled whole. */
  readonly layers: readonly string[];
}

/**
 * Pulls an image into `folder` and checks every digest. A layer whose files are known by its digest is not
 * unpacked again, unless the whole image is to be run.
 *
 * @param known files of the layers seen so far; it grows
 * @throws RegistryError when a blob is not what the manifest says
 */
export async function pullImage(
  client: RegistryClient,
  repository: string,
  reference: string,
  tools: Tools,
  folder: string,
  { known, whole }: { readonly known: Map<string, FileList>; readonly whole: boolean },
  stop: AbortSignal,
): Promise<PulledImage> {
  const manifest = await client.manifest(repository, reference);
  mkdirSync(folder, { recursive: true });
  await client.pull(repository, manifest.config, join(folder, "config.json"));
  const layers: string[] = [];
  const lists: FileList[] = [];
  for (const [index, layer] of manifest.layers.entries()) {
    const blob = join(folder, `${index}.blob`);
    // Short: an overlay's options must fit a page.
    const unpacked = join(folder, String(index));
    await client.pull(repository, layer, blob);
    const seen = known.get(layer.digest);
    if (seen === undefined || whole) {
      mkdirSync(unpacked);
      await unpack(tools, blob, unpacked, stop);
      layers.push(unpacked);
    }
    rmSync(blob);
    const files = seen ?? (await listFiles(unpacked, stop));
    known.set(layer.digest, files);
    lists.push(files);
  }
  const files = stackLayers(lists);
  return {
    manifest,
    compressedBytes: manifest.layers.reduce((sum, { size }) => sum + size, 0),
    unpackedBytes: totalBytes(files),
    files,
    layers,
  };
}

async function unpack(tools: Tools, blob: string, folder: string, stop: AbortSignal): Promise<void> {
  const program = decompressorOf(blob, tools);
  const through = program === undefined ? [] : ["--use-compress-program", `${program} -d`];
  // Devices and owners need root; the files' bytes do not.
  const owners =
    process.getuid?.() === 0 ? ["--numeric-owner", "--same-owner"] : ["--no-same-owner", "--exclude=dev/*"];
  await mustRun(tools.path("tar"), ["-C", folder, ...owners, ...through, "-xpf", blob], { stop });
}

/** By the first bytes, as runtimes do. */
function decompressorOf(blob: string, tools: Tools): string | undefined {
  const magic = Buffer.alloc(4);
  const file = openSync(blob, "r");
  try {
    readSync(file, magic, 0, 4, 0);
  } finally {
    closeSync(file);
  }
  if (magic.readUInt16BE() === 0x1f8b) return tools.path("gzip");
  return magic.readUInt32LE() === 0xfd2fb528 ? tools.path("zstd") : undefined;
}

export interface Imported {
  /** Of the first import of all modules, in a process of its own. */
  readonly seconds: number;
}

/**
 * Imports the modules in the unpacked image. Needs root (overlay, chroot).
 *
 * @throws Error with the traceback's end when a module cannot be imported
 */
export async function importModules(
  image: PulledImage,
  modules: readonly string[],
  folder: string,
  stop: AbortSignal,
): Promise<Imported> {
  const root = join(folder, "root");
  mkdirSync(root);
  const lower = [...image.layers].reverse().join(":");
  await mustRun("mount", ["-t", "overlay", "overlay", "-o", `ro,lowerdir=${lower}`, root], { stop });
  try {
    const program = [
      "import time",
      "started = time.perf_counter()",
      ...modules.map((name) => `import ${name}`),
      "import app.revision",
      "print(time.perf_counter() - started)",
    ].join("\n");
    const { stdout } = await mustRun(
      "unshare",
      [
        ...["--net", "chroot", "--userspec=10001:10001", root],
        ...["/usr/bin/env", "HOME=/tmp", "PYTHONPATH=/srv", "/opt/venv/bin/python", "-c", program],
      ],
      { stop },
    );
    return { seconds: Number(stdout.trim().split("\n").at(-1)) };
  } finally {
    await run("umount", ["--lazy", root]);
  }
}
