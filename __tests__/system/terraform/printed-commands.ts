import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { overviewOf } from "../../../cli/overview/model";
import { renderOverview } from "../../../cli/overview/render";
import type { Environment } from "../../../environment/environment";
import { createApp } from "../../../main";

const PROJECT = resolve(__dirname, "../../..");
const COMMAND = /npx cdktf ((?:deploy|destroy|diff|output)\b[^`|#\n"]*)/g;

/** Every line that the documents, `npm start` and the messages in the source print for the cdktf CLI. */
export function printedCommands(environments: readonly Environment[], outdir: string): Set<string> {
  createApp(environments, { outdir }).synth();
  const overview = renderOverview(overviewOf(environments, outdir), (_, text) => text, 200);
  const texts = [overview, ...files("README.md", "docs", "environment", "cli", "pipeline", "measure")];
  const commands = texts.flatMap((text) => [...text.matchAll(COMMAND)].map(([, command = ""]) => command));
  return new Set(
    commands.map((command) =>
      command
        .replace(/\$\{name\}/g, "c5n")
        .replace(/\$\{source\}/g, "outputs.json")
        .trim(),
    ),
  );
}

function files(...names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const path = join(PROJECT, name);
    const below = name.endsWith(".md")
      ? [path]
      : readdirSync(path, { recursive: true, encoding: "utf8" }).map((file) => join(path, file));
    return below.filter((file) => /\.(md|ts)$/.test(file)).map((file) => readFileSync(file, "utf8"));
  });
}
