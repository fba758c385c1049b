import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const IMAGE = resolve(__dirname, "../../../pipeline/image");

interface Instruction {
  readonly name: string;
  readonly value: string;
}

/** Instructions with their continuation lines joined and comments left out. */
function instructionsOf(text: string): Instruction[] {
  const lines = text.split("\n").filter((line) => line.trim() && !line.trimStart().startsWith("#"));
  return lines
    .join("\n")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .map((line) => {
      const [name = "", ...rest] = line.split(" ");
      return { name, value: rest.join(" ") };
    });
}

interface Stage {
  readonly name: string;
  readonly from: string;
  readonly instructions: readonly Instruction[];
}

function stagesOf(instructions: readonly Instruction[]): Stage[] {
  const stages: { name: string; from: string; instructions: Instruction[] }[] = [];
  for (const one of instructions) {
    const [from = "", , name = ""] = one.value.split(" ");
    if (one.name === "FROM") stages.push({ name, from, instructions: [] });
    else stages.at(-1)?.instructions.push(one);
  }
  return stages;
}

const valuesOf = (instructions: readonly Instruction[], name: string) =>
  instructions.filter((one) => one.name === name).map((one) => one.value);

describe.each([
  ["Dockerfile.original", "ubuntu:24.04", "3.12"],
  ["allennlp/Dockerfile", "ubuntu:20.04", "3.9"],
])("%s", (file, base, python) => {
  const folder = dirname(file);
  const text = readFileSync(join(IMAGE, file), "utf8");
  const instructions = instructionsOf(text);
  const of = (name: string) => valuesOf(instructions, name);

  test("starts with the syntax line", () => {
    expect(text.split("\n")[0]).toBe("# syntax=docker/dockerfile:1");
  });

  test("holds only instructions that BuildKit knows", () => {
    const known = ["ARG", "FROM", "RUN", "ENV", "WORKDIR", "COPY", "LABEL", "USER", "ENTRYPOINT", "CMD"];
    expect(instructions.filter((one) => !known.includes(one.name))).toEqual([]);
  });

  test("names its base by release, replaceable by a digest", () => {
    expect(of("ARG")[0]).toBe(`BASE=${base}`);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Dockerfile syntax, not a template
    expect(of("FROM")).toEqual(["${BASE}"]);
    expect(of("LABEL").join()).toContain(`base.name="docker.io/library/${base}"`);
  });

  test("installs from the lock by hash, keeps no cache and no package lists", () => {
    const installs = of("RUN").filter((run) => run.includes("-r requirements.txt"));
    expect(installs).toHaveLength(1);
    expect(installs[0]).toContain("--require-hashes");
    const pips = of("RUN").filter((run) => run.includes("pip install"));
    expect(pips.filter((run) => !run.includes("--no-cache-dir"))).toEqual([]);
    const apt = of("RUN").filter((run) => run.includes("apt-get install"));
    expect(apt).toHaveLength(1);
    expect(apt[0]).toContain("--no-install-recommends");
    expect(apt[0]).toContain("rm -rf /var/lib/apt/lists/*");
    expect(apt[0]).toContain(`python${python}-venv`);
  });

  test("copies only what is there and what .dockerignore lets through", () => {
    const allowed = readFileSync(join(IMAGE, folder, ".dockerignore"), "utf8").split("\n");
    for (const copy of of("COPY")) {
      const source = (copy.split(" ")[0] ?? "").replace(/\/$/, "");
      expect(existsSync(join(IMAGE, folder, source))).toBe(true);
      expect(allowed).toContain(`!${source}`);
    }
  });

  test("runs as a user that it made, not as root", () => {
    expect(of("USER")).toEqual(["10001:10001"]);
    expect(of("RUN").join("\n")).toContain("useradd --uid 10001");
    const after = instructions.slice(instructions.findIndex((one) => one.name === "USER"));
    expect(after.map((one) => one.name)).not.toContain("RUN");
  });
});

test("the original way leaves the packages' layer as it is when the code changes", () => {
  const instructions = instructionsOf(readFileSync(join(IMAGE, "Dockerfile.original"), "utf8"));
  const install = instructions.findIndex((one) => one.value.includes("--require-hashes"));
  const code = instructions.findIndex((one) => one.name === "COPY" && one.value.startsWith("app/"));
  const revision = instructions.findIndex((one) => one.value.startsWith("REVISION="));
  expect(install).toBeGreaterThan(0);
  expect(code).toBeGreaterThan(install);
  expect(revision).toBeGreaterThan(code);
});

describe("Dockerfile, the fast way", () => {
  const text = readFileSync(join(IMAGE, "Dockerfile"), "utf8");
  const [, script = ""] = /<<'EOF' \/install-layer\n(.*?)\nEOF\n/s.exec(text) ?? [];
  const instructions = instructionsOf(text.replace(script, ""));
  const stages = stagesOf(instructions);
  const layers = readdirSync(join(IMAGE, "layers")).map((name) => name.replace(".txt", ""));
  const final = stages.at(-1)?.instructions ?? [];

  test("fetches no frontend before it begins", () => {
    expect(text).not.toMatch(/^#\s*syntax=/m);
  });

  test("names base and installer by release, each replaceable", () => {
    const args = instructions.slice(
      0,
      instructions.findIndex((one) => one.name === "FROM"),
    );
    expect(args.map((one) => one.value)).toEqual([
      "BASE=ubuntu:24.04",
      expect.stringMatching(/^UV_VERSION=\d+\.\d+\.\d+$/),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Dockerfile syntax, not a template
      "INSTALLER=ghcr.io/astral-sh/uv:${UV_VERSION}",
    ]);
    expect(valuesOf(instructions, "LABEL").join()).toContain('base.name="docker.io/library/ubuntu:24.04"');
  });

  test("installs as the lock was resolved: its platform, wheels only, by hash, nothing beside it", () => {
    const lock = readFileSync(join(IMAGE, "requirements.txt"), "utf8");
    const platform = /--python-platform (\S+)/.exec(lock)?.[1];
    expect(valuesOf(instructions, "ARG")).toContain(`PLATFORM=${platform}`);
    const [, command = ""] = /(uv pip install .*?"\$@")/s.exec(script) ?? [];
    for (const flag of ["--no-config", "--no-deps", "--require-hashes", "--only-binary :all:"]) {
      expect(command).toContain(flag);
    }
    expect(script).toContain("--prefix /layer/opt/venv");
    expect(command).toContain('--python-platform "$PLATFORM"');
  });

  test("writes the same bytes each time: fixed times, ordered sets, bytecode that does not know the time", () => {
    expect(script).toContain('at="--no-dereference --date=@315532800"');
    // Files, and the folders that the image had already.
    expect(script).toContain("find /layer -exec touch $at {} +");
    expect(script).toContain('touch $at "$2"');
    expect(script).toContain("PYC_INVALIDATION_MODE=CHECKED_HASH PYTHONHASHSEED=0");
    expect(script).not.toContain("SOURCE_DATE_EPOCH");
  });

  test("leaves nothing of uv in a layer, neither its cache nor its lock", () => {
    expect(script).toContain("--no-cache --link-mode hardlink");
    expect(script).toContain("--cache-dir /wheels --link-mode copy");
    expect(script).toContain("TMPDIR=/layer");
    expect(script).toContain("rm -f /layer/opt/venv/.lock");
  });

  test("compiles no bytecode and keeps no wheels unless told otherwise", () => {
    expect(valuesOf(instructions, "ARG")).toEqual(
      expect.arrayContaining(["COMPILE_BYTECODE=0", "KEEP_WHEELS=0", "UV_DEFAULT_INDEX"]),
    );
  });

  /** Layers that these instructions install, each with where it goes. */
  const installsOf = (own: readonly Instruction[]) =>
    valuesOf(own, "RUN").map((run) => {
      expect(run).toContain("--mount=type=bind,from=installer,target=/installer");
      const [, layer = "", target = ""] =
        /source=layers\/(\d\d)\.txt,target=\/layer\.txt .*\/installer\/install-layer \/layer\.txt (\S+)$/.exec(
          run,
        ) ?? [];
      return { layer, target };
    });
  const linked = stages
    .filter(({ name }) => name.startsWith("layer-"))
    .map(({ name }) => name.replace("layer-", ""));

  test("installs large layers straight into the image, where nothing copies them", () => {
    const straight = layers.filter((layer) => !linked.includes(layer));
    expect(straight.length).toBeGreaterThan(0);
    expect(installsOf(final)).toEqual(straight.map((layer) => ({ layer, target: "/" })));
    expect(stages.at(-1)?.from).toBe("runtime");
  });

  test("makes small layers in stages of their own that need no other layer", () => {
    expect(linked.length).toBeGreaterThan(0);
    for (const layer of linked) {
      const stage = stages.find(({ name }) => name === `layer-${layer}`);
      expect(stage?.from).toBe("runtime");
      expect(stage?.instructions.map(({ name }) => name)).toEqual(["RUN"]);
      expect(installsOf(stage?.instructions ?? [])).toEqual([{ layer, target: "/layer" }]);
    }
  });

  test("links the small layers upon the large ones, then the code, and names the revision last", () => {
    expect(valuesOf(final, "COPY")).toEqual([
      ...linked.map((layer) => `--link --from=layer-${layer} /layer/ /`),
      "--link app/ /srv/app/",
    ]);
    const copy = final.findIndex((one) => one.name === "COPY");
    const revision = final.findIndex((one) => one.value.startsWith("REVISION="));
    expect(final.slice(revision).map((one) => one.name)).toEqual(["ARG", "LABEL", "USER", "ENTRYPOINT"]);
    // A RUN would make BuildKit put the linked layers together on the disk.
    expect(final.slice(copy, revision).map((one) => one.name)).not.toContain("RUN");
  });

  test("has its venv at one place in the image and the layers, so that bin/ names the right Python", () => {
    const runtime = stages.find(({ name }) => name === "runtime")?.instructions ?? [];
    expect(valuesOf(runtime, "RUN").join()).toContain("python3.12 -m venv --without-pip /opt/venv");
    expect(script).toContain("--python /opt/venv/bin/python");
    expect(valuesOf(runtime, "ENV").join()).toContain("PATH=/opt/venv/bin:$PATH");
  });

  test("ends like the original: same user, command, folder and labels", () => {
    const original = instructionsOf(readFileSync(join(IMAGE, "Dockerfile.original"), "utf8"));
    for (const name of ["USER", "ENTRYPOINT", "LABEL", "WORKDIR"]) {
      expect(valuesOf(instructions, name)).toEqual(valuesOf(original, name));
      expect(valuesOf(original, name)).toHaveLength(1);
    }
    expect(valuesOf(instructions, "RUN").join()).toContain("useradd --uid 10001 ");
  });
});

test("both ways install the same packages, by the same hashes", () => {
  const entries = (...path: string[]) =>
    readFileSync(join(IMAGE, ...path), "utf8")
      .split("\n")
      .filter((line) => line.trim() && !line.trim().startsWith("#"))
      .join("\n")
      .split(/\n(?=\S)/);
  const layers = readdirSync(join(IMAGE, "layers")).flatMap((name) => entries("layers", name));
  expect(layers.sort()).toEqual(entries("requirements.txt").sort());
});

test("the context holds what both ways use, and nothing that is measured or written about", () => {
  const rules = readFileSync(join(IMAGE, ".dockerignore"), "utf8").split("\n");
  expect(rules.filter((line) => line && !line.startsWith("#"))).toEqual([
    "*",
    "!requirements.txt",
    "!layers",
    "!app",
    "**/__pycache__",
  ]);
});
