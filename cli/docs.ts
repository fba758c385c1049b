import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { Command } from "commander";
import { propsTable } from "../config/props-table";

const README = resolve(__dirname, "..", "README.md");
const BEGIN = "<!-- props: made by `npm run docs` -->";
const END = "<!-- /props -->";

/** The README with the table of props brought up to date. */
export function withPropsTable(readme: string): string {
  const [before, rest] = readme.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`README.md must hold ${BEGIN} and ${END}`);
  return `${before}${BEGIN}\n\n${propsTable()}\n\n${END}${after}`;
}

if (require.main === module) {
  const program = new Command("npm run docs --")
    .description("Writes the table of environment props into README.md, from the schema.")
    .option("--check", "write nothing; exit code 1 when the table is out of date")
    .parse();
  const current = readFileSync(README, "utf8");
  const wanted = withPropsTable(current);
  if (program.opts<{ check?: true }>().check) {
    if (wanted !== current) {
      process.stderr.write("README.md: the table of props is out of date. Run: npm run docs\n");
      process.exit(1);
    }
  } else {
    writeFileSync(README, wanted);
  }
}
