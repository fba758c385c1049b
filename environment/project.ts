import { join, relative, resolve } from "node:path";
import { InvalidInput, show, visible } from "../util/invalid-input";
import type { Environment, EnvironmentInput } from "./environment";
import { loadEnvironments } from "./load";

const PROJECT = resolve(__dirname, "..");
const INDEX = join(PROJECT, "environments", "index.ts");

/**
 * The environments in `environments/`.
 *
 * @throws InvalidInput when a file cannot be run, or with every problem of every environment
 */
export async function projectEnvironments(): Promise<Environment[]> {
  // Imported here and not at the top, where nothing could catch a syntax error.
  const { environments } = await importIndex();
  if (!Array.isArray(environments)) {
    throw new InvalidInput("environments/ cannot be read. Nothing was written.", [
      `environments/index.ts must export a list as environments; got ${show(environments)}.`,
    ]);
  }
  return loadEnvironments(environments as readonly EnvironmentInput[]);
}

async function importIndex(): Promise<{ readonly environments?: unknown }> {
  try {
    return await import(INDEX);
  } catch (error) {
    throw new InvalidInput("environments/ cannot be read. Nothing was written.", explain(error));
  }
}

/** Where each error is and what it says, without the stack. */
function explain(error: unknown): string[] {
  if (!(error instanceof Error)) return [`It throws ${show(error)}.`];
  const { message, stack = "" } = error;
  const syntax = [...message.matchAll(/^(\/.+):(\d+):\d+: ERROR: (.+)$/gm)];
  if (syntax.length > 0) {
    return syntax.map(([, file = "", line, text = ""]) => problem(`${file}:${line}`, text));
  }
  const [, frame] =
    new RegExp(`(${PROJECT.replaceAll(/[.*+?^$()[\]{}|\\]/g, "\\$&")}/[^)\n]+:\\d+):\\d+`).exec(stack) ?? [];
  const missing =
    "requireStack" in error && Array.isArray(error.requireStack) ? error.requireStack[0] : undefined;
  return [problem(missing ?? frame ?? INDEX, message)];
}

function problem(place: string, message: string): string {
  const [text = ""] = message.split("\n", 1);
  return `${relative(PROJECT, place)}: ${visible(text)}${/[.?!]$/.test(text) ? "" : "."}`;
}
