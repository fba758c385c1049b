import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

const { XDG_CACHE_HOME, PATH = "" } = process.env;
/** Where .ci/tools/install.sh puts what it builds. */
export const CACHE = join(XDG_CACHE_HOME || join(homedir(), ".cache"), "buildx-on-eks");

/** Path of a program that .ci/tools/install.sh builds. */
export const builtTool = (name: string) => join(CACHE, "bin", name);

/** Path of a program on PATH. */
export const onPath = (name: string) =>
  PATH.split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));

/**
 * Checks that the tests can run here: as root, with programs that .ci/tools/install.sh builds and programs of the
 * system, each with what installs it.
 *
 * @throws Error that lists all that is missing
 */
export function requirePrograms(built: readonly string[], installed: Readonly<Record<string, string>>): void {
  const unbuilt = built.filter((name) => !existsSync(builtTool(name)));
  const problems = [
    ...(process.getuid?.() === 0 ? [] : ["not root, which namespaces, overlayfs and runc need: use sudo"]),
    ...(unbuilt.length > 0
      ? [`${unbuilt.join(", ")} not in ${CACHE}/bin: bash .ci/tools/install.sh ${unbuilt.join(" ")}`]
      : []),
    ...Object.entries(installed)
      .filter(([name]) => onPath(name) === undefined)
      .map(([name, how]) => `${name} is not on PATH: ${how}`),
  ];
  if (problems.length > 0) throw new Error(["These tests cannot run here:", ...problems].join("\n  - "));
}

/** Programs of the system that a BuildKit needs. */
export const BUILDKIT_PROGRAMS = {
  docker: "the client alone is enough, https://docs.docker.com/engine/install/binaries/",
  runc: "apt-get install runc",
  busybox: "apt-get install busybox-static",
} as const;
