import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

const { XDG_CACHE_HOME, PATH = "" } = process.env;
/** Where .ci/tools/install.sh puts what it builds. */
export const CACHE = join(XDG_CACHE_HOME || join(homedir(), ".cache"), "buildx-on-eks");

const onPath = (name: string) =>
  PATH.split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));

/** Programs of this machine, by path. */
export interface Tools {
  readonly buildkitd: string;
  readonly buildctl: string;
  readonly buildx: string;
  readonly registry: string;
  /** A static one, which runs in an image that holds nothing else. */
  readonly busybox: string;
}

/** @throws Error that names all that is missing, each with what installs it */
export function findTools(): Tools {
  const problems: string[] = [];
  const built = (name: string) => {
    const path = join(CACHE, "bin", name);
    if (!existsSync(path)) problems.push(`${name} is not in ${CACHE}/bin: bash .ci/tools/install.sh`);
    return path;
  };
  const installed = (name: string, how: string) => {
    const path = onPath(name);
    if (path === undefined) problems.push(`${name} is not on PATH: ${how}`);
    return path ?? name;
  };
  const tools = {
    buildkitd: built("buildkitd"),
    buildctl: built("buildctl"),
    buildx: built("buildx"),
    registry: built("registry"),
    busybox: installed("busybox", "apt-get install busybox-static"),
  };
  installed("docker", "the client alone will do, https://docs.docker.com/engine/install/binaries/");
  installed("runc", "apt-get install runc");
  installed("zstd", "apt-get install zstd");
  if (process.getuid?.() !== 0)
    problems.push("buildkitd with overlayfs and runc needs root: run this as root");
  if (problems.length > 0) throw new Error(`A real BuildKit cannot be run here:\n${problems.join("\n")}`);
  return tools;
}
