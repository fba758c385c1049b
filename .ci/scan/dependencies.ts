import { lastLines, run } from "./program";
import { type ScanResult, scanResult } from "./scan";

const SCAN = "dependencies";
/** A severity that npm invents later counts. */
const BELOW: ReadonlySet<string> = new Set(["info", "low"]);

/** Answers of a registry that does not know the address, or not the method. */
const NO_ENDPOINT: ReadonlySet<number> = new Set([404, 405, 410, 501]);

/** `npm audit` of what the project runs with: everything but the development dependencies. */
export async function scanDependencies(project: string, env: NodeJS.ProcessEnv): Promise<ScanResult> {
  const { stdout, stderr } = await run("npm", ["audit", "--omit=dev", "--json"], { cwd: project, env });
  return readAudit(stdout, stderr);
}

interface Vulnerability {
  readonly name: string;
  readonly severity: string;
  readonly range: string;
  /** Advisories, or names of the packages that bring them. */
  readonly via: readonly ({ readonly title: string; readonly url: string } | string)[];
  readonly fixAvailable: boolean | { readonly name: string; readonly version: string };
}

interface Audit {
  readonly auditReportVersion?: number;
  readonly vulnerabilities?: Readonly<Record<string, Vulnerability>>;
  readonly metadata?: { readonly dependencies?: { readonly prod?: number } };
  readonly statusCode?: number;
  readonly message?: string;
  readonly error?: { readonly summary?: string };
}

/** Reads what `npm audit --json` prints. @throws Error if there was no audit, unless the registry has none */
export function readAudit(stdout: string, stderr: string): ScanResult {
  let audit: Audit;
  try {
    audit = JSON.parse(stdout) as Audit;
  } catch {
    throw new Error(`npm audit printed no JSON:\n${lastLines(`${stdout}\n${stderr}`)}`);
  }
  if (audit.statusCode !== undefined && NO_ENDPOINT.has(audit.statusCode)) {
    const summary = `not checked: the registry has no audit endpoint (it answered ${audit.statusCode})`;
    return { scan: SCAN, status: "not checked", summary, problems: [] };
  }
  if (audit.auditReportVersion !== 2 || !audit.vulnerabilities) {
    const said = audit.error?.summary || audit.message || lastLines(stderr) || "it gave no reason";
    throw new Error(`npm audit did not finish: ${said}`);
  }
  const all = Object.values(audit.vulnerabilities);
  const failing = all.filter(({ severity }) => !BELOW.has(severity));
  const packages = audit.metadata?.dependencies?.prod ?? "all";
  return scanResult(
    SCAN,
    `npm audit of ${packages} packages: ${failing.length} of moderate severity or more, ${all.length - failing.length} below`,
    failing.map(described),
  );
}

function described({ name, severity, range, via, fixAvailable }: Vulnerability): string {
  const causes = via.map((cause) =>
    typeof cause === "string" ? `through ${cause}` : `${cause.title} (${cause.url})`,
  );
  const fix = fixAvailable ? "Fixed by: npm audit fix" : "There is no fix yet.";
  return `${severity}: ${name} ${range}\n${causes.join("; ")}\n${fix}`;
}
