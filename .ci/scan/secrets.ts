import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, sep } from "node:path";
import { findTool } from "../../measure/bench/tools";
import type { ExceptionUse } from "./judge";
import { lastLines, run } from "./program";
import { type ScanResult, scanResult } from "./scan";
import { SECRET_EXCEPTIONS, type SecretException } from "./secret-exceptions";

export interface SecretsInput {
  /** Path of the program. */
  readonly gitleaks: string;
  /** A git repository. */
  readonly repository: string;
  /** Texts that were made from it, by name. */
  readonly rendered: ReadonlyMap<string, string>;
  /** @default SECRET_EXCEPTIONS */
  readonly exceptions?: readonly SecretException[];
}

/** Something that looks like a secret. The secret itself is in none of the texts that are printed. */
export interface FoundSecret {
  readonly rule: string;
  /** Path in the repository, or `rendered/` and a name. */
  readonly file: string;
  readonly line: number;
  /** The commit that brought it, where it was found in the history. */
  readonly commit?: string;
  readonly sha256: string;
}

/** @throws Error that says how to install it */
export function findGitleaks(env: NodeJS.ProcessEnv): string {
  const gitleaks = findTool("gitleaks", env);
  if (gitleaks !== undefined) return gitleaks;
  throw new Error("gitleaks is not there. To have it: bash .ci/tools/install.sh gitleaks");
}

/** Gitleaks over the history, the files of today (those not yet committed too, those ignored not), and rendered texts. */
export async function scanSecrets(input: SecretsInput): Promise<ScanResult> {
  const { gitleaks, repository, rendered, exceptions = SECRET_EXCEPTIONS } = input;
  const folder = mkdtempSync(join(tmpdir(), "scan-secrets-"));
  try {
    const files = await filesOf(repository);
    const commits = (await git(repository, "rev-list", "--all", "--count")).trim();
    // Not the repository itself: gitleaks obeys the .gitleaksignore of the folder that it is given.
    const gitFolder = (
      await git(repository, "rev-parse", "--path-format=absolute", "--git-common-dir")
    ).trim();
    const copies = files.map(
      (file) => [join("repository", file), readFileSync(join(repository, file))] as const,
    );
    const texts = [...rendered].map(([name, text]) => [join("rendered", name), text] as const);
    for (const [path, content] of [...copies, ...texts]) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    const found = [
      ...(await detect(gitleaks, ["git", "--log-opts=--all", gitFolder])),
      ...(await detect(gitleaks, ["dir", folder])).map((secret) => ({
        ...secret,
        file: secret.file.slice(folder.length + 1).replace(`repository${sep}`, ""),
      })),
    ];
    return scanResult(
      "secrets",
      `gitleaks: ${commits} commits, ${files.length} files, ${rendered.size} rendered stacks`,
      judgeSecrets(found, exceptions),
      exceptions.map((exception) => usesOf(exception, found)),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const covers = (exception: SecretException, { rule, file, sha256 }: FoundSecret) =>
  exception.rule === rule && exception.file === file && exception.sha256 === sha256;

/** Secrets without an exception, and exceptions that nothing needs. */
export function judgeSecrets(
  found: readonly FoundSecret[],
  exceptions: readonly SecretException[],
): string[] {
  const list = ".ci/scan/secret-exceptions.ts";
  const open = found.filter((secret) => !exceptions.some((exception) => covers(exception, secret)));
  const unused = exceptions.filter((exception) => !found.some((secret) => covers(exception, secret)));
  return [
    ...open.map(
      ({ rule, file, line, commit, sha256 }) =>
        `${rule}: ${file}:${line}${commit ? ` since commit ${commit.slice(0, 12)}` : ""}\n` +
        `Revoke it if it is real. If it is none: an entry in ${list} with sha256 ${sha256}`,
    ),
    ...unused.map(
      ({ rule, file }) => `The exception for ${rule} in ${file} excepts nothing. Take it out of ${list}.`,
    ),
  ];
}

function usesOf(exception: SecretException, found: readonly FoundSecret[]): ExceptionUse {
  const { rule, file, reason } = exception;
  const uses = found.filter((secret) => covers(exception, secret)).length;
  return { name: file, checks: [rule], reason, resources: [{ resource: file, uses }] };
}

interface Leak {
  readonly RuleID: string;
  readonly File: string;
  readonly StartLine: number;
  readonly Commit: string;
  readonly Secret: string;
}

/** Comments in the files that ask to be passed over count for nothing, nor does a configuration beside them. */
async function detect(gitleaks: string, words: readonly string[]): Promise<FoundSecret[]> {
  const home = mkdtempSync(join(tmpdir(), "scan-gitleaks-"));
  try {
    const config = join(home, "gitleaks.toml");
    writeFileSync(config, "[extend]\nuseDefault = true\n");
    const report = ["--report-format", "json", "--report-path", "-", "--exit-code", "0"];
    const quiet = ["--no-banner", "--no-color", "--log-level", "error", "--ignore-gitleaks-allow"];
    const places = ["--config", config, "--gitleaks-ignore-path", home];
    const { code, stdout, stderr } = await run(gitleaks, [...words, ...report, ...quiet, ...places], {
      cwd: home,
      env: { PATH: process.env.PATH, HOME: process.env.HOME },
    });
    if (code !== 0) throw new Error(`gitleaks ended with exit code ${code}:\n${lastLines(stderr)}`);
    return parseGitleaks(stdout);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Reads a JSON report of gitleaks. @throws Error when it is none */
export function parseGitleaks(text: string): FoundSecret[] {
  const leaks = JSON.parse(text) as readonly Leak[] | null;
  return (leaks ?? []).map(({ RuleID, File, StartLine, Commit, Secret }) => ({
    rule: RuleID,
    file: File,
    line: StartLine,
    ...(Commit && { commit: Commit }),
    sha256: createHash("sha256").update(Secret).digest("hex"),
  }));
}

async function git(repository: string, ...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await run("git", ["-C", repository, ...words]);
  if (code !== 0)
    throw new Error(`git ${words.join(" ")} ended with exit code ${code}:\n${lastLines(stderr)}`);
  return stdout;
}

async function filesOf(repository: string): Promise<string[]> {
  const list = await git(repository, "ls-files", "--cached", "--others", "--exclude-standard", "-z");
  return [...new Set(list.split("\0"))].filter(
    // Skips links and deleted files.
    (file) => file !== "" && lstatSync(join(repository, file), { throwIfNoEntry: false })?.isFile(),
  );
}
