/** How a build uses a layer cache; "none" is the experiment. */
export const CACHES = ["none", "local", "inline", "registry-min", "registry"] as const;

export type Cache = (typeof CACHES)[number];

/** What BuildKit exports into a cache of its own in the registry; undefined for the caches that have none. */
export function registryMode(cache: Cache): "min" | "max" | undefined {
  if (cache === "registry-min") return "min";
  return cache === "registry" ? "max" : undefined;
}
