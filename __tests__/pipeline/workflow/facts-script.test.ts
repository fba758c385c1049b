import { readdirSync, readFileSync, rmSync } from "node:fs";
import { cpus } from "node:os";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseFacts } from "../../../measure/record/facts";
import { loadOne } from "../../helpers/input";
import { FakeRegistry, REPOSITORY } from "../image/registry";
import { CONTEXT, envOf } from "./rendered";
import { FakeDocker, python, run, Scratch, script } from "./scripts";

const ENVIRONMENT = loadOne();
const LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";
const INSPECTED = `Name:          build-4711-2-custom-kubernetes
Driver:        kubernetes
Last Activity: 2026-11-21 07:08:31 +0000 UTC

Nodes:
Name:             build-4711-2-custom-kubernetes0
Endpoint:         kubernetes:///build
Status:           running
BuildKit version: v0.31.2
Platforms:        linux/amd64, linux/amd64/v2
`;

let scratch: Scratch;
let docker: FakeDocker;
let registry: FakeRegistry;
let digest: string;

beforeEach(async () => {
  scratch = new Scratch();
  docker = new FakeDocker(scratch);
  docker.answer("version", { stdout: "github.com/docker/buildx v0.37.2 1a2b3c4\n" });
  docker.answer("inspect", { stdout: INSPECTED });
  registry = await new FakeRegistry().start();
  registry.authorization = "none";
  const layers = [1000, 250].map((size) => registry.addBlob(Buffer.alloc(size, String(size)), LAYER));
  digest = registry.addImage(layers).digest;
  scratch.write(".record/started", "2026-11-21T07:00:00.000Z\n");
  scratch.write(".record/finished", "2026-11-21T07:05:00.500Z\n");
  scratch.write(".record/metadata.json", JSON.stringify({ "containerimage.digest": digest }));
});
afterEach(async () => {
  await registry.stop();
  scratch.remove();
});

type Job = "hosted-default" | "hosted-kubernetes" | "custom-kubernetes";

function jobEnv(job: Job): Record<string, string> {
  const vars = { "vars.BUILDX_DEMO_IMAGE_REPOSITORY": `${registry.host}/${REPOSITORY}` };
  return { ...envOf(ENVIRONMENT, job, vars), RECORD: scratch.path(".record") };
}

const facts = (job: Job = "custom-kubernetes", env: Readonly<Record<string, string>> = {}) =>
  run(python(), [script("facts.py")], { env: { ...scratch.env, ...jobEnv(job), ...env } });

function written() {
  const parsed = parseFacts(readFileSync(scratch.path(".record", "facts.json"), "utf8"));
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.facts;
}

/** Nothing but what was there: no facts.json, not even a part of one. */
function expectNothingWritten(): void {
  expect(readdirSync(scratch.path(".record")).filter((name) => name.startsWith("facts"))).toEqual([]);
}

describe("facts.json", () => {
  test("is what the experiment's program reads", async () => {
    expect(await facts()).toEqual({ code: 0, stdout: "", stderr: "" });
    const { machine, ...others } = written();
    expect(others).toEqual({
      schema: 1,
      environment: "demo",
      configuration: "custom-kubernetes",
      round: 3,
      experiment: "monday",
      cache: "none",
      output: "default",
      dockerfile: "pipeline/image",
      startedAt: "2026-11-21T07:00:00.000Z",
      finishedAt: "2026-11-21T07:05:00.500Z",
      limits: { cpus: 2, memoryBytes: 7 * 1024 ** 3 },
      versions: { buildx: "v0.37.2", buildkit: "v0.31.2" },
      image: {
        reference: `${registry.host}/${REPOSITORY}:custom-kubernetes-${CONTEXT["github.sha"]}-4711-2`,
        digest,
        compressedBytes: 1250,
        unpackedBytes: null,
        layers: [1000, 250],
      },
    });
    expect(machine).toMatchObject({ instanceType: "c5n.2xlarge", region: "us-west-2" });
    expect(docker.calls).toEqual([
      ["buildx", "version"],
      ["buildx", "inspect", "build-4711-2-custom-kubernetes"],
    ]);
  });

  test("names the machine that it runs on", async () => {
    expect((await facts("hosted-default")).code).toBe(0);
    const { machine } = written();
    expect(machine).toMatchObject({ cpus: cpus().length, instanceType: null, region: null });
    const [, kib] = /^MemTotal:\s+(\d+) kB/m.exec(readFileSync("/proc/meminfo", "utf8")) ?? [];
    expect(machine.memoryBytes).toBe(Number(kib) * 1024);
  });

  test("names the machine of the pod where that is another one", async () => {
    expect((await facts("hosted-kubernetes")).code).toBe(0);
    expect(written().machine).toEqual({
      cpus: 8,
      memoryBytes: 21 * 1024 ** 3,
      instanceType: "c5n.2xlarge",
      region: "us-west-2",
    });
  });

  test("has the unpacked size where it was measured, and fractions of a CPU", async () => {
    scratch.write(".record/size.json", JSON.stringify({ unpackedBytes: 4_000_000_000 }));
    expect((await facts("custom-kubernetes", { BUILD_CPUS: "2.5" })).code).toBe(0);
    expect(written()).toMatchObject({ image: { unpackedBytes: 4_000_000_000 }, limits: { cpus: 2.5 } });
  });

  test("measures the image of this build, whatever its tag has become", async () => {
    const other = registry.addBlob(Buffer.from("other"), LAYER);
    registry.addImage([other], `custom-kubernetes-${CONTEXT["github.sha"]}-4711-2`);
    expect((await facts()).code).toBe(0);
    expect(written().image).toMatchObject({ digest, compressedBytes: 1250 });
  });
});

describe("what is missing is one line, and nothing is written", () => {
  const expectProblem = async (
    problem: string | RegExp,
    env: Readonly<Record<string, string>> = {},
  ): Promise<void> => {
    const { code, stdout, stderr } = await facts("custom-kubernetes", env);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^::error::[^\n]+\n$/);
    expect(stderr.slice("::error::".length, -1)).toMatch(problem);
    expectNothingWritten();
  };

  test.each(["started", "finished", "metadata.json"])("%s of the build", async (name) => {
    rmSync(scratch.path(".record", name));
    const file = scratch.path(".record", name);
    await expectProblem(
      new RegExp(`^${file} cannot be read \\(No such file or directory\\): this runs after`),
    );
  });

  const metadata = (text: string) => () => scratch.write(".record/metadata.json", text);

  test.each<[string, () => unknown, RegExp]>([
    ["metadata that is no JSON", metadata("{"), /^a fact cannot be read: Expecting property name/],
    [
      "a digest, after a build that pushed nothing",
      metadata("{}"),
      /^containerimage\.digest is missing: this runs after build\.sh/,
    ],
    [
      "the image in the registry",
      metadata(JSON.stringify({ "containerimage.digest": `sha256:${"0".repeat(64)}` })),
      /measure\.py .* failed: measure\.py: .*HTTP 404/,
    ],
    [
      "the version of buildx",
      () => docker.answer("version", { stdout: "github.com/docker/buildx\n(devel)\n" }),
      /^no version of buildx in: github\.com\/docker\/buildx \(devel\)$/,
    ],
    [
      "the version of BuildKit, of a builder that did not boot",
      () => docker.answer("inspect", { stdout: "Name: x\nStatus: inactive\n" }),
      /^no version of BuildKit in: Name: x Status: inactive$/,
    ],
    [
      "the builder",
      () => docker.answer("inspect", { stderr: 'ERROR: no builder\n"x" found\n', code: 1 }),
      /^docker buildx inspect failed: ERROR: no builder "x" found$/,
    ],
  ])("%s", async (_, spoil, problem) => {
    spoil();
    await expectProblem(problem);
  });

  test("docker", async () => {
    await expectProblem(/^docker is not on the PATH: install it$/, { PATH: scratch.path("empty") });
  });

  test("a value that is no number", async () => {
    await expectProblem(/^a fact cannot be read: .*'two'/, { ROUND: "two" });
  });

  test("the workflow's environment", async () => {
    const { RECORD: _, ...env } = jobEnv("custom-kubernetes");
    const finished = await run(python(), [script("facts.py")], { env: { ...scratch.env, ...env } });
    expect(finished).toEqual({
      code: 1,
      stdout: "",
      stderr: "::error::RECORD is missing: this runs after build.sh in the experiment's workflow\n",
    });
    expectNothingWritten();
  });
});
