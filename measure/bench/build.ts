import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { registryMode } from "../../environment/caches";
import { lastWords, run } from "../../util/process";
import { type Progress, parseProgress } from "../record/progress";
import { type BuildInputs, hideValues, inputArguments } from "./build-inputs";
import type { Settings } from "./variant";

export interface BuildRequest {
  readonly buildx: string;
  readonly builder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly context: string;
  readonly dockerfile: string;
  readonly inputs: BuildInputs;
  readonly settings: Settings;
  /** host:port/name, where the image and its caches lie. */
  readonly repository: string;
  readonly tag: string;
  /** Tag whose cache is read; undefined for none. */
  readonly cacheFrom: string | undefined;
  /** Every step runs, whatever the builder remembers. */
  readonly noCache?: boolean;
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
      /** Seconds by which the local time was set forward during the build; negative for backward. */
      readonly clockStep: number;
      /** How often BuildKit waited and repeated a transfer that had failed. */
      readonly retries: number;
    }
  | { readonly ok: false; readonly problem: string };

/** Attributes of the exporter for a compression; the cache gets the same, or its layers would be made twice. */
export function compressionAttributes({
  compression,
  force,
}: Pick<Settings, "compression" | "force">): string {
  const [type, level] = compression.split(":");
  const attributes = [`compression=${type}`, ...(level === undefined ? [] : [`compression-level=${level}`])];
  if (force === "on") attributes.push("force-compression=true");
  // zstd and estargz are defined for OCI media types alone.
  return [...attributes, "oci-mediatypes=true"].join(",");
}

/** Reference of a tag's cache: its own tag, or for an inline cache the image itself. */
export function cacheReference(settings: Settings, repository: string, tag: string): string {
  return registryMode(settings.cache) !== undefined ? `${repository}:${tag}-cache` : `${repository}:${tag}`;
}

/** The arguments of `buildx` for one build: what pipeline/scripts/build.sh gives it, the builder apart. */
export function buildArguments(request: BuildRequest): string[] {
  const { settings, repository, tag, cacheFrom, folder } = request;
  const compression = compressionAttributes(settings);
  const cache: string[] = [];
  if (cacheFrom !== undefined && settings.cache !== "none") {
    cache.push("--cache-from", `type=registry,ref=${cacheReference(settings, repository, cacheFrom)}`);
  }
  if (settings.cache === "inline") cache.push("--cache-to", "type=inline");
  const mode = registryMode(settings.cache);
  if (mode !== undefined) {
    const reference = cacheReference(settings, repository, tag);
    cache.push(
      "--cache-to",
      `type=registry,ref=${reference},mode=${mode},image-manifest=true,${compression}`,
    );
  }
  return [
    ...["build", "--builder", request.builder, "--file", request.dockerfile],
    ...inputArguments(request.inputs),
    ...["--provenance=false", "--progress=rawjson", "--metadata-file", join(folder, "metadata.json")],
    ...["--output", `type=image,name=${repository}:${tag},push=true,${compression}`],
    ...cache,
    ...(request.noCache === true ? ["--no-cache"] : []),
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
  const clockStep = (Date.now() - startedAt.getTime()) / 1000 - seconds;
  const text = readFileSync(record, "utf8");
  if (ended.code !== 0) {
    const problem = errorsOf(text) ?? lastWords({ ...ended, stderr: text }, 3);
    return { ok: false, problem: hideValues(problem, request.inputs, request.env) };
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
    clockStep,
    retries: retriesIn(text),
  };
}

const lineSchema = z.object({
  vertexes: z.array(z.object({ name: z.string().nullish(), error: z.string().nullish() })).nullish(),
  logs: z.array(z.object({ data: z.string().nullish() })).nullish(),
});

/** As BuildKit's util/resolver/retryhandler notes each: "retrying in 1s". */
function retriesIn(rawjson: string): number {
  return logsOf(rawjson).match(/^retrying in \d+(?:\.\d+)?m?s$/gm)?.length ?? 0;
}

function logsOf(rawjson: string): string {
  const logs = rawjson.split("\n").flatMap((line) => parseLine(line)?.logs ?? []);
  return logs.map(({ data }) => Buffer.from(data ?? "", "base64").toString("utf8")).join("");
}

/** What went wrong, in BuildKit's and the failed step's own words. */
function errorsOf(rawjson: string): string | undefined {
  const errors = new Set<string>();
  for (const line of rawjson.split("\n")) {
    for (const { error } of parseLine(line)?.vertexes ?? []) if (error) errors.add(error);
  }
  if (errors.size === 0) return undefined;
  return [...errors, ...logsOf(rawjson).trim().split("\n").slice(-5)].join("\n");
}

function parseLine(line: string): z.infer<typeof lineSchema> | undefined {
  try {
    const parsed = lineSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
