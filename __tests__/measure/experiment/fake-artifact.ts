import { strToU8, zipSync } from "fflate";
import type { Configuration } from "../../../environment/configurations";
import { VARIANTS } from "../../../environment/variants";
import type { Facts } from "../../../measure/record/facts";
import type { ArtifactScript } from "./fake-timeline";

export interface ArtifactOf {
  readonly environment: string;
  readonly configuration: Configuration;
  readonly round: number;
  readonly experiment: string;
  readonly cache: Facts["cache"];
  readonly output: string;
  readonly dockerfile: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly finishedAt: string;
}

/** The archive that the workflow uploads, or a spoilt one. */
export function archiveOf(build: ArtifactOf, script: ArtifactScript): Uint8Array {
  const facts = JSON.stringify(factsOf({ ...build, ...changeOf(build, script) }));
  const good = { "facts.json": strToU8(facts), "progress.rawjson": strToU8(progressOf(build)) };
  switch (script) {
    case "not-a-zip":
      return strToU8("<html>The specified blob does not exist.</html>");
    case "truncated-zip":
      return zip(good).subarray(0, 200);
    case "no-facts":
      return zip({ "progress.rawjson": good["progress.rawjson"] });
    case "no-progress":
      return zip({ "facts.json": good["facts.json"] });
    case "facts-not-json":
      return zip({ ...good, "facts.json": strToU8(facts.slice(0, 40)) });
    case "facts-newer":
      return zip({ ...good, "facts.json": strToU8(facts.replace('"schema":1', '"schema":2')) });
    case "empty-progress":
      return zip({ ...good, "progress.rawjson": strToU8("buildx: panic\n") });
    default:
      return zip(good);
  }
}

/** What an artifact of another build says. */
function changeOf({ round, dockerfile }: ArtifactOf, script: ArtifactScript): Partial<ArtifactOf> {
  if (script === "other-build") return { round: round + 1 };
  if (script !== "other-variant") return {};
  const { image, output } = dockerfile === VARIANTS.fast.image ? VARIANTS.original : VARIANTS.fast;
  return { dockerfile: image, output };
}

export function factsOf(build: ArtifactOf): Facts {
  return {
    schema: 1,
    environment: build.environment,
    configuration: build.configuration,
    round: build.round,
    experiment: build.experiment,
    cache: build.cache,
    output: build.output,
    dockerfile: build.dockerfile,
    startedAt: build.startedAt,
    finishedAt: build.finishedAt,
    machine: { cpus: 8, memoryBytes: 22_000_000_000, instanceType: "c5n.2xlarge", region: null },
    limits: { cpus: 7, memoryBytes: 7_516_192_768 },
    versions: { buildx: "v0.37.2", buildkit: "v0.31.2" },
    image: {
      reference: "111122223333.dkr.ecr.us-west-2.amazonaws.com/c5n/large:main",
      digest: `sha256:${"ab".repeat(32)}`,
      compressedBytes: 1_200_000_000,
      unpackedBytes: null,
      layers: [30_000_000, 1_170_000_000],
    },
  };
}

/** Four vertices of BuildKit's rawjson, one after the other. */
function progressOf({ startedAt }: ArtifactOf): string {
  const at = (seconds: number) => new Date(Date.parse(startedAt) + seconds * 1_000).toISOString();
  const vertices: readonly [string, number, number][] = [
    ["[internal] load build definition from Dockerfile", 0, 1],
    ["[1/2] FROM docker.io/library/ubuntu:24.04", 1, 11],
    ["[2/2] RUN uv pip install", 11, 111],
    ["exporting to image", 111, 211],
  ];
  return vertices
    .map(([name, from, to], index) => {
      const vertex = { digest: `sha256:${index}`, name, started: at(from), completed: at(to) };
      return `${JSON.stringify({ vertexes: [vertex] })}\n`;
    })
    .join("");
}

/** The same bytes at every call: an archive holds the time, and its digest is compared. */
function zip(files: Record<string, Uint8Array>): Uint8Array {
  return zipSync(files, { mtime: "2026-01-01T00:00:00Z" });
}
