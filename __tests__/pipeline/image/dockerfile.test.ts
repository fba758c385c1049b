import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const IMAGE = resolve(__dirname, "../../../pipeline/image");
const textOf = (path: string) => readFileSync(join(IMAGE, path), "utf8");

interface Instruction {
  readonly name: string;
  readonly value: string;
}

/** Instructions with their continuation lines joined and comments left out. */
function instructionsOf(text: string): Instruction[] {
  const lines = text.split("\n").filter((line) => line.trim() && !line.trimStart().startsWith("#"));
  const joined = lines.join("\n").replaceAll(/\\\n\s*/g, "");
  return joined.split("\n").map((line) => {
    const [name = "", ...rest] = line.split(" ");
    return { name, value: rest.join(" ") };
  });
}

const valuesOf = (instructions: readonly Instruction[], name: string) =>
  instructions.filter((one) => one.name === name).map((one) => one.value);

describe.each([
  ["Dockerfile.original", "ubuntu:24.04", "3.12"],
  ["allennlp/Dockerfile", "ubuntu:20.04", "3.9"],
])("%s", (file, base, python) => {
  const instructions = instructionsOf(textOf(file));
  const of = (name: string) => valuesOf(instructions, name);

  test("names its base by release, replaceable by a digest", () => {
    expect(of("ARG")[0]).toBe(`BASE=${base}`);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Dockerfile syntax, not a template
    expect(of("FROM")).toEqual(["${BASE}"]);
    expect(of("LABEL").join()).toContain(`base.name="docker.io/library/${base}"`);
  });

  test("installs from the lock by hash, keeps no cache and no package lists", () => {
    const pips = of("RUN").filter((run) => run.includes("pip install"));
    expect(pips.filter((run) => !run.includes("--no-cache-dir"))).toEqual([]);
    expect(pips.filter((run) => run.includes("--require-hashes -r requirements.txt"))).toHaveLength(1);
    const apt = of("RUN").filter((run) => run.includes("apt-get install"));
    expect(apt).toHaveLength(1);
    for (const part of ["--no-install-recommends", "rm -rf /var/lib/apt/lists/*", `python${python}-venv`]) {
      expect(apt[0]).toContain(part);
    }
  });

  test("copies only what is there and what .dockerignore lets through", () => {
    const folder = dirname(file);
    const allowed = textOf(join(folder, ".dockerignore")).split("\n");
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
  const values = instructionsOf(textOf("Dockerfile.original")).map(({ value }) => value);
  const order = ["--require-hashes", "app/ ", "REVISION="].map((part) =>
    values.findIndex((value) => value.includes(part)),
  );
  expect(order).not.toContain(-1);
  expect(order).toEqual([...order].sort((a, b) => a - b));
});

describe("Dockerfile, the fast way", () => {
  const text = textOf("Dockerfile");
  const [, script = ""] = /<<'EOF' \/install-layer\n(.*?)\nEOF\n/s.exec(text) ?? [];
  const instructions = instructionsOf(text.replace(script, ""));
  const of = (name: string) => valuesOf(instructions, name);

  test("fetches no frontend before it begins", () => {
    expect(text).not.toMatch(/^#\s*syntax=/m);
  });

  test("names base and installer by release, each replaceable, and makes neither bytecode nor a cache", () => {
    expect(of("ARG")).toEqual([
      "BASE=ubuntu:24.04",
      expect.stringMatching(/^UV_VERSION=\d+\.\d+\.\d+$/),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Dockerfile syntax, not a template
      "INSTALLER=ghcr.io/astral-sh/uv:${UV_VERSION}",
      // As the lock was resolved.
      `PLATFORM=${/--python-platform (\S+)/.exec(textOf("requirements.txt"))?.[1]}`,
      "COMPILE_BYTECODE=0",
      "KEEP_WHEELS=0",
      "UV_DEFAULT_INDEX",
      "REVISION=unknown",
    ]);
  });

  test.each([
    ["what the lock names, by hash", ["--no-config", "--no-deps", "--require-hashes", "--only-binary :all:"]],
    ["for the lock's platform", ['--python-platform "$PLATFORM"']],
    ["into the runtime's venv", ["--prefix /layer/opt/venv", "--python /opt/venv/bin/python"]],
    [
      "the same bytes each time: fixed times of files and of folders that were there, ordered sets",
      [
        'at="--no-dereference --date=@315532800"',
        "find /layer -exec touch $at {} +",
        'touch $at "$2"',
        "PYC_INVALIDATION_MODE=CHECKED_HASH PYTHONHASHSEED=0",
      ],
    ],
    [
      "nothing of uv, neither its cache nor its lock",
      [
        "--no-cache --link-mode hardlink",
        "--cache-dir /wheels --link-mode copy",
        "TMPDIR=/layer",
        "rm -f /layer/opt/venv/.lock",
      ],
    ],
  ])("installs %s", (_, parts) => {
    expect(parts.filter((part) => !script.includes(part))).toEqual([]);
  });

  test("has its venv where bin/ of the layers looks for Python", () => {
    expect(of("RUN").join()).toContain("python3.12 -m venv --without-pip /opt/venv");
    expect(of("ENV").join()).toContain("PATH=/opt/venv/bin:$PATH");
  });

  test("links the code upon all layers, and names the revision last", () => {
    const final = instructions.slice(instructions.findLastIndex(({ name }) => name === "FROM"));
    const copies = final.slice(final.findIndex(({ name }) => name === "COPY"));
    expect(copies.filter(({ name }) => name === "COPY").at(-1)?.value).toBe("--link app/ /srv/app/");
    // A RUN after a COPY would make BuildKit put the linked layers together on the disk.
    expect(copies.filter(({ name }) => name !== "COPY").map(({ name }) => name)).toEqual([
      "ARG",
      "LABEL",
      "USER",
      "ENTRYPOINT",
    ]);
  });

  test("ends like the original: same user, command, folder and labels", () => {
    const original = instructionsOf(textOf("Dockerfile.original"));
    for (const name of ["USER", "ENTRYPOINT", "LABEL", "WORKDIR"]) {
      expect(of(name)).toEqual(valuesOf(original, name));
      expect(of(name)).toHaveLength(1);
    }
    expect(of("RUN").join()).toContain("useradd --uid 10001 ");
  });
});

test("the context has what both ways use, and nothing that is measured or written about", () => {
  const rules = textOf(".dockerignore").split("\n");
  expect(rules.filter((line) => line && !line.startsWith("#"))).toEqual([
    "*",
    "!requirements.txt",
    "!layers",
    "!app",
    "**/__pycache__",
  ]);
});
