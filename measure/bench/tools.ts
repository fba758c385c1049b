import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** Programs that the bench may need, and how each is had. */
const INSTALL = {
  buildx: "bash .ci/tools/install.sh buildx, or the docker buildx plugin",
  buildctl: "bash .ci/tools/install.sh buildctl",
  buildkitd: "bash .ci/tools/install.sh buildkitd",
  registry: "bash .ci/tools/install.sh registry",
  runc: "apt-get install runc",
  debootstrap: "apt-get install debootstrap, or name a base image with Python: --base python:3.13-slim",
  zstd: "apt-get install zstd",
  tar: "apt-get install tar",
  gzip: "apt-get install gzip",
  python3: "install Python 3 with pip",
  setpriv: "apt-get install util-linux",
  unshare: "apt-get install util-linux",
} as const;

export type Tool = keyof typeof INSTALL;

export interface Tools {
  /** Absolute path. */
  path(tool: Tool): string;
}

/** The project's folder for what is downloaded or built once. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "buildx-on-eks");
}

const pluginFolders = (env: NodeJS.ProcessEnv) => [
  join(env.DOCKER_CONFIG || join(homedir(), ".docker"), "cli-plugins"),
  ...["/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec"].map(
    (lib) => `${lib}/docker/cli-plugins`,
  ),
];

/** Looks in the project's own folder first, then on PATH. */
export function findTool(tool: string, env: NodeJS.ProcessEnv): string | undefined {
  const folders = [join(cacheFolder(env), "bin"), ...(env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  const places = folders.map((folder) => join(folder, tool));
  // A plugin of the docker CLI is a program of its own too.
  if (tool === "buildx") places.push(...pluginFolders(env).map((folder) => join(folder, "docker-buildx")));
  return places.find(isExecutable);
}

/** All that are missing, each with how to install it. */
export function findTools(
  wanted: readonly Tool[],
  env: NodeJS.ProcessEnv,
): { readonly tools: Tools; readonly problems: readonly string[] } {
  const found = new Map<string, string>();
  const problems: string[] = [];
  for (const tool of wanted) {
    const path = findTool(tool, env);
    if (path === undefined) problems.push(`${tool} is not there. To have it: ${INSTALL[tool]}`);
    else found.set(tool, path);
  }
  const path = (tool: Tool) => {
    const known = found.get(tool);
    if (known === undefined) throw new Error(`${tool} was never looked for`);
    return known;
  };
  return { tools: { path }, problems };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
