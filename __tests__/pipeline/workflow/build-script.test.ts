import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CONFIGURATIONS } from "../../../environment/configurations";
import { CACHE_TAG_PREFIX } from "../../../environment/names";
import { OUTPUT_PATTERN, PATH_PATTERN, VARIANTS } from "../../../environment/variants";
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

beforeEach(() => begin());
afterEach(() => scratch.remove());

function begin(): void {
  scratch = new Scratch();
  docker = new FakeDocker(scratch);
  for (const name of ["pipeline/image/Dockerfile", "pipeline/image/Dockerfile.original"])
    scratch.write(name, "FROM scratch\n");
}

/** Runs build.sh with the environment that the workflow gives to its job. */
function build(
  inputs: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
  environment = ENVIRONMENT,
) {
  const job = envOf(environment, "custom-kubernetes", {
    "vars.BUILDX_DEMO_IMAGE_REPOSITORY": REPOSITORY,
    ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`inputs.${name}`, value])),
  });
  return run("bash", [script("build.sh")], {
    cwd: scratch.folder,
    env: { ...scratch.env, ...job, RECORD: record(""), ...env },
  });
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
  ..."buildx build --builder build-4711-2-custom-kubernetes --file pipeline/image/Dockerfile".split(" "),
  ...["--build-arg", `REVISION=${CONTEXT["github.sha"]}`],
  ...["--label", "org.opencontainers.image.source=https://github.example/acme/images"],
  ...["--label", `org.opencontainers.image.revision=${CONTEXT["github.sha"]}`],
  ...["--label", "org.opencontainers.image.created=TIME"],
  ...["--output", output, "--metadata-file", record("metadata.json"), "--progress=rawjson"],
  ...options,
  "pipeline/image",
];

const IMPORT = ["--cache-from", `type=registry,ref=${CACHE}`];
const exportOf = (mode: string) => [
  ...IMPORT,
  "--cache-to",
  `type=registry,ref=${CACHE},mode=${mode},image-manifest=true,oci-mediatypes=true`,
];

test.each<[string, string, string[]]>([
  ["none", "", ["--no-cache"]],
  // What its builder kept, downloads too, and nothing from a registry.
  ["local", "", ["--build-arg", "KEEP_WHEELS=1"]],
  // The image has the cache in it, so it gets the cache's tag too.
  ["inline", `,${CACHE}`, [...IMPORT, "--cache-to", "type=inline"]],
  ["registry-min", "", exportOf("min")],
  ["registry", "", exportOf("max")],
])("cache %s: this call of docker and no other", async (cache, names, options) => {
  expect(await build({ cache })).toEqual({ code: 0, stdout: "", stderr: "" });
  const output = `type=image,"name=${REPOSITORY}:${TAG}${names}",push=true`;
  expect(call()).toEqual(expected(output, ...options, "--provenance=false"));
});

test.each([
  ["output", "compression=zstd,force-compression=true"],
  ["output", "compression=uncompressed"],
  ["output", "compression=estargz,rewrite-timestamp=true"],
  ["output", VARIANTS.fast.output],
  ["provenance", "min"],
  ["provenance", "max"],
])("%s %s reaches docker", async (input, value) => {
  if (input === "output") expect(value).toMatch(OUTPUT_PATTERN);
  expect((await build({ [input]: value })).code).toBe(0);
  expect(call()).toContain(
    input === "output"
      ? `type=image,"name=${REPOSITORY}:${TAG}",push=true,${value}`
      : `--provenance=mode=${value}`,
  );
});

const caches = () => call().filter((_, i, all) => ["--cache-from", "--cache-to"].includes(all[i - 1] ?? ""));

test.each([
  [VARIANTS.fast.output, "compression=zstd,compression-level=1"],
  ["compression=gzip,oci-mediatypes=false", "compression=gzip"],
  ["rewrite-timestamp=true,compression=gzip,oci-mediatypes=true", "compression=gzip"],
])(
  "of %s the cache takes the compression alone: its manifest is always OCI's",
  async (output, compression) => {
    expect((await build({ cache: "registry", output })).code).toBe(0);
    expect(caches().at(-1)).toBe(
      `type=registry,ref=${cacheOf(output)},mode=max,image-manifest=true,oci-mediatypes=true,${compression}`,
    );
  },
);

/** Tags of the caches that a build with these inputs reads and writes, the one that it writes last. */
async function cacheTagsOf(inputs: Readonly<Record<string, string>>, branch = "main") {
  scratch.remove();
  begin();
  expect((await build({ cache: "registry", ...inputs }, { GITHUB_REF_NAME: branch })).code).toBe(0);
  const tags = call()
    .join("\n")
    .matchAll(/(?<=:)cache-[^,"\n]+/g);
  return [...tags].map(([tag]) => tag);
}

/** The branches' part of the same tags. */
const branchesOf = async (branch: string) =>
  (await cacheTagsOf({}, branch)).map((tag) => tag.replace(/^cache-custom-kubernetes-[0-9a-f]{8}-/, ""));

test("a branch writes a cache of its own, and reads the default branch's after it", async () => {
  expect(await branchesOf("speed-2.0_x")).toEqual(["speed-2.0_x", "main", "speed-2.0_x"]);
});

test.each([
  ["feature/speed", /^feature-speed-[0-9a-f]{8}$/],
  ["a".repeat(61), /^a{51}-[0-9a-f]{8}$/],
  ["größe", /^gr[-]+e-[0-9a-f]{8}$/],
])("the cache of branch %s has a tag that a registry takes", async (branch, pattern) => {
  const own = expect.stringMatching(pattern);
  expect(await branchesOf(branch)).toEqual([own, "main", own]);
});

test("branches that a tag cannot tell apart have different caches", async () => {
  const tags = [await branchesOf("a/b"), await branchesOf("a+b")].map(([own = ""]) => own);
  expect(tags.map((tag) => tag.slice(0, 4))).toEqual(["a-b-", "a-b-"]);
  expect(new Set(tags).size).toBe(2);
});

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

test.each([
  ["services/api", "services/api/Dockerfile", "services/api"],
  ["pipeline/image/Dockerfile.original", "pipeline/image/Dockerfile.original", "pipeline/image"],
  ["apps/web (new)", "apps/web (new)/Dockerfile", "apps/web (new)"],
  [".docker/web/Dockerfile", ".docker/web/Dockerfile", ".docker/web"],
  [".", "./Dockerfile", "."],
])("image %s: the folder of its Dockerfile is the context", async (image, dockerfile, context) => {
  expect(image).toMatch(PATH_PATTERN);
  scratch.write(dockerfile, "FROM scratch\n");
  expect((await build({ image })).code).toBe(0);
  expect(call()).toContain(dockerfile);
  expect(call().at(-1)).toBe(context);
});

test("context: a folder above the Dockerfile", async () => {
  scratch.write("compose/production/web/Dockerfile", "FROM scratch\n");
  expect((await build({ image: "compose/production/web", context: "." })).code).toBe(0);
  expect(call()).toContain("compose/production/web/Dockerfile");
  expect(call().at(-1)).toBe(".");
});

const OWN = loadOne({
  build: {
    args: { BUILD_ENVIRONMENT: "production", WORDS: "a  'b' \"c\" $HOME" },
    target: "web",
    platforms: ["linux/amd64"],
    secrets: ["PIP_INDEX", "NPM_TOKEN"],
  },
});

test("the environment's arguments, target, platform and secrets reach docker as they are, values of secrets not", async () => {
  const secrets = { BUILD_SECRET_PIP_INDEX: "https://user:hidden-1@x", BUILD_SECRET_NPM_TOKEN: "hidden-2" };
  expect(await build({}, secrets, OWN)).toEqual({ code: 0, stdout: "", stderr: "" });
  const [none, ...settings] = [
    ["--progress=rawjson"],
    ["--build-arg", "BUILD_ENVIRONMENT=production"],
    ["--build-arg", `WORDS=a  'b' "c" $HOME`],
    ["--target", "web"],
    ["--platform", "linux/amd64"],
    ["--secret", "id=PIP_INDEX,env=BUILD_SECRET_PIP_INDEX"],
    ["--secret", "id=NPM_TOKEN,env=BUILD_SECRET_NPM_TOKEN"],
  ].flat();
  const at = call().indexOf(none ?? "");
  expect(call().slice(at + 1, at + 1 + settings.length)).toEqual(settings);
  expect(call().join(" ")).not.toContain("hidden");
});

test("what a RUN prints is in the job's log, and with secrets not in the record, which becomes an artifact", async () => {
  const vertex = JSON.stringify({ vertexes: [{ digest: "sha256:1", error: "exit code: 1" }] });
  docker.answer("build", { stderr: `${log("https://user:hidden-1@x\n")}\n${vertex}\n`, code: 1 });
  const secrets = { BUILD_SECRET_PIP_INDEX: "https://user:hidden-1@x", BUILD_SECRET_NPM_TOKEN: "x" };
  const { code, stdout } = await build({}, secrets, OWN);
  expect(code).toBe(1);
  expect(stdout).toContain("hidden-1");
  expect(readFileSync(record("progress.rawjson"), "utf8")).toBe(`{}\n${vertex}\n`);
});

test("a secret that the repository lacks is refused with what sets it", async () => {
  const { code, stdout } = await build({}, { BUILD_SECRET_PIP_INDEX: "", BUILD_SECRET_NPM_TOKEN: "x" }, OWN);
  expect(code).toBe(2);
  expect(stdout).toBe(
    "::error::the secret PIP_INDEX is not set in this repository. Set it: gh secret set PIP_INDEX\n",
  );
  expect(docker.calls).toEqual([]);
});

test("keeps what BuildKit said, and when the build started and ended", async () => {
  docker.answer("build", { stderr: '{"vertexes":[]}\n' });
  expect((await build()).code).toBe(0);
  expect(readFileSync(record("progress.rawjson"), "utf8")).toBe('{"vertexes":[]}\n');
  const [started = "", finished = ""] = ["started", "finished"].map((name) =>
    readFileSync(record(name), "utf8"),
  );
  expect(started).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\n$/);
  expect(finished >= started).toBe(true);
});

const IMAGE_RULE = "image must be a folder of this repository, or the path of a Dockerfile";
const OUTPUT_RULE =
  "output must be default or attributes of layers such as compression=zstd,compression-level=3,force-compression=true";
const CACHE_RULE = "cache must be none, local, inline, registry-min or registry";
/** Each of these values with the rule that it breaks. */
const broken = (input: string, rule: string, ...values: string[]) =>
  values.map((value) => [input, value, `${rule}; got '${value}'`] as const);

test.each([
  ...broken(
    "image",
    IMAGE_RULE,
    "--help",
    "../x",
    "pipeline/image/../../x",
    "/etc",
    "",
    "https://x.example/y",
  ),
  ["image", "nowhere", "there is no nowhere in this commit"] as const,
  ...broken("context", "context must be a folder of this repository", "-", "/", "..", "a/../../b", "x "),
  ["context", "nowhere", "there is no folder nowhere in this commit"] as const,
  ...broken("output", OUTPUT_RULE, "type=local,dest=/", "push=false", "compression=zstd,name=other"),
  ...broken("output", OUTPUT_RULE, "compression=zstd --push", ""),
  ...broken("cache", CACHE_RULE, "gha"),
  ...broken("provenance", "provenance must be false, min or max", "true"),
  ...broken("round", "round must be a number from 1", "0", "two"),
  ["experiment", "", "experiment must be a name; got nothing"] as const,
])("%s %j is refused before anything is built", async (input, value, problem) => {
  expect(await build({ [input]: value })).toEqual({
    code: 2,
    stdout: `::error::${problem}\n`,
    stderr: "",
  });
  expect(docker.calls).toEqual([]);
  expect(existsSync(record(""))).toBe(false);
  // An environment and the experiment's program refuse it too; only the job can see a missing file.
  const rule = { image: PATH_PATTERN, context: PATH_PATTERN, output: OUTPUT_PATTERN }[input];
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
    `::error::${IMAGE_RULE}; got 'x%0A::add-path::/evil'; ${OUTPUT_RULE}; got '100%25%0D%0A::stop-commands::x'; ${CACHE_RULE}; got 'all'\n`,
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
