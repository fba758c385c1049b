import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { showName } from "../util/invalid-input";
import type { Environment } from "./environment";

const FOLDER = resolve(__dirname, "../environments");

/** What to know of files in `environments/` whose environments are not in the list, a sentence for each file. */
export async function unlistedEnvironments(
  listed: readonly Environment[],
  folder = FOLDER,
): Promise<string[]> {
  const files = readdirSync(folder).filter((file) => /^(?!index\.).+(?<!\.d)\.ts$/.test(file));
  const names = new Set(listed.map(({ name }) => name));
  const warnings = await Promise.all(
    files.sort().map(async (file) => {
      const found = environmentsIn(await import(join(folder, file)).catch(() => ({})));
      if (found.length === 0 || found.some(({ name }) => names.has(name))) return [];
      const [one] = found;
      return [
        `environments/${file} exports an environment (${showName(one?.name ?? "")}) that environments/index.ts does not list: nothing is made of it. Add ${one?.exported} to the list.`,
      ];
    }),
  );
  return warnings.flat();
}

/** By the props that every environment has and a part of one, to be spread into others, need not have. */
function environmentsIn(exports: object): { readonly exported: string; readonly name: string }[] {
  return Object.entries(exports).flatMap(([exported, value]: [string, unknown]) =>
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    typeof value.name === "string" &&
    "configurations" in value
      ? [{ exported, name: value.name }]
      : [],
  );
}
