import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CONFIGURATIONS } from "../../../environment/configurations";
import { CACHE_TAG_PREFIX } from "../../../environment/names";
import { IMAGE_PATTERN, OUTPUT_PATTERN, VARIANTS } from "../../../environment/variants";
import { loadOne } from "../../helpers/input";
import { CONTEXT, envOf } from "./rendered";
import { FakeDocker, run, Scratch, script } from "./scripts";

const ENVIRONMENT = loadOne();
const REPOSITORY = "444455556666.dkr.ecr.us-west-2.amazonaws.com/demo/large-python-container";
const TAG = `custom-kubernetes-${CONTEXT["github.sha"]}-4711-2`;
/** What a cache's tag tells of the variant: its Dockerfile and how its layers are written. */
const variantOf = (dockerfile: string, output: string) =>
  createHash("sha256").update(`${dockerfile}\n${output}`).digest("hex").slice(0, 8);
const cacheOf = (output: string, dockerfile = "pipeline/image/Dockerfile") =>
  `${REPOSITORY}:cache-custom-kubernetes-${variantOf(dockerfile, output)}-main`;
const CACHE = cacheOf("default");

let scratch: Scratch;
let docker: FakeDocker;

beforeEach(() => {
  scratch = new Scratch();
  docker = new FakeDocker(scratch);
  scratch.write("pipeline/image/Dockerfile", "FROM scratch\n");
});
afterEach(() => scratch.remove());

/** Runs build.sh with the environment that the workflow gives to its job. */
function build(inputs: Readonly<Record<string, string>> = {}, env: Readonly<Record<string, string>> = {}) {
  const job = envOf(ENVIRONMENT, "custom-kubernetes", {
    "github.workspace": scratch.folder,
    "vars.BUILDX_DEMO_IMAGE_REPOSITORY": REPOSITORY,
    ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`inputs.${name}`, value])),
  });
  return run("bash", [script("build.sh")], { cwd: scratch.folder, env: { ...scratch.env, ...job, ...env } });
}

const record = (name: string) => scratch.path(".record", name);

/** The one call of docker, its time of creation as TIME. */
function call(): string[] {
  const [only, ...others] = docker.calls;
  if (!only || others.length > 0) throw new Error(`docker was called ${docker.calls.length} times`);
  return only.map((argument) =>
    argument.replace(/(created=)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, "$1TIME"),
  );
}

const expected = (output: string, ...options: string[]) => [
  "buildx",
  "build",
  "--builder",
  "build-4711-2-custom-kubernetes",
  "--file",
  "pipeline/image/Dockerfile",
  "--build-arg",
  `REVISION=${CONTEXT["github.sha"]}`,
  "--label",
  "org.opencontainers.image.source=https://github.example/acme/images",
  "--label",
  `org.opencontainers.image.revision=${CONTEXT["github.sha"]}`,
  "--label",
  "org.opencontainers.image.created=TIME",
  "--output",
  output,
  "--metadata-file",
  record("metadata.json"),
  "--progress=rawjson",
  ...options,
  "pipeline/image",
];

test("without a cache nothing is taken from one", async () => {
  expect(await build()).toEqual({ code: 0, stdout: "", stderr: "" });
  expect(call()).toEqual(
    expected(`type=image,"name=${REPOSITORY}:${TAG}",push=true`, "--no-cache", "--provenance=false"),
  );
});

test("with the local cache it takes what its builder kept, downloads too, and nothing from a registry", async () => {
  expect((await build({ cache: "local" })).code).toBe(0);
  expect(call()).toEqual(
    expected(
      `type=image,"name=${REPOSITORY}:${TAG}",push=true`,
      "--build-arg",
      "KEEP_WHEELS=1",
      "--provenance=false",
    ),
  );
});

test("with the inline cache the image carries it, under the cache's tag too", async () => {
  expect((await build({ cache: "inline" })).code).toBe(0);
  expect(call()).toEqual(
    expected(
      `type=image,"name=${REPOSITORY}:${TAG},${CACHE}",push=true`,
      "--cache-from",
      `type=registry,ref=${CACHE}`,
      "--cache-to",
      "type=inline",
      "--provenance=false",
    ),
  );
});

test.each([
  ["registry", "max", "all layers go"],
  ["registry-min", "min", "those of the image go"],
])("with the cache %s, mode=%s, %s to the cache's tag", async (cache, mode) => {
  expect((await build({ cache })).code).toBe(0);
  expect(call()).toEqual(
    expected(
      `type=image,"name=${REPOSITORY}:${TAG}",push=true`,
      "--cache-from",
      `type=registry,ref=${CACHE}`,
      "--cache-to",
      `type=registry,ref=${CACHE},mode=${mode},image-manifest=true,oci-mediatypes=true`,
      "--provenance=false",
    ),
  );
});

test.each([
  "compression=zstd,force-compression=true",
  "compression=zstd,compression-level=3,oci-mediatypes=true",
  "compression=uncompressed",
  "compression=gzip,compression-level=9",
  "compression=estargz,rewrite-timestamp=true",
  VARIANTS.fast.output,
])("output %s is handed to the image exporter", async (output) => {
  expect(output).toMatch(OUTPUT_PATTERN);
  expect((await build({ output })).code).toBe(0);
  expect(call()).toContain(`type=image,"name=${REPOSITORY}:${TAG}",push=true,${output}`);
});

test.each([
  ["false", "--provenance=false"],
  ["min", "--provenance=mode=min"],
  ["max", "--provenance=mode=max"],
])("provenance %s is %s", async (provenance, option) => {
  expect((await build({ provenance })).code).toBe(0);
  expect(call().filter((argument) => argument.startsWith("--provenance"))).toEqual([option]);
});

const caches = () => call().filter((_, i, all) => ["--cache-from", "--cache-to"].includes(all[i - 1] ?? ""));

test("the cache's layers are written as the image's are, so that both have the same", async () => {
  const { output } = VARIANTS.fast;
  const compression = output.replace(",oci-mediatypes=true", "");
  expect(compression).toMatch(/^compression=zstd,compression-level=\d$/);
  expect((await build({ cache: "registry-min", output })).code).toBe(0);
  expect(caches().at(-1)).toBe(
    `type=registry,ref=${cacheOf(output)},mode=min,image-manifest=true,oci-mediatypes=true,${compression}`,
  );
});

test.each([
  "compression=gzip,oci-mediatypes=false",
  "oci-mediatypes=false,compression=gzip,rewrite-timestamp=false",
  "rewrite-timestamp=true,compression=gzip,oci-mediatypes=true",
])("of %s the cache takes the compression alone: a manifest of a cache is OCI's", async (output) => {
  expect((await build({ cache: "registry", output })).code).toBe(0);
  expect(caches().at(-1)).toBe(
    `type=registry,ref=${cacheOf(output)},mode=max,image-manifest=true,oci-mediatypes=true,compression=gzip`,
  );
});

/** Tags of the caches that a build on this branch reads and writes. */
async function cacheTags(branch: string) {
  expect((await build({ cache: "registry" }, { GITHUB_REF_NAME: branch })).code).toBe(0);
  const tags = caches().map((cache) => /:cache-custom-kubernetes-[0-9a-f]{8}-([^,]+)/.exec(cache)?.[1] ?? "");
  return { read: tags.slice(0, -1), written: tags.at(-1) ?? "" };
}

test("a branch writes a cache of its own, and reads the default branch's after it", async () => {
  expect(await cacheTags("speed-2.0_x")).toEqual({ read: ["speed-2.0_x", "main"], written: "speed-2.0_x" });
});

test.each([
  ["feature/speed", /^feature-speed-[0-9a-f]{8}$/],
  ["a".repeat(61), /^a{51}-[0-9a-f]{8}$/],
  ["größe", /^gr[-]+e-[0-9a-f]{8}$/],
])("the cache of branch %s has a tag that a registry takes", async (branch, pattern) => {
  const { read, written } = await cacheTags(branch);
  expect(written).toMatch(pattern);
  expect(read).toEqual([written, "main"]);
});

test("branches that a tag cannot tell apart have different caches", async () => {
  const one = (await cacheTags("a/b")).written;
  scratch.remove();
  scratch = new Scratch();
  docker = new FakeDocker(scratch);
  scratch.write("pipeline/image/Dockerfile", "FROM scratch\n");
  const other = (await cacheTags("a+b")).written;
  expect([one, other].map((tag) => tag.slice(0, 4))).toEqual(["a-b-", "a-b-"]);
  expect(one).not.toBe(other);
});

/** The tags of the cache that a build with these inputs reads and writes, all of them. */
async function cacheTagsOf(inputs: Readonly<Record<string, string>>, branch = "main") {
  scratch.remove();
  scratch = new Scratch();
  docker = new FakeDocker(scratch);
  for (const name of ["pipeline/image/Dockerfile", "pipeline/image/Dockerfile.original"])
    scratch.write(name, "FROM scratch\n");
  expect((await build({ cache: "registry-min", ...inputs }, { GITHUB_REF_NAME: branch })).code).toBe(0);
  return [
    ...call()
      .join("\n")
      .matchAll(/(?<=:)cache-[^,"\n]+/g),
  ].map(([tag]) => tag);
}

test("variants that take turns have caches of their own, whatever the cache", async () => {
  const inputs = [
    { image: "pipeline/image", output: "default" },
    { image: "pipeline/image", output: VARIANTS.fast.output },
    { image: "pipeline/image/Dockerfile.original", output: "default" },
  ];
  const tags = new Set<string>();
  for (const input of inputs) {
    for (const cache of ["inline", "registry-min", "registry"]) {
      const [tag = "", ...others] = new Set(await cacheTagsOf({ ...input, cache }));
      expect(others).toEqual([]);
      tags.add(tag);
    }
  }
  expect(tags.size).toBe(inputs.length);
});

test.each(["pipeline/image", "pipeline/image/", "pipeline/image/Dockerfile"])(
  "the cache of %s is that of its Dockerfile",
  async (image) => {
    expect(new Set(await cacheTagsOf({ image }))).toEqual(
      new Set([`cache-custom-kubernetes-${variantOf("pipeline/image/Dockerfile", "default")}-main`]),
    );
  },
);

test("the longest tag of a cache is one that a registry takes, with the prefix that lifecycle rules know", async () => {
  const inputs = {
    output: "compression=zstd,compression-level=22,force-compression=true,oci-mediatypes=true",
  };
  const tags = await cacheTagsOf(inputs, `feature/${"ä".repeat(200)}`);
  expect(tags.length).toBe(3);
  for (const tag of tags) {
    expect(tag).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/);
    expect(tag.startsWith(CACHE_TAG_PREFIX)).toBe(true);
  }
  // Of the configuration with the longest name.
  const longest = Math.max(...CONFIGURATIONS.map(({ length }) => length)) - "custom-kubernetes".length;
  expect(Math.max(...tags.map(({ length }) => length)) + longest).toBeLessThanOrEqual(128);
});

test("another folder is Dockerfile and context", async () => {
  scratch.write("services/api/Dockerfile", "FROM scratch\n");
  expect((await build({ image: "services/api" })).code).toBe(0);
  expect(call()).toContain("services/api/Dockerfile");
  expect(call().at(-1)).toBe("services/api");
});

test("another Dockerfile has its folder as context", async () => {
  scratch.write("pipeline/image/Dockerfile.original", "FROM scratch\n");
  expect((await build({ image: "pipeline/image/Dockerfile.original" })).code).toBe(0);
  expect(call()).toContain("pipeline/image/Dockerfile.original");
  expect(call().at(-1)).toBe("pipeline/image");
});

test("keeps what BuildKit said, and when the build started and ended", async () => {
  docker.answer("build", { stderr: '{"vertexes":[]}\n' });
  const before = Date.now();
  expect((await build()).code).toBe(0);
  expect(readFileSync(record("progress.rawjson"), "utf8")).toBe('{"vertexes":[]}\n');
  const [started, finished] = ["started", "finished"].map((name) =>
    Date.parse(readFileSync(record(name), "utf8").trim()),
  );
  expect(started).toBeGreaterThanOrEqual(before - 1);
  expect(finished).toBeGreaterThanOrEqual(started ?? Number.NaN);
  expect(finished).toBeLessThanOrEqual(Date.now() + 1);
});

const OUTPUT_RULE =
  "output must be default or attributes of layers such as compression=zstd,compression-level=3,force-compression=true";

test.each([
  ["image", "--help", "image must be a folder of this repository, or the path of a Dockerfile; got '--help'"],
  ["image", "../x", "image must be a folder of this repository, or the path of a Dockerfile; got '../x'"],
  [
    "image",
    "pipeline/image/../../x",
    "image must be a folder of this repository, or the path of a Dockerfile; got 'pipeline/image/../../x'",
  ],
  ["image", "/etc", "image must be a folder of this repository, or the path of a Dockerfile; got '/etc'"],
  ["image", "", "image must be a folder of this repository, or the path of a Dockerfile; got ''"],
  [
    "image",
    "https://x.example/y.git",
    "image must be a folder of this repository, or the path of a Dockerfile; got 'https://x.example/y.git'",
  ],
  ["image", "nowhere", "there is no nowhere in this commit"],
  ["image", "pipeline/image/Dockerfile.other", "there is no pipeline/image/Dockerfile.other in this commit"],
  ["output", "type=local,dest=/", `${OUTPUT_RULE}; got 'type=local,dest=/'`],
  ["output", "type=local,dest=x", `${OUTPUT_RULE}; got 'type=local,dest=x'`],
  ["output", "push=false", `${OUTPUT_RULE}; got 'push=false'`],
  ["output", "compression=zstd,name=other", `${OUTPUT_RULE}; got 'compression=zstd,name=other'`],
  ["output", "compression=zstd --push", `${OUTPUT_RULE}; got 'compression=zstd --push'`],
  ["output", "", `${OUTPUT_RULE}; got ''`],
  ["cache", "gha", "cache must be none, local, inline, registry-min or registry; got 'gha'"],
  ["provenance", "true", "provenance must be false, min or max; got 'true'"],
  ["round", "0", "round must be a number from 1; got '0'"],
  ["round", "two", "round must be a number from 1; got 'two'"],
  ["experiment", "", "experiment must be a name; got nothing"],
])("%s %j is refused before anything is built", async (input, value, problem) => {
  expect(await build({ [input]: value })).toEqual({
    code: 2,
    stdout: `::error::${problem}\n`,
    stderr: "",
  });
  expect(docker.calls).toEqual([]);
  expect(existsSync(record(""))).toBe(false);
  // An environment may not say it either, nor the experiment's program; a file that is missing only the job can see.
  const rule = { image: IMAGE_PATTERN, output: OUTPUT_PATTERN }[input];
  if (rule !== undefined && !problem.startsWith("there is no")) expect(value).not.toMatch(rule);
});

test("a repository variable that is not set is refused with what sets it", async () => {
  const { code, stdout } = await build({}, { REPOSITORY_URL: "" });
  expect(code).toBe(2);
  expect(stdout).toBe(
    "::error::the repository variable of the image repository is not set. Set it: npx buildx-on-eks workflow demo --variables outputs.json\n",
  );
  expect(docker.calls).toEqual([]);
});

test("all that is wrong is one line, also where a value brings a line break of its own", async () => {
  const { code, stdout } = await build({
    image: "x\n::add-path::/evil",
    output: "100%\r\n::stop-commands::x",
    cache: "all",
  });
  expect(code).toBe(2);
  expect(stdout).toBe(
    `::error::image must be a folder of this repository, or the path of a Dockerfile; got 'x%0A::add-path::/evil'; ${OUTPUT_RULE}; got '100%25%0D%0A::stop-commands::x'; cache must be none, local, inline, registry-min or registry; got 'all'\n`,
  );
  expect(docker.calls).toEqual([]);
});

const log = (text: string) => JSON.stringify({ logs: [{ data: Buffer.from(text).toString("base64") }] });

test("a failed build keeps its record, prints the last words and returns docker's code", async () => {
  const lines = [
    log(`${Array.from({ length: 100 }, (_, i) => `line ${i}`).join("\n")}\n`),
    JSON.stringify({ vertexes: [{ digest: "sha256:1", error: "process did not complete: exit code: 7" }] }),
    "17",
    "ERROR: failed to build: failed to solve",
  ];
  docker.answer("build", { stderr: `${lines.join("\n")}\n`, code: 23 });
  const { code, stdout, stderr } = await build();
  expect(code).toBe(23);
  expect(stderr).toBe("");
  const said = stdout.trimEnd().split("\n");
  expect(said[0]).toBe("::error::docker buildx build ended with code 23; its last words:");
  expect(said).toHaveLength(61);
  expect(said.slice(-4)).toEqual([
    "line 99",
    "process did not complete: exit code: 7",
    "17",
    "ERROR: failed to build: failed to solve",
  ]);
  expect(readFileSync(record("progress.rawjson"), "utf8")).toBe(`${lines.join("\n")}\n`);
  expect(existsSync(record("finished"))).toBe(true);
});
