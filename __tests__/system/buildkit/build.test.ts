import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Facts, parseFacts } from "../../../measure/record/facts";
import { type Progress, parseProgress, phaseOfVertex } from "../../../measure/record/progress";
import { BUILDKITD_FLAGS } from "../../../pipeline/workflow/driver";
import { loadOne } from "../../helpers/input";
import { asList, asObject, asText, type JsonObject, parseJson } from "../../helpers/json";
import { envOf } from "../../pipeline/workflow/rendered";
import { type Finished, PROJECT, python, run, script } from "../../pipeline/workflow/scripts";
import { BuildKit } from "./buildkit";

const ENVIRONMENT = loadOne();
const BASE_MIB = 16;
const RANDOM_MIB = 20;

let buildkit: BuildKit;
let base: string;

beforeAll(async () => {
  buildkit = await BuildKit.start(BUILDKITD_FLAGS);
  base = await buildkit.pushBase(BASE_MIB);
  writeImage("pipeline/image", 300_000);
}, 120_000);
afterAll(async () => buildkit?.stop(), 60_000);

function writeImage(folder: string, numbers: number): void {
  buildkit.scratch.write(`${folder}/hello.txt`, "hello\n");
  buildkit.scratch.write(
    `${folder}/Dockerfile`,
    [
      `FROM ${base}`,
      "COPY hello.txt /hello.txt",
      `RUN head -c ${RANDOM_MIB << 20} /dev/urandom > /random && sleep 0.3`,
      `RUN seq 1 ${numbers} > /numbers`,
      "",
    ].join("\n"),
  );
}

interface Build extends Finished {
  readonly env: Readonly<Record<string, string>>;
  readonly progressText: string;
  readonly progress: Progress;
  /** Seconds between the start and the end of the build step. */
  readonly stepSeconds: number;
}

/** Runs the workflow's own script with the environment of its job. */
async function build(
  tag: string,
  inputs: Readonly<Record<string, string>> = {},
  repository = `${buildkit.host}/team/image`,
  environment = ENVIRONMENT,
  secrets: Readonly<Record<string, string>> = {},
): Promise<Build> {
  const env = {
    ...buildkit.env,
    ...secrets,
    ...envOf(environment, "custom-kubernetes", {
      "vars.BUILDX_DEMO_IMAGE_REPOSITORY": repository,
      ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`inputs.${name}`, value])),
    }),
    BUILDER: buildkit.builder,
    TAG: tag,
    CACHE_TAG: `cache-${inputs.cache ?? "none"}`,
    RECORD: buildkit.scratch.path(tag),
  };
  const finished = await run("bash", [script("build.sh")], { cwd: buildkit.scratch.folder, env });
  const read = (name: string) => readFileSync(buildkit.scratch.path(tag, name), "utf8");
  const progressText = read("progress.rawjson");
  const stepSeconds = (Date.parse(read("finished").trim()) - Date.parse(read("started").trim())) / 1000;
  return { ...finished, env, progressText, progress: parseProgress(progressText), stepSeconds };
}

function expectBuilt({ code, stdout, progress, progressText }: Build): void {
  expect({ code, stdout }, progressText).toEqual({ code: 0, stdout: "" });
  expect(progress.problems).toMatchObject({
    unreadableLines: 0,
    unknownEntries: 0,
    unfinished: 0,
    reversed: 0,
  });
}

/** No phase lasts longer than all of it, and all of it no longer than the step. */
function expectTimesFit({ progress, stepSeconds }: Build): void {
  const { wallSeconds, phases } = progress;
  expect(wallSeconds).toBeGreaterThan(0);
  expect(wallSeconds).toBeLessThanOrEqual(stepSeconds);
  for (const [phase, seconds] of Object.entries(phases)) {
    expect(seconds, phase).toBeLessThanOrEqual(wallSeconds ?? Number.NaN);
  }
}

async function factsOf({ env }: Build): Promise<Facts> {
  const finished = await run(python(), [script("facts.py")], { env });
  expect(finished).toEqual({ code: 0, stdout: "", stderr: "" });
  const parsed = parseFacts(readFileSync(`${env.RECORD}/facts.json`, "utf8"));
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.facts;
}

async function measure({ env }: Build): Promise<JsonObject> {
  const image = `${env.REPOSITORY_URL}:${env.TAG}`;
  const finished = await run(python(), [`${PROJECT}/pipeline/image/measure.py`, image, "--unpacked"], {
    env,
  });
  expect({ code: finished.code, stderr: finished.stderr }).toEqual({ code: 0, stderr: "" });
  return asObject(parseJson(finished.stdout));
}

const layerTypes = (measured: JsonObject) =>
  asList(measured.layers).map((layer) => asObject(layer).mediaType);

const UNPACKED_LEAST = (BASE_MIB + RANDOM_MIB) << 20;

test("a Dockerfile below its context, with an argument, a stage and a secret, which is in no record", async () => {
  buildkit.scratch.write("requirements/production.txt", "django==5.1\n");
  buildkit.scratch.write(
    ".docker/web (new)/Dockerfile",
    [
      `FROM ${base} AS web`,
      "ARG BUILD_ENVIRONMENT",
      "COPY requirements /requirements",
      'RUN --mount=type=secret,id=PIP_INDEX test "$(wc -c < /run/secrets/PIP_INDEX)" = 11 && cat "/requirements/$BUILD_ENVIRONMENT.txt"',
      "FROM web",
      "RUN false",
      "",
    ].join("\n"),
  );
  const own = loadOne({
    build: { args: { BUILD_ENVIRONMENT: "production" }, target: "web", secrets: ["PIP_INDEX"] },
  });
  const built = await build("own", { image: ".docker/web (new)", context: "." }, undefined, own, {
    BUILD_SECRET_PIP_INDEX: "hidden-4f1c",
  });
  expectBuilt(built);
  const metadata = readFileSync(`${built.env.RECORD}/metadata.json`, "utf8");
  expect(built.progressText + metadata).not.toContain("hidden-4f1c");
});

describe("a build from scratch", () => {
  let cold: Build;
  beforeAll(async () => {
    await buildkit.forget();
    cold = await build("cold");
  });

  test("spends its time on pulling, installing, exporting and pushing, one after the other", () => {
    expectBuilt(cold);
    expectTimesFit(cold);
    const { phases, wallSeconds, cached, problems } = cold.progress;
    expect(phases.context).toBeGreaterThan(0);
    expect(phases.pull).toBeGreaterThan(0);
    expect(phases.install).toBeGreaterThanOrEqual(0.3);
    expect(phases.export).toBeGreaterThan(0);
    expect(phases.push).toBeGreaterThan(0);
    expect(phases.cache).toBe(0);
    const sum = phases.pull + phases.install + phases.export + phases.push;
    expect(sum).toBeLessThanOrEqual(wallSeconds ?? Number.NaN);
    expect({ cached, failed: problems.failed }).toEqual({ cached: 0, failed: 0 });
  });

  test("gives facts that the experiment's program reads", async () => {
    const { image, versions, configuration } = await factsOf(cold);
    expect(configuration).toBe("custom-kubernetes");
    expect(versions).toEqual({ buildx: "v0.37.2", buildkit: "v0.31.2" });
    expect(image.layers).toHaveLength(6);
    expect(image.compressedBytes).toBe(image.layers.reduce((sum, bytes) => sum + bytes, 0));
    expect(image.compressedBytes).toBeGreaterThan(UNPACKED_LEAST);
  });

  test("is gzip by default, and its unpacked size can be asserted", async () => {
    const measured = await measure(cold);
    expect(new Set(layerTypes(measured))).toEqual(new Set(["application/vnd.oci.image.layer.v1.tar+gzip"]));
    expect(measured.unpackedBytes).toBeGreaterThan(UNPACKED_LEAST);
  });

  test("carries its source, its commit and its time as labels", async () => {
    const image = `${buildkit.host}/team/image:cold`;
    const text = await buildkit.mustDocker(
      "buildx",
      "imagetools",
      "inspect",
      image,
      "--format",
      "{{json .Image}}",
    );
    const { created, ...labels } = Object.fromEntries(
      Object.entries(asObject(asObject(asObject(parseJson(text)).config).Labels)).map(([name, value]) => [
        name.replace("org.opencontainers.image.", ""),
        value,
      ]),
    );
    expect(labels).toEqual({ source: "https://github.example/acme/images", revision: cold.env.GITHUB_SHA });
    expect(Number.isNaN(Date.parse(String(created)))).toBe(false);
  });
});

test("stages, heredocs, mounts and linked layers are known by name", async () => {
  buildkit.scratch.write("rich/a.txt", "a\n");
  buildkit.scratch.write(
    "rich/Dockerfile",
    [
      `FROM ${base} AS packages`,
      "WORKDIR /packages",
      "RUN --mount=type=cache,target=/cache seq 1 100000 > one",
      "RUN <<END",
      "seq 1 1000 > two",
      "END",
      `FROM ${base}`,
      "WORKDIR /srv",
      "COPY --link a.txt ./",
      "COPY --link --from=packages /packages /packages",
      "COPY --chmod=755 <<END /bin/hello",
      "#!/bin/sh",
      "END",
      "ADD a.txt /b.txt",
      "",
    ].join("\n"),
  );
  const rich = await build("rich", { image: "rich", provenance: "min" });
  expectBuilt(rich);
  expectTimesFit(rich);
  const names = [...rich.progressText.matchAll(/"name":"((?:[^"\\]|\\.)+)","started"/g)].map(
    ([, name = ""]) => name,
  );
  const others = new Set(names.filter((name) => phaseOfVertex(name) === "other"));
  expect(names.length).toBeGreaterThan(10);
  expect([...others].filter((name) => !/^(transferring|merging|extracting)\b/.test(name))).toEqual([
    "resolving provenance for metadata file",
  ]);
});

test("zstd for all layers, the base's too, and the same files", async () => {
  const zstd = await build("zstd", { output: "compression=zstd,force-compression=true" });
  expectBuilt(zstd);
  expectTimesFit(zstd);
  expect(zstd.progress.phases.export).toBeGreaterThan(0);
  const measured = await measure(zstd);
  expect(new Set(layerTypes(measured))).toEqual(new Set(["application/vnd.oci.image.layer.v1.tar+zstd"]));
  const gzip = await build("gzip", { output: "compression=gzip,compression-level=1" });
  expectBuilt(gzip);
  expect(measured.unpackedBytes).toBe((await measure(gzip)).unpackedBytes);
  const { output } = await factsOf(zstd);
  expect(output).toBe("compression=zstd,force-compression=true");
});

test("the local cache answers what its builder has built before", async () => {
  expectBuilt(await build("local-1", { cache: "local" }));
  const second = await build("local-2", { cache: "local" });
  expectBuilt(second);
  expect(second.progress.cached).toBeGreaterThanOrEqual(3);
  expect(second.progress.phases).toMatchObject({ cache: 0 });
});

test("provenance makes an index, of which the facts measure the image", async () => {
  const attested = await build("attested", { provenance: "max" });
  expectBuilt(attested);
  const { image } = await factsOf(attested);
  expect(image.layers).toHaveLength(6);
  const measured = await measure(attested);
  expect(measured.platform).toBe("linux/amd64");
  expect(measured.digest).not.toBe(image.digest);
});

describe.each(["inline", "registry-min", "registry"])("the %s cache", (cache) => {
  let first: Build;
  beforeAll(async () => {
    await buildkit.forget();
    first = await build(`${cache}-1`, { cache });
    expectBuilt(first);
    expect(first.progress.cached).toBe(0);
  });

  test("answers an unchanged build on a new builder", async () => {
    await buildkit.forget();
    const second = await build(`${cache}-2`, { cache });
    expectBuilt(second);
    expectTimesFit(second);
    const { cached, phases, problems } = second.progress;
    expect(cached).toBe(3);
    expect(phases.cache).toBeGreaterThan(0);
    expect(phases.install).toBeLessThan(first.progress.phases.install);
    expect(problems.failed).toBe(0);
    const [one, two] = [await factsOf(first), await factsOf(second)];
    expect(two.image.layers).toEqual(one.image.layers);
  });

  test("is pulled as far as a changed step needs it", async () => {
    await buildkit.forget();
    // In place: another folder would have a cache of its own.
    writeImage("pipeline/image", 200_000);
    const changed = await build(`${cache}-3`, { cache }).finally(() => writeImage("pipeline/image", 300_000));
    expectBuilt(changed);
    expectTimesFit(changed);
    expect(changed.progress.cached).toBe(2);
    expect(changed.progress.phases.pull).toBeGreaterThan(0);
    expect(changed.progress.phases.install).toBeGreaterThan(0);
  });
});

async function cacheTagsIn(repository: string): Promise<string[]> {
  const response = await fetch(`http://${buildkit.host}/v2/${repository}/tags/list`);
  return asList(asObject(parseJson(await response.text())).tags)
    .map((tag) => asText(tag))
    .filter((tag) => tag.startsWith("cache-"));
}

test("variants that take turns find each its own cache on a new builder", async () => {
  const outputs = ["default", "compression=zstd,compression-level=3"];
  const turn = (name: string, output: string) =>
    build(`turn-${name}`, { cache: "registry-min", output }, `${buildkit.host}/team/turns`);
  for (const [index, output] of outputs.entries()) {
    await buildkit.forget();
    const first = await turn(`${index}-first`, output);
    expectBuilt(first);
    expect(first.progress.cached).toBe(0);
  }
  expect(await cacheTagsIn("team/turns")).toHaveLength(2);
  for (const [index, output] of outputs.entries()) {
    await buildkit.forget();
    const again = await turn(`${index}-again`, output);
    expectBuilt(again);
    expect(again.progress.cached).toBe(3);
  }
}, 120_000);

test("a zstd image shares its layers with its cache", async () => {
  const output = "compression=zstd,force-compression=true";
  const repository = `${buildkit.host}/team/shared`;
  const image = await build("shared", { cache: "registry", output }, repository);
  expectBuilt(image);
  const layers = async (tag: string) => {
    const manifest = asObject(
      parseJson(await buildkit.mustDocker("buildx", "imagetools", "inspect", "--raw", tag)),
    );
    return asList(manifest.layers).map((layer) => asText(asObject(layer).digest));
  };
  const [cache, ...others] = await cacheTagsIn("team/shared");
  expect(others).toEqual([]);
  const cached = await layers(`${repository}:${cache}`);
  expect(cached).toEqual(expect.arrayContaining(await layers(`${repository}:shared`)));
});

describe("a build that fails", () => {
  test.each([
    {
      what: "in a step",
      lines: ['RUN echo "what it said" && sh -c "exit 7"'],
      said: [/^what it said$/, /did not complete successfully: exit code: 7/],
    },
    { what: "in its Dockerfile", lines: ["FRM nothing"], said: [/unknown instruction: FRM/] },
    { what: "for want of a file", lines: ["COPY missing.txt /"], said: [/"\/missing\.txt": not found/] },
  ])("$what prints its last words and returns docker's code", async ({ what, lines, said }) => {
    const folder = what.replaceAll(" ", "-").toLowerCase();
    buildkit.scratch.write(`${folder}/Dockerfile`, [`FROM ${base}`, ...lines, ""].join("\n"));
    const failed = await build(folder, { image: folder });
    expect(failed.code).toBe(1);
    const words = failed.stdout.split("\n");
    expect(words[0]).toBe("::error::docker buildx build ended with code 1; its last words:");
    for (const pattern of said)
      expect(
        words.filter((word) => pattern.test(word)),
        failed.stdout,
      ).not.toEqual([]);
    expect(failed.progressText).not.toBe("");

    const facts = await run(python(), [script("facts.py")], { env: failed.env });
    expect(facts.code).toBe(1);
    expect(facts.stderr).toMatch(/^::error::[^\n]+\n$/);
    expect(readdirSync(buildkit.scratch.path(folder))).not.toContain("facts.json");
  });

  test("a registry that is not there is the build's failure", async () => {
    const { code, stdout } = await build("nowhere", {}, "127.0.0.1:1/team/image");
    expect(code).toBe(1);
    expect(stdout).toContain("connection refused");
  });
});
