/** How a build uses a layer cache; "none" is the experiment. */
export const CACHES = ["none", "local", "inline", "registry"] as const;

export type Cache = (typeof CACHES)[number];
