import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findTools } from "../../../measure/bench/tools";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bench-tools-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function program(...parts: string[]): string {
  const path = join(folder, ...parts);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, "", { mode: 0o755 });
  return path;
}

test("names every program that is missing, each with how to have it", () => {
  const { problems } = findTools(["buildkitd", "registry"], { PATH: folder, XDG_CACHE_HOME: folder });
  expect(problems).toEqual([
    "buildkitd is not there. To have it: bash .ci/tools/install.sh buildkitd",
    "registry is not there. To have it: bash .ci/tools/install.sh registry",
  ]);
});

test("takes the project's own program before that of PATH", () => {
  const own = program("cache", "buildx-on-eks", "bin", "buildkitd");
  program("path", "buildkitd");
  const registry = program("path", "registry");
  const env = { PATH: join(folder, "path"), XDG_CACHE_HOME: join(folder, "cache") };
  const { tools, problems } = findTools(["buildkitd", "registry"], env);
  expect(problems).toEqual([]);
  expect([tools.path("buildkitd"), tools.path("registry")]).toEqual([own, registry]);
});

test("takes buildx where docker has it as a plugin", () => {
  const plugin = program("docker", "cli-plugins", "docker-buildx");
  const env = { PATH: folder, XDG_CACHE_HOME: folder, DOCKER_CONFIG: join(folder, "docker") };
  expect(findTools(["buildx"], env).tools.path("buildx")).toBe(plugin);
});
