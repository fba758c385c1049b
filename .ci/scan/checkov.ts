import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "../../measure/bench/tools";
import { lastLines, run } from "./program";

/** A check that failed at a resource. */
export interface CheckovFinding {
  /** Index of the configuration that was scanned. */
  readonly index: number;
  /** For example "CKV_AWS_79". */
  readonly check: string;
  readonly title: string;
  /** Terraform's address, `type.id`. */
  readonly address: string;
}

export interface CheckovReport {
  readonly version: string;
  /** Number of checks that passed or failed. */
  readonly checks: number;
  readonly findings: readonly CheckovFinding[];
  /** Indices of the configurations of which at least one check was made. */
  readonly checked: ReadonlySet<number>;
}

/** @throws Error that says how to install it */
export function findCheckov(env: NodeJS.ProcessEnv): string {
  const program = join(cacheFolder(env), "checkov", "bin", "checkov");
  if (existsSync(program)) return program;
  throw new Error("checkov is not there. To have it: bash .ci/tools/install-python.sh checkov");
}

/** A port at which nothing listens: what would talk to the internet fails at once. */
const NOWHERE = "http://127.0.0.1:9";

/**
 * Scans Terraform configurations, each as a root module of its own, in one process, with checkov's built-in checks and
 * no others: without network, without a vendor account, and without the user's configuration file.
 *
 * @throws Error when checkov fails, or cannot read a configuration
 */
export async function runCheckov(program: string, configurations: readonly string[]): Promise<CheckovReport> {
  const folder = mkdtempSync(join(tmpdir(), "scan-checkov-"));
  try {
    const home = join(folder, "home");
    const modules = join(folder, "modules");
    mkdirSync(home);
    configurations.forEach((text, index) => {
      mkdirSync(join(modules, String(index)), { recursive: true });
      writeFileSync(join(modules, String(index), "main.tf"), text);
    });
    const words = ["--directory", modules, "--framework", "terraform", "--output", "json"];
    const offline = { HTTP_PROXY: NOWHERE, HTTPS_PROXY: NOWHERE, ALL_PROXY: NOWHERE };
    const env = { PATH: process.env.PATH, HOME: home, LANG: "C.UTF-8", LOG_LEVEL: "ERROR", ...offline };
    const quiet = ["--compact", "--soft-fail", "--skip-download"];
    const { code, stdout, stderr } = await run(program, [...words, ...quiet], { cwd: home, env });
    if (code !== 0) throw new Error(`checkov ended with exit code ${code}:\n${lastLines(stderr || stdout)}`);
    return parseCheckov(stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Check {
  readonly check_id: string;
  readonly check_name: string;
  readonly file_path: string;
  readonly resource: string;
}

interface Output {
  readonly results?: {
    readonly passed_checks?: readonly Check[];
    readonly failed_checks?: readonly Check[];
    readonly skipped_checks?: readonly Check[];
    readonly parsing_errors?: readonly string[];
  };
  readonly summary?: { readonly checkov_version?: string };
}

/** Reads what `checkov --output json` prints. @throws Error when it is no report, or one of something unreadable */
export function parseCheckov(text: string): CheckovReport {
  let output: Output;
  try {
    output = JSON.parse(text) as Output;
  } catch {
    throw new Error(`checkov's report is no JSON:\n${lastLines(text)}`);
  }
  const { results, summary } = output;
  if (!results?.failed_checks || !results.passed_checks) {
    throw new Error("checkov's report holds no results.");
  }
  const unread = results.parsing_errors ?? [];
  if (unread.length > 0) throw new Error(`checkov cannot read ${unread.join(", ")}.`);
  // A rendered stack cannot skip a check: exceptions are at resources.
  const failed = [...results.failed_checks, ...(results.skipped_checks ?? [])];
  const all = [...results.passed_checks, ...failed];
  return {
    version: summary?.checkov_version ?? "of unknown version",
    checks: all.length,
    checked: new Set(all.map(indexOf)),
    findings: failed.map((check) => ({
      index: indexOf(check),
      check: check.check_id,
      title: check.check_name,
      address: check.resource,
    })),
  };
}

function indexOf({ file_path: path }: Check): number {
  const index = /^\/?(\d+)\/main\.tf$/.exec(path)?.[1];
  if (index === undefined) throw new Error(`checkov names a file that it was not given: ${path}`);
  return Number(index);
}
