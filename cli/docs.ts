import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { Command } from "commander";
import { propsTable } from "../environment/props-table";
import { InvalidInput } from "../util/invalid-input";

const PROJECT = resolve(__dirname, "..");
const BEGIN = "<!-- props: made by `npx buildx-on-eks docs` -->";
const END = "<!-- /props -->";

/** The README with the table of props brought up to date. */
export function withPropsTable(readme: string): string {
  const [before, rest] = readme.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`README.md must hold ${BEGIN} and ${END}`);
  return `${before}${BEGIN}\n\n${propsTable()}\n\n${END}${after}`;
}

/** Pages that are made, by path, each from what is there now. */
const PAGES: Readonly<Record<string, (current: string) => string>> = {
  "README.md": withPropsTable,
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
    .description("Writes what is made from the code: the table of an environment's props.")
    .option("--check", "write nothing; exit code 1 when a page is out of date")
    .addHelpText("after", HELP)
    .action(({ check }: { check?: true }) => {
      const stale = Object.entries(PAGES).flatMap(([path, render]) => {
        const file = resolve(PROJECT, path);
        const current = existsSync(file) ? readFileSync(file, "utf8") : "";
        const wanted = render(current);
        return wanted === current ? [] : [{ path, file, wanted }];
      });
      if (check && stale.length > 0) {
        throw new InvalidInput(
          "Pages do not match the code.",
          stale.map(({ path }) => `${path} is out of date. Run: npx buildx-on-eks docs`),
        );
      }
      for (const { file, wanted } of stale) writeFileSync(file, wanted);
    });
}
