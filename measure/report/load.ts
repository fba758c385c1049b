import { readFileSync } from "node:fs";
import { count } from "../../util/words";
import { type BuildRecord, parseRecords } from "../record/record";
import { type Published, parsePublished } from "./published";

export interface Loaded {
  readonly records: readonly BuildRecord[];
  readonly published: Published | undefined;
  /** Lines and files that could not be used, in words. */
  readonly problems: readonly string[];
}

/** A file that cannot be opened: the command line is wrong, not the data. */
export class UnreadableFile extends Error {
  override readonly name = "UnreadableFile";
}

/** The runner's own notes lie beside its records, where results/*.jsonl finds them too. */
const JOURNAL = ".journal.jsonl";

/** Problems of one file that are listed one by one. */
const LISTED_PROBLEMS = 10;

/**
 * Reads records (JSON lines) and published tables (one JSON document).
 *
 * @throws UnreadableFile naming every file that cannot be opened
 */
export function loadFiles(files: readonly string[]): Loaded {
  const records: BuildRecord[] = [];
  const problems: string[] = [];
  const unreadable: string[] = [];
  let published: Published | undefined;
  const wanted = files.filter((file) => !file.endsWith(JOURNAL));
  if (wanted.length === 0) {
    problems.push(...files.map((file) => `${file}: holds the runner's notes and no records`));
  }
  for (const file of wanted) {
    let text: string;
    try {
      text = readFileSync(file, "utf8");
    } catch (error) {
      unreadable.push(`${file}: ${reasonOf(error, file)}`);
      continue;
    }
    const table = parsePublished(text);
    if (table !== undefined) {
      if ("problem" in table) problems.push(`${file}: ${table.problem}`);
      else if (published !== undefined && JSON.stringify(published) !== JSON.stringify(table.published)) {
        problems.push(`${file}: a second published table; only the first is shown`);
      } else published = table.published;
      continue;
    }
    const parsed = parseRecords(text, file);
    for (const record of parsed.records) records.push(record);
    problems.push(
      ...parsed.problems
        .slice(0, LISTED_PROBLEMS)
        .map(({ line, message }) =>
          line === 0 ? `${file}: ${message}` : `${file}, line ${line}: ${message}`,
        ),
    );
    const more = parsed.problems.length - LISTED_PROBLEMS;
    if (more > 0) problems.push(`${file}: ${count(more, "more line")} could not be used`);
  }
  if (unreadable.length > 0) throw new UnreadableFile(unreadable.join("\n"));
  return { records, published, problems };
}

function reasonOf(error: unknown, file: string): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") {
    return /[*?[]/.test(file) ? "no file matches; has an experiment been run?" : "there is no such file";
  }
  if (code === "EISDIR") return "is a directory; name the files in it";
  if (code === "EACCES") return "permission denied";
  return error instanceof Error ? error.message : String(error);
}
