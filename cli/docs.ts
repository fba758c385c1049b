import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Command } from "commander";
import { propsTable } from "../environment/props-table";
import { InvalidInput } from "../util/invalid-input";
import { API, apiReference, filesIn } from "./api-reference";

const PROJECT = resolve(__dirname, "..");
const BEGIN = "<!-- props: made by `npx buildx-on-eks docs` -->";
const END = "<!-- /props -->";

/** The page of environments with the table of props brought up to date. */
export function withPropsTable(page: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`docs/environment.md must hold ${BEGIN} and ${END}`);
  return `${before}${BEGIN}\n\n${propsTable()}\n\n${END}${after}`;
}

/** Pages that are made, by path, each from what is there now. */
const PAGES: Readonly<Record<string, (current: string) => string>> = {
  "docs/environment.md": withPropsTable,
};

const HELP = `
Examples:
  npx buildx-on-eks docs
  npx buildx-on-eks docs --check

Exit codes:
  0  the pages are up to date
  1  --check found a page out of date; nothing was written
  2  the command line is wrong; nothing was written`;

export function docsCommand(): Command {
  return new Command("docs")
    .description(
      "Writes what is made from the code: the table of an environment's props, and the reference of the constructs.",
    )
    .option("--check", "write nothing; exit code 1 when a page is out of date")
    .addHelpText("after", HELP)
    .action(({ check }: { check?: true }) => {
      const pages = [
        ...Object.entries(PAGES).map(([path, render]) => [path, render(readIfThere(path))] as const),
        ...apiReference(),
      ];
      const old = pages.filter(([path, wanted]) => readIfThere(path) !== wanted);
      const made = new Set(pages.map(([path]) => path));
      const left = filesIn(resolve(PROJECT, API))
        .map((path) => `${API}/${path}`)
        .filter((path) => !made.has(path));
      if (check) {
        if (old.length === 0 && left.length === 0) return;
        throw new InvalidInput("Pages do not match the code.", [
          ...old.map(([path]) => `${path} is out of date. Run: npx buildx-on-eks docs`),
          ...left.map((path) => `${path} is made from nothing any more. Run: npx buildx-on-eks docs`),
        ]);
      }
      for (const [path, wanted] of old) {
        mkdirSync(dirname(resolve(PROJECT, path)), { recursive: true });
        writeFileSync(resolve(PROJECT, path), wanted);
      }
      for (const path of left) rmSync(resolve(PROJECT, path));
    });
}

/** A page as it is; empty where there is none. */
function readIfThere(path: string): string {
  const file = resolve(PROJECT, path);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}
