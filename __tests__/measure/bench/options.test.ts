import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommanderError } from "commander";
import { afterEach, describe, expect, test } from "vitest";
import { type BenchOptions, benchCommand, describeChoices } from "../../../measure/bench/options";
import { InvalidInput } from "../../../util/invalid-input";

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function read(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<BenchOptions> {
  let read: BenchOptions | undefined;
  const command = benchCommand(
    env,
    async (options) => {
      read = options;
    },
    () => undefined,
  );
  command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  await command.parseAsync([...words], { from: "user" });
  if (read === undefined) throw new Error("the command did not run");
  return read;
}

async function refusal(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<readonly string[]> {
  const error: unknown = await read(words, env).catch((reason: unknown) => reason);
  if (!(error instanceof InvalidInput)) throw new Error(`not refused: ${String(error)}`);
  return error.problems;
}

function context(): string {
  const folder = mkdtempSync(join(tmpdir(), "bench-options-"));
  folders.push(folder);
  writeFileSync(join(folder, "Dockerfile"), "FROM scratch\n");
  return folder;
}

test("compares the original with the fast path at the small size unless told otherwise", async () => {
  const options = await read([]);
  expect(options.source).toEqual({ kind: "size", size: "small" });
  expect(options.variants.map(({ label }) => label)).toEqual(["original", "fast"]);
  expect(options.scenarios).toEqual(["cold", "unchanged", "code-change"]);
  expect(options.link).toBeUndefined();
  expect(options.rounds).toBe(3);
});

test("reads a link as bytes per second and round trip", async () => {
  const options = await read(["--link", "500mbit/20ms"]);
  expect(options.link).toEqual({ bytesPerSecond: 62.5e6, roundTripMs: 20 });
  expect(options.linkName).toBe("500mbit/20ms");
});

test.each(["500mbit", "500/20ms", "fast", "1kbit/5ms", "-5mbit/2ms"])("refuses the link %s", async (link) => {
  const [problem, ...others] = await refusal(["--link", link]);
  expect(problem).toContain(`got "${link}"`);
  expect(others).toEqual([]);
});

test("says all problems at once", async () => {
  const problems = await refusal([
    ...["--scenarios", "cold,code-chang", "--variants", "quick", "--link", "x", "--python", "2.7"],
    ...["--index", "nowhere", "--file", "Dockerfile"],
  ]);
  expect(problems).toHaveLength(6);
  expect(problems.join("\n")).toContain('got "code-chang". Did you mean "code-change"?');
});

test.each([
  ["--rounds", "0"],
  ["--rounds", "1.5"],
  ["--seed", "-1"],
  ["--size", "huge"],
  ["--format", "pdf"],
])("refuses %s %s", async (option, value) => {
  await expect(read([option, value])).rejects.toBeInstanceOf(CommanderError);
});

test("refuses a scenario that is named twice", async () => {
  expect(await refusal(["--scenarios", "cold,cold"])).toEqual(["--scenarios names cold twice"]);
});

test("takes a context of the user's own", async () => {
  const folder = context();
  const options = await read(["--context", folder]);
  expect(options.source).toEqual({
    ...{ kind: "own", context: folder, dockerfile: join(folder, "Dockerfile") },
    inputs: { buildArgs: [], target: undefined, secrets: [] },
  });
  expect(options.scenarios).toEqual(["cold", "unchanged"]);
});

test("takes a Dockerfile for each variant, under names of the user's", async () => {
  const folder = context();
  writeFileSync(join(folder, "Dockerfile.fast"), "FROM scratch\n");
  const [before, after] = [join(folder, "Dockerfile"), join(folder, "Dockerfile.fast")];
  const words = `before=${before},after=${after}+compression=zstd`;
  const { variants } = await read(["--context", folder, "--variants", words]);
  expect(
    variants.map(({ label, dockerfile, settings }) => [label, dockerfile, settings.compression]),
  ).toEqual([
    ["before", before, "gzip"],
    ["after", after, "zstd:3"],
  ]);
  expect(await refusal(["--variants", words])).toEqual([
    "--variants: NAME=DOCKERFILE belongs to --context; name the folder too",
  ]);
  expect(
    await refusal([
      ...["--context", folder, "--file", before],
      ...["--variants", `fast,after=${folder}/none,third=${after}+layers=one`],
    ]),
  ).toEqual([
    "--file and --variants NAME=DOCKERFILE both name a Dockerfile; leave --file out",
    `--variants: the Dockerfile of after must be a file, from where you stand; there is no file ${folder}/none.`,
    "--variants names Dockerfiles for all or for none",
  ]);
});

test("refuses what a context of the user's own cannot have", async () => {
  const problems = await refusal([
    ...["--context", context(), "--size", "small", "--scenarios", "code-change"],
    ...["--variants", "fast+layers=one,fast+compression=gzip"],
  ]);
  expect(problems).toEqual([
    "--size and --context name two workloads; give one of them",
    '--scenarios must be of cold, unchanged, warm for a context of your own; got "code-change".',
    '--variants: with --context only compression, force, cache, concurrency can vary, the Dockerfile decides the rest; got "fast+layers=one"',
  ]);
});

test("refuses a context that is not there", async () => {
  expect(await refusal(["--context", "/no/such/folder"])).toEqual([
    "--context must be a folder, from where you stand; there is no folder /no/such/folder",
  ]);
});

test("takes build arguments, a target and secrets for a Dockerfile of the user's own", async () => {
  const words = [
    ...["--build-arg", "A=1=2", "--build-arg", "B", "--target", "prod"],
    ...["--secret", "id=token,env=TOKEN", "--secret", "id=TOKEN"],
  ];
  const options = await read(["--context", context(), ...words], { B: "", TOKEN: "x" });
  expect(options.source).toMatchObject({
    inputs: { buildArgs: ["A=1=2", "B"], target: "prod", secrets: ["id=token,env=TOKEN", "id=TOKEN"] },
  });
  expect(await refusal(words, { B: "" })).toEqual(
    ["--build-arg", "--target", "--secret"].map(
      (option) => `${option} belongs to --context; name the folder too`,
    ),
  );
});

test("refuses arguments and secrets that buildx would not find, and shows no value", async () => {
  const problems = await refusal([
    ...["--context", context(), "--build-arg", "=hunter2", "--build-arg", "NOT_SET", "--target", ""],
    ...["--secret", "src=/x", "--secret", "id=a,env=NOT_SET", "--secret", "id=b,src=/no/such"],
    ...["--secret", "id=c,type=env,src=NOT_SET"],
  ]);
  expect(problems).toEqual([
    "--build-arg must be NAME=value or NAME; got one without a name",
    "--build-arg NOT_SET takes the environment's value, and NOT_SET is not set; set it, or give NAME=value",
    "--target must be the name of a stage; got an empty one",
    "--secret must be id=NAME,env=VARIABLE or id=NAME,src=FILE; got one without an id",
    "--secret id=a: the environment variable NOT_SET is not set",
    "--secret id=b: src must be a file, from where you stand; there is no file /no/such",
    "--secret id=c: the environment variable NOT_SET is not set",
  ]);
});

describe("from the folder where the user stands", () => {
  const before = process.cwd();
  afterEach(() => process.chdir(before));

  function repository(): string {
    const folder = context();
    mkdirSync(join(folder, ".docker", "my web"), { recursive: true });
    writeFileSync(join(folder, ".docker", "my web", "Dockerfile"), "FROM scratch\n");
    return folder;
  }

  test("takes the context and a Dockerfile below it, in a dotted folder and one with a blank", async () => {
    const folder = repository();
    process.chdir(join(folder, ".docker"));
    const { source } = await read(["--context", "..", "--file", "my web/Dockerfile"]);
    const dockerfile = join(folder, ".docker", "my web", "Dockerfile");
    expect(source).toMatchObject({ context: folder, dockerfile });
  });

  test("takes the folder itself", async () => {
    const folder = repository();
    process.chdir(folder);
    expect((await read(["--context", "."])).source).toMatchObject({
      context: folder,
      dockerfile: join(folder, "Dockerfile"),
    });
  });

  test("refuses a Dockerfile that is named from the context, and says what to write", async () => {
    const folder = repository();
    process.chdir(join(folder, ".docker"));
    expect(await refusal(["--context", "..", "--file", "Dockerfile"])).toEqual([
      `--file must be a file, from where you stand; there is no file ${join(folder, ".docker", "Dockerfile")}. Did you mean "../Dockerfile"?`,
    ]);
  });

  test("refuses a folder in place of a Dockerfile", async () => {
    const folder = repository();
    process.chdir(folder);
    expect(await refusal(["--context", ".", "--file", ".docker"])).toEqual([
      `--file must be a file, from where you stand; there is no file ${join(folder, ".docker")}.`,
    ]);
  });
});

test("empties a builder of the user's only when told to", async () => {
  const remote = [
    "--builder",
    "eks",
    "--registry",
    "registry.test:5000",
    "--base",
    "python:3.13-slim",
    "--index",
    "pypi",
  ];
  expect(await refusal(remote)).toEqual([
    "the builder eks is not the bench's own: --prune allows to remove everything that it has cached (or use --scenarios warm alone)",
  ]);
  expect((await read([...remote, "--prune"])).prune).toBe(true);
  expect((await read([...remote, "--scenarios", "warm"])).prune).toBe(false);
});

test("refuses a loopback registry and index for a builder elsewhere", async () => {
  const problems = await refusal(["--prune"], { BUILDKIT_HOST: "tcp://builder.test:1234" });
  expect(problems).toEqual([
    "--registry must name one that the builder tcp://builder.test:1234 reaches",
    '--index must be pypi or a URL that the builder tcp://builder.test:1234 reaches; got "local"',
    "--base must name an image that the builder tcp://builder.test:1234 can pull",
  ]);
});

test("lets a builder on a socket of this machine use what the bench starts", async () => {
  const options = await read(["--prune"], { BUILDKIT_HOST: "unix:///run/buildkit/buildkitd.sock" });
  expect(options.registry).toBeUndefined();
});

test("refuses to shape the link to a registry that it did not start", async () => {
  expect(await refusal(["--registry", "127.0.0.1:5000", "--link", "1gbit/1ms"])).toEqual([
    "--link shapes the way to a registry that is started here; leave out --registry or --link",
  ]);
});

test("lists every scenario, axis and preset", () => {
  const text = describeChoices();
  for (const word of ["dependency-change:", "compression=gzip|zstd:1", "original:", "fast:"]) {
    expect(text).toContain(word);
  }
});
