/** What every build runs with, whichever configuration it is: their records are compared. */
export const BUILDX_VERSION = "v0.37.2";
const BUILDKIT_VERSION = "v0.31.2";

/** BuildKit's image by exact version. */
export const buildkitImage = ({ rootless }: { readonly rootless: boolean }) =>
  `moby/buildkit:${BUILDKIT_VERSION}${rootless ? "-rootless" : ""}`;
