import { SECURITY_EXCEPTIONS, type SecurityException } from "../../constructs/security-exceptions";

/** A check that failed at a resource of a stack. */
export interface Finding {
  readonly check: string;
  readonly title: string;
  /** Terraform's address, `type.id`. */
  readonly address: string;
}

/** An exception that stands at a resource. */
export interface PlacedName {
  readonly exception: string;
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
  readonly placements: readonly PlacedName[];
  readonly findings: readonly Finding[];
}

/** A finding that nothing excepts, wherever it was rendered. */
export interface OpenFinding {
  readonly check: string;
  readonly title: string;
  /** For example `cluster: network/vpc (aws_vpc)`. */
  readonly resource: string;
  /** Names of the apps that it was found in. */
  readonly apps: readonly string[];
}

/** An exception, and the findings that it covered in everything that was rendered. */
export interface ExceptionUse {
  readonly name: string;
  readonly checks: readonly string[];
  readonly reason: string;
  readonly resources: readonly { readonly resource: string; readonly uses: number }[];
}

export interface Judgement {
  readonly open: readonly OpenFinding[];
  readonly exceptions: readonly ExceptionUse[];
  /** What of the exceptions no finding used: an entry, a check of one, or its place at a resource. */
  readonly unused: readonly string[];
}

/** Checks of the project's own policy: a synth that violates one, or excepts what does not, never gets this far. */
const isPolicy = (check: string) => check.startsWith("policy/");

/** Sets what was found against what is excepted, over all stacks that were rendered. */
export function judge(
  stacks: readonly JudgedStack[],
  entries: Readonly<Record<string, SecurityException>> = SECURITY_EXCEPTIONS,
): Judgement {
  const open = new Map<string, OpenFinding & { apps: string[] }>();
  /** Uses by entry and check, and by entry and resource. */
  const ofCheck = new Tally();
  const ofPlace = new Tally();

  for (const stack of stacks) {
    const named = (address: string) =>
      `${stack.kind}: ${stack.paths.get(address) ?? address} (${address.split(".")[0]})`;
    for (const { exception, address } of stack.placements) {
      const policies = entries[exception]?.checks.filter(isPolicy) ?? [];
      ofPlace.add([exception, named(address)], policies.length);
      for (const check of policies) ofCheck.add([exception, check], 1);
    }
    for (const { check, title, address } of stack.findings) {
      const covering = stack.placements.filter(
        (placed) => placed.address === address && entries[placed.exception]?.checks.includes(check),
      );
      for (const { exception } of covering) {
        ofCheck.add([exception, check], 1);
        ofPlace.add([exception, named(address)], 1);
      }
      if (covering.length > 0) continue;
      const key = JSON.stringify([check, named(address)]);
      const found = open.get(key) ?? { check, title, resource: named(address), apps: [] };
      if (!found.apps.includes(stack.app)) found.apps.push(stack.app);
      open.set(key, found);
    }
  }

  const exceptions = Object.entries(entries).map(([name, { checks, reason }]) => ({
    name,
    checks,
    reason,
    resources: ofPlace.of(name).map(([resource, uses]) => ({ resource, uses })),
  }));
  return {
    open: [...open.values()],
    exceptions,
    unused: exceptions.flatMap((use) => unusedOf(use, ofCheck)),
  };
}

function unusedOf({ name, checks, resources }: ExceptionUse, ofCheck: Tally): string[] {
  if (resources.length === 0)
    return [`${name} stands at no resource. Take it out of constructs/security-exceptions.ts.`];
  const used = new Map(ofCheck.of(name));
  return [
    ...checks
      .filter((check) => !used.has(check))
      .map(
        (check) =>
          `${name} excepts ${check}, which finds nothing at its resources. Take the check out of constructs/security-exceptions.ts.`,
      ),
    ...resources
      .filter(({ uses }) => uses === 0)
      .map(
        ({ resource }) =>
          `${name} excepts nothing at ${resource}. Take except(..., "${name}") away there, or say when it stands.`,
      ),
  ];
}

/** Counts by two words. */
class Tally {
  private readonly counts = new Map<string, Map<string, number>>();

  add([first, second]: readonly [string, string], count: number): void {
    const inner = this.counts.get(first) ?? new Map<string, number>();
    inner.set(second, (inner.get(second) ?? 0) + count);
    this.counts.set(first, inner);
  }

  of(first: string): [string, number][] {
    return [...(this.counts.get(first) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}
