import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const IMAGE = resolve(__dirname, "../../image");

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

describe.each([
  [".", "ubuntu:24.04", "3.12"],
  ["allennlp", "ubuntu:20.04", "3.9"],
])("%s/Dockerfile", (folder, base, python) => {
  const text = readFileSync(join(IMAGE, folder, "Dockerfile"), "utf8");
  const instructions = instructionsOf(text);
  const of = (name: string) => instructions.filter((one) => one.name === name).map((one) => one.value);

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

test("a change of the code leaves the packages' layer as it is", () => {
  const instructions = instructionsOf(readFileSync(join(IMAGE, "Dockerfile"), "utf8"));
  const install = instructions.findIndex((one) => one.value.includes("--require-hashes"));
  const code = instructions.findIndex((one) => one.name === "COPY" && one.value.startsWith("app/"));
  const revision = instructions.findIndex((one) => one.value.startsWith("REVISION="));
  expect(install).toBeGreaterThan(0);
  expect(code).toBeGreaterThan(install);
  expect(revision).toBeGreaterThan(code);
});
