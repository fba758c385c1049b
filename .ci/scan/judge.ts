import { SECURITY_EXCEPTIONS, type SecurityException } from "../../constructs/security-exception";

/** A check that failed at a resource of a stack. */
export interface Finding {
  readonly check: string;
  readonly title: string;
  /** Terraform's address, `type.id`. */
  readonly address: string;
}

/** A rendered stack and what was found in it. */
export interface JudgedStack {
  /** What was rendered together with it. */
  readonly app: string;
  /** The stack's name without its environment's. */
  readonly kind: string;
  /** Construct paths within the stack, by address. */
  readonly paths: ReadonlyMap<string, string>;
  /** Exceptions at resources. */
  readonly placements: readonly { readonly exception: string; readonly address: string }[];
  readonly findings: readonly Finding[];
}

/** A finding without an exception. */
export interface OpenFinding {
  readonly check: string;
  readonly title: string;
  /** For example `cluster: network/vpc (aws_vpc)`. */
  readonly resource: string;
  /** Names of the apps that it was found in. */
  readonly apps: readonly string[];
}

/** An exception, and how many findings it covers at each of its resources. */
export interface ExceptionUse {
  readonly name: string;
  readonly checks: readonly string[];
  readonly reason: string;
  readonly resources: readonly { readonly resource: string; readonly uses: number }[];
}

export interface Judgement {
  readonly open: readonly OpenFinding[];
  readonly exceptions: readonly ExceptionUse[];
  /** Exceptions, checks of them and places of them that no finding needs. */
  readonly unused: readonly string[];
}

/** Checks of the project's own policy: synthesis has already refused what violates one or excepts nothing. */
const isPolicy = (check: string) => check.startsWith("policy/");

/** Compares what was found with what is excepted, over all stacks that were rendered. */
export function judge(
  stacks: readonly JudgedStack[],
  entries: Readonly<Record<string, SecurityException>> = SECURITY_EXCEPTIONS,
): Judgement {
  const open = new Map<string, OpenFinding & { apps: string[] }>();
  const places = new Map<string, Map<string, number>>();
  const usedChecks = new Set<string>();
  const use = (exception: string, resource: string, checks: readonly string[]) => {
    const uses = places.get(exception) ?? new Map<string, number>();
    places.set(exception, uses.set(resource, (uses.get(resource) ?? 0) + checks.length));
    for (const check of checks) usedChecks.add(`${exception} ${check}`);
  };

  for (const { app, kind, paths, placements, findings } of stacks) {
    const named = (address: string) => `${kind}: ${paths.get(address) ?? address} (${address.split(".")[0]})`;
    for (const { exception, address } of placements)
      use(exception, named(address), entries[exception]?.checks.filter(isPolicy) ?? []);
    for (const { check, title, address } of findings) {
      const covering = placements.filter(
        (placed) => placed.address === address && entries[placed.exception]?.checks.includes(check),
      );
      for (const { exception } of covering) use(exception, named(address), [check]);
      if (covering.length > 0) continue;
      const key = `${check} ${named(address)}`;
      const found = open.get(key) ?? { check, title, resource: named(address), apps: [] };
      if (!found.apps.includes(app)) found.apps.push(app);
      open.set(key, found);
    }
  }

  const exceptions = Object.entries(entries).map(([name, { checks, reason }]) => {
    const resources = [...(places.get(name) ?? [])].map(([resource, uses]) => ({ resource, uses }));
    return { name, checks, reason, resources };
  });
  return {
    open: [...open.values()],
    exceptions,
    unused: exceptions.flatMap((exception) => unusedOf(exception, usedChecks)),
  };
}

function unusedOf({ name, checks, resources }: ExceptionUse, usedChecks: ReadonlySet<string>): string[] {
  const file = "constructs/security-exception.ts";
  if (resources.length === 0) return [`${name} is at no resource. Take it out of ${file}.`];
  return [
    ...checks
      .filter((check) => !usedChecks.has(`${name} ${check}`))
      .map((check) => `${name} excepts ${check}, which finds nothing there. Take the check out of ${file}.`),
    ...resources
      .filter(({ uses }) => uses === 0)
      .map(
        ({ resource }) => `${name} excepts nothing at ${resource}. Take except(..., "${name}") away there.`,
      ),
  ];
}
