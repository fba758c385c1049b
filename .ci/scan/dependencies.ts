import { lastLines, run } from "./program";
import { type ScanResult, scanResult } from "./scan";

const SCAN = "dependencies";
/** From the least to the worst. */
const SEVERITIES = ["info", "low", "moderate", "high", "critical"] as const;
type Severity = (typeof SEVERITIES)[number];
const FAILS_FROM: Severity = "moderate";

/** What a registry answers that does not know the address, or not the method. */
const NO_ENDPOINT: ReadonlySet<number> = new Set([404, 405, 410, 501]);

/** `npm audit` of what the project runs with: everything but the development dependencies. */
export async function scanDependencies(project: string, env: NodeJS.ProcessEnv): Promise<ScanResult> {
  const words = ["audit", "--omit=dev", "--json", `--audit-level=${FAILS_FROM}`];
  const { stdout, stderr } = await run("npm", words, { cwd: project, env });
  return readAudit(stdout, stderr);
}

interface Via {
  readonly title: string;
  readonly url: string;
}

interface Vulnerability {
  readonly name: string;
  readonly severity: Severity;
  readonly range: string;
  /** Advisories, or names of the packages that bring them. */
  readonly via: readonly (Via | string)[];
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

/** Reads what `npm audit --json` prints. @throws Error when there was no audit for any other reason than a registry without one */
export function readAudit(stdout: string, stderr: string): ScanResult {
  let audit: Audit;
  try {
    audit = JSON.parse(stdout) as Audit;
  } catch {
    throw new Error(`npm audit printed no JSON:\n${lastLines(`${stdout}\n${stderr}`)}`);
  }
  if (audit.statusCode !== undefined && NO_ENDPOINT.has(audit.statusCode)) {
    return {
      scan: SCAN,
      status: "not checked",
      summary: `not checked: the registry has no audit endpoint (it answered ${audit.statusCode}). Where there is one: npm audit --omit=dev`,
      problems: [],
    };
  }
  if (audit.auditReportVersion !== 2 || !audit.vulnerabilities) {
    const said = audit.error?.summary || audit.message || lastLines(stderr) || "it gave no reason";
    throw new Error(`npm audit did not come to an end: ${said}`);
  }
  const all = Object.values(audit.vulnerabilities);
  const failing = all.filter(({ severity }) => !isBelow(severity));
  const below = all.length - failing.length;
  return scanResult(
    SCAN,
    `npm audit of ${audit.metadata?.dependencies?.prod ?? "all"} packages: ${failing.length} of ${FAILS_FROM} severity or more, ${below} below`,
    failing.map(described),
  );
}

/** A severity that npm invents later counts. */
const isBelow = (severity: Severity) => {
  const rank = SEVERITIES.indexOf(severity);
  return rank >= 0 && rank < SEVERITIES.indexOf(FAILS_FROM);
};

function described({ name, severity, range, via, fixAvailable }: Vulnerability): string {
  const causes = via.map((cause) =>
    typeof cause === "string" ? `through ${cause}` : `${cause.title} (${cause.url})`,
  );
  const fix =
    typeof fixAvailable === "object"
      ? `Fixed with ${fixAvailable.name} ${fixAvailable.version}.`
      : fixAvailable
        ? "Fixed by: npm audit fix"
        : "There is no fix yet.";
  return `${severity}: ${name} ${range}\n${causes.join("; ")}\n${fix}`;
}
