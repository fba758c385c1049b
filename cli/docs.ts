import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { Command } from "commander";
import { propsTable } from "../environment/props-table";

const PROJECT = resolve(__dirname, "..");
const BEGIN = "<!-- props: made by `npm run docs` -->";
const END = "<!-- /props -->";

/** The README with the table of props brought up to date. */
export function withPropsTable(readme: string): string {
  const [before, rest] = readme.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`README.md must hold ${BEGIN} and ${END}`);
  return `${before}${BEGIN}\n\n${propsTable()}\n\n${END}${after}`;
}

/** Pages that are made, by path, each from what stands there now. */
export const PAGES: Readonly<Record<string, (current: string) => string>> = {
  "README.md": withPropsTable,
};

if (require.main === module) {
  const program = new Command("npm run docs --")
    .description("Writes what is made of data: the table of props in README.md.")
    .option("--check", "write nothing; exit code 1 when a page is out of date")
    .parse();
  const { check } = program.opts<{ check?: true }>();
  const stale = Object.entries(PAGES).flatMap(([path, render]) => {
    const file = resolve(PROJECT, path);
    const current = existsSync(file) ? readFileSync(file, "utf8") : "";
    const wanted = render(current);
    return wanted === current ? [] : [{ path, file, wanted }];
  });
  if (!check) {
    for (const { file, wanted } of stale) writeFileSync(file, wanted);
  } else if (stale.length > 0) {
    for (const { path } of stale) process.stderr.write(`${path} is out of date. Run: npm run docs\n`);
    process.exit(1);
  }
}
