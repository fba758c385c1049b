import { expect, test } from "vitest";
import { VARIANTS } from "../../../environment/variants";
import {
  type BuildRequest,
  type Built,
  buildArguments,
  cacheReference,
  compressionAttributes,
} from "../../../measure/bench/build";
import { type BenchFacts, benchRecord, type Checked } from "../../../measure/bench/build-record";
import type { BenchBuild } from "../../../measure/bench/plan";
import { isLocal } from "../../../measure/bench/registry-client";
import { PRESETS } from "../../../measure/bench/variant";
import { parseProgress } from "../../../measure/record/progress";
import { formatRecord, parseRecords } from "../../../measure/record/record";

const request: BuildRequest = {
  ...{ buildx: "buildx", builder: "bench", env: {}, context: "/c", dockerfile: "/c/Dockerfile" },
  ...{
    inputs: { buildArgs: ["BASE=host/base"], target: undefined, secrets: [] },
    settings: PRESETS.fast,
    repository: "host:1/bench/fast",
    tag: "cold-1",
  },
  ...{ cacheFrom: "seed", folder: "/f", stop: new AbortController().signal },
};
const after = (words: readonly string[], option: string) =>
  words.flatMap((word, index) => (words[index - 1] === option ? [word] : []));

test("hands build arguments, target and secrets to buildx as they are", () => {
  const inputs = {
    buildArgs: ["A=1,2", "B"],
    target: "prod",
    secrets: ["id=npmrc,src=my file", "id=token,env=TOKEN"],
  };
  const words = buildArguments({ ...request, inputs });
  expect(after(words, "--build-arg")).toEqual(["A=1,2", "B"]);
  expect(after(words, "--target")).toEqual(["prod"]);
  expect(after(words, "--secret")).toEqual(["id=npmrc,src=my file", "id=token,env=TOKEN"]);
  expect(after(buildArguments(request), "--target")).toEqual([]);
});

test("exports image and cache with the same compression", () => {
  const words = buildArguments(request);
  expect(after(words, "--output")).toEqual([
    "type=image,name=host:1/bench/fast:cold-1,push=true,compression=zstd,compression-level=1,oci-mediatypes=true",
  ]);
  expect(after(words, "--cache-to")).toEqual([
    "type=registry,ref=host:1/bench/fast:cold-1-cache,mode=min,image-manifest=true,compression=zstd,compression-level=1,oci-mediatypes=true",
  ]);
  expect(after(words, "--cache-from")).toEqual(["type=registry,ref=host:1/bench/fast:seed-cache"]);
  expect(words.at(-1)).toBe("/c");
});

test("keeps an inline cache in the image", () => {
  const words = buildArguments({ ...request, settings: PRESETS.original });
  expect(after(words, "--cache-to")).toEqual(["type=inline"]);
  expect(after(words, "--cache-from")).toEqual(["type=registry,ref=host:1/bench/fast:seed"]);
  expect(cacheReference(PRESETS.original, "r", "t")).toBe("r:t");
});

test("reads no cache in a cold build, and has none where the variant has none", () => {
  expect(after(buildArguments({ ...request, cacheFrom: undefined }), "--cache-from")).toEqual([]);
  const none = buildArguments({ ...request, settings: { ...PRESETS.fast, cache: "none" } });
  expect([...after(none, "--cache-from"), ...after(none, "--cache-to")]).toEqual([]);
  expect(none).not.toContain("--no-cache");
  expect(buildArguments({ ...request, noCache: true })).toContain("--no-cache");
});

test.each([
  ["gzip", "compression=gzip,oci-mediatypes=true"],
  ["zstd:3", "compression=zstd,compression-level=3,oci-mediatypes=true"],
  ["uncompressed", "compression=uncompressed,oci-mediatypes=true"],
] as const)("writes %s as the exporter has it", (compression, attributes) => {
  expect(compressionAttributes({ compression, force: "off" })).toBe(attributes);
  expect(compressionAttributes({ compression, force: "on" }).split(",").sort()).toEqual(
    [...attributes.split(","), "force-compression=true"].sort(),
  );
});

test("does what the workflow's fast variant does", () => {
  const attributes = (text: string) => text.split(",").sort();
  expect(attributes(compressionAttributes(PRESETS.fast))).toEqual(attributes(VARIANTS.fast.output));
});

test.each([
  ["registry-min", "min"],
  ["registry", "max"],
] as const)("exports the cache %s with mode=%s, beside the image", (cache, mode) => {
  const settings = { ...PRESETS.fast, cache };
  const [exported] = after(buildArguments({ ...request, settings }), "--cache-to");
  expect(exported).toMatch(new RegExp(`^type=registry,ref=host:1/bench/fast:cold-1-cache,mode=${mode},`));
  expect(cacheReference(settings, "r", "t")).toBe("r:t-cache");
});

test("speaks without TLS to this machine alone, as BuildKit does", () => {
  expect(["127.0.0.1:5000", "localhost", "localhost:1"].map(isLocal)).toEqual([true, true, true]);
  expect(["registry.test:5000", "localhost.test", "10.0.0.1"].map(isLocal)).toEqual([false, false, false]);
});

const facts: BenchFacts = {
  ...{
    experiment: "bench-small-1",
    image: "small",
    link: "unshaped",
    cpus: 2,
    memoryBytes: 8e9,
    ownBuilder: true,
  },
  versions: { buildx: "v1", buildkit: "v2" },
};
const planned: BenchBuild = {
  round: 2,
  scenario: "unchanged",
  variant: { label: "fast", settings: PRESETS.fast },
};
const digest = `sha256:${"c".repeat(64)}`;
const built: Built = {
  ...{ ok: true, startedAt: new Date(0), seconds: 12.5, digest, progress: parseProgress("") },
  ...{ clockStep: 0, retries: 0 },
};
const layer = { mediaType: "x", digest, size: 40 };
const checked: Checked = {
  image: {
    manifest: { digest, config: layer, layers: [layer, layer] },
    ...{ compressedBytes: 80, unpackedBytes: 200, files: new Map(), layers: [] },
  },
  reference: "host/bench/fast@x",
};
const record = (result: Built, check: Checked | undefined) =>
  benchRecord(facts, planned, result, check, new Date("2026-01-02T03:04:05Z"));

test("records a checked build so that the report reads it", () => {
  const { records, problems } = parseRecords(formatRecord(record(built, checked)), "x");
  expect(problems).toEqual([]);
  expect(records[0]).toMatchObject({
    ...{ kind: "bench", label: "fast", round: 2, outcome: "success", seconds: { build: 12.5 } },
    variant: { image: "small", scenario: "unchanged", link: "unshaped", cache: "registry" },
    image: { digest, compressedBytes: 80, unpackedBytes: 200, layers: [40, 40] },
    machine: { cpus: 2, memoryBytes: 8e9 },
  });
});

test.each([
  ["differs from the baseline", built, { problem: "not the same image as original: 1 file differs" }],
  ["was not checked", built, undefined],
  ["failed", { ok: false, problem: "no space left" } as const, undefined],
])("gives no time to a build that %s", (_, result, check) => {
  const failed = record(result, check);
  expect(failed).toMatchObject({ outcome: "failure" });
  expect(failed).not.toHaveProperty("seconds");
  expect(failed.detail).not.toBe("");
  expect(parseRecords(formatRecord(failed), "x").problems).toEqual([]);
});

test.each([3 * 3600, -3 * 3600])(
  "leaves phases out, and says so, where the clock was set by %i s",
  (clockStep) => {
    const told = record({ ...built, clockStep }, checked);
    expect(told).toMatchObject({ outcome: "success", seconds: { build: 12.5 } });
    expect(told).not.toHaveProperty("phases");
    expect(told.detail).toMatch(/the clock was set during the build/);
  },
);

test("leaves phases out that are longer than the build", () => {
  const vertex = {
    digest,
    name: "[1/1] RUN x",
    started: "2026-01-01T00:00:00Z",
    completed: "2026-01-01T03:00:00Z",
  };
  const progress = parseProgress(JSON.stringify({ vertexes: [vertex] }));
  expect(record({ ...built, progress }, checked)).not.toHaveProperty("phases");
});

test("gives no time to a build that waited for its registry", () => {
  const failed = record({ ...built, retries: 2 }, checked);
  expect(failed).toMatchObject({ outcome: "failure", detail: expect.stringMatching(/tried again 2 times/) });
  expect(failed).not.toHaveProperty("seconds");
});

test("does not claim this machine's CPUs for a builder elsewhere", () => {
  const elsewhere = benchRecord({ ...facts, ownBuilder: false }, planned, built, checked, new Date(0));
  expect(elsewhere).not.toHaveProperty("limits");
  expect(elsewhere.instanceType).toBe("builder");
});
