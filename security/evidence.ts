import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { readPackageJson } from "../.ci/scan/npm-lock";
import type { Evidence } from "./threats";

const PROJECT = resolve(__dirname, "..");

/** Titles of the tests and groups of tests that a file runs; one that is skipped or commented out is none. */
export function titlesIn(text: string): string[] {
  const code = text.replace(/^\s*\/\/.*$/gm, "");
  return [...code.matchAll(/(?:\b(?:it|test|describe)|\))\(\s*"((?:[^"\\]|\\.)*)"/g)].map(
    ([, title = ""]) => JSON.parse(`"${title}"`) as string,
  );
}

/** Why a piece of evidence is none; undefined when it is there. */
export function missingEvidence(evidence: Evidence): string | undefined {
  if ("command" in evidence) {
    const [, script] = /^npm run ([\w:]+)$/.exec(evidence.command) ?? [];
    return script !== undefined && readPackageJson().scripts[script] !== undefined
      ? undefined
      : `package.json has no script for "${evidence.command}"`;
  }
  const file = resolve(PROJECT, evidence.file);
  if (!existsSync(file)) return `there is no ${evidence.file}`;
  return titlesIn(readFileSync(file, "utf8")).includes(evidence.test)
    ? undefined
    : `${evidence.file} has no test "${evidence.test}"`;
}
