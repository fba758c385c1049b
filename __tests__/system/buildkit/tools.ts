import { BUILDKIT_PROGRAMS, builtTool, onPath, requirePrograms } from "../programs";

/** Programs of this machine, by path. */
export interface Tools {
  readonly buildkitd: string;
  readonly buildctl: string;
  readonly buildx: string;
  readonly registry: string;
  /** A static one, which runs in an image that holds nothing else. */
  readonly busybox: string;
}

/** @throws Error that lists all that is missing, each with what installs it */
export function findTools(): Tools {
  const built = ["buildkitd", "buildctl", "buildx", "registry"] as const;
  requirePrograms(built, { ...BUILDKIT_PROGRAMS, zstd: "apt-get install zstd" });
  const [buildkitd, buildctl, buildx, registry] = built.map(builtTool) as [string, string, string, string];
  return { buildkitd, buildctl, buildx, registry, busybox: onPath("busybox") ?? "" };
}
