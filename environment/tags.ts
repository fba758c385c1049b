import type { Environment } from "./environment";
import { PROJECT } from "./names";

/** Tags of everything in an environment; its own may not replace the first three. */
export function tagsOf({ name, tags }: Pick<Environment, "name" | "tags">): Record<string, string> {
  return { ...tags, Project: PROJECT, Environment: name, ManagedBy: "cdktf" };
}

/** Tags of what all environments share. */
export const ACCOUNT_TAGS = tagsOf({ name: "account", tags: {} });
