import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Progress, parseProgress } from "../experiment/progress";
import { lastWords, run } from "./process";
import type { Settings } from "./variant";

export interface BuildRequest {
  readonly buildx: string;
  readonly builder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly context: string;
  readonly dockerfile: string;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly settings: Settings;
  /** host:port/name, where the image and its caches lie. */
  readonly repository: string;
  readonly tag: string;
  /** Tag whose cache is read; undefined for none. */
  readonly cacheFrom: string | undefined;
  /** Folder for what the build leaves: metadata.json and progress.rawjson. */
  readonly folder: string;
  readonly stop: AbortSignal;
}

export type Built =
  | {
      readonly ok: true;
      readonly startedAt: Date;
      readonly seconds: number;
      readonly digest: string;
      readonly progress: Progress;
    }
  | { readonly ok: false; readonly problem: string };

/** Attributes of the exporter for a compression; the cache gets the same, or its layers would be made twice. */
export function compressionAttributes(compression: Settings["compression"]): string {
  const [type, level] = compression.split(":");
  const attributes = [`compression=${type}`, ...(level === undefined ? [] : [`compression-level=${level}`])];
  // zstd and estargz are defined for OCI media types alone.
  return [...attributes, "oci-mediatypes=true"].join(",");
}

/** Where the cache of an image's tag lies: beside it, or for an inline cache in the image itself. */
export function cacheReference(settings: Settings, repository: string, tag: string): string {
  return settings.cache === "registry" ? `${repository}:${tag}-cache` : `${repository}:${tag}`;
}

/** The arguments of `buildx` for one build: what workflow/scripts/build.sh gives it, the builder apart. */
export function buildArguments(request: BuildRequest): string[] {
  const { settings, repository, tag, cacheFrom, folder } = request;
  const compression = compressionAttributes(settings.compression);
  const cache: string[] = [];
  if (cacheFrom !== undefined && settings.cache !== "none") {
    cache.push("--cache-from", `type=registry,ref=${cacheReference(settings, repository, cacheFrom)}`);
  }
  if (settings.cache === "inline") cache.push("--cache-to", "type=inline");
  if (settings.cache === "registry") {
    const reference = cacheReference(settings, repository, tag);
    cache.push("--cache-to", `type=registry,ref=${reference},mode=max,image-manifest=true,${compression}`);
  }
  return [
    ...["build", "--builder", request.builder, "--file", request.dockerfile],
    ...Object.entries(request.buildArgs).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]),
    ...["--provenance=false", "--progress=rawjson", "--metadata-file", join(folder, "metadata.json")],
    ...["--output", `type=image,name=${repository}:${tag},push=true,${compression}`],
    ...cache,
    request.context,
  ];
}

const metadataSchema = z.object({ "containerimage.digest": z.string().startsWith("sha256:") });

/** Builds and pushes once. The time is that of the whole command, as a workflow's step has it. */
export async function build(request: BuildRequest): Promise<Built> {
  const record = join(request.folder, "progress.rawjson");
  const startedAt = new Date();
  const started = performance.now();
  const ended = await run(request.buildx, buildArguments(request), {
    env: request.env,
    stop: request.stop,
    errorsTo: record,
  });
  const seconds = (performance.now() - started) / 1000;
  const text = readFileSync(record, "utf8");
  if (ended.code !== 0) {
    return { ok: false, problem: errorsOf(text) ?? lastWords({ ...ended, stderr: text }, 3) };
  }
  const metadata = metadataSchema.parse(
    JSON.parse(readFileSync(join(request.folder, "metadata.json"), "utf8")),
  );
  return {
    ok: true,
    startedAt,
    seconds,
    digest: metadata["containerimage.digest"],
    progress: parseProgress(text),
  };
}

const lineSchema = z.object({
  vertexes: z.array(z.object({ name: z.string().nullish(), error: z.string().nullish() })).nullish(),
  logs: z.array(z.object({ data: z.string().nullish() })).nullish(),
});

/** What went wrong, in BuildKit's and the failed step's own words. */
function errorsOf(rawjson: string): string | undefined {
  const errors = new Set<string>();
  const logs: string[] = [];
  for (const line of rawjson.split("\n")) {
    const parsed = parseLine(line);
    for (const { error } of parsed?.vertexes ?? []) if (error) errors.add(error);
    for (const { data } of parsed?.logs ?? []) logs.push(Buffer.from(data ?? "", "base64").toString("utf8"));
  }
  if (errors.size === 0) return undefined;
  return [...errors, ...logs.join("").trim().split("\n").slice(-5)].join("\n");
}

function parseLine(line: string): z.infer<typeof lineSchema> | undefined {
  try {
    const parsed = lineSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
