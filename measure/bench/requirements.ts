import { parseLock } from "../../pipeline/layers/lock";
import { InvalidInput } from "../../util/invalid-input";

/** One package of a lock: its version and the hashes that its files may have. */
export interface Requirement {
  /** Normalized as PEP 503 says. */
  readonly name: string;
  readonly version: string;
  /** SHA-256, in hexadecimal. */
  readonly hashes: readonly string[];
}

/**
 * Reads a lock as uv and pip-tools write it, by name.
 *
 * @throws InvalidInput with all that is wrong with it
 */
export function parseRequirements(text: string, fileName: string): Requirement[] {
  const { pins, problems } = parseLock(text);
  if (problems.length > 0) throw new InvalidInput(`${fileName} is not a lock with hashes:`, problems);
  return pins.map(({ name, version, hashes }) => ({
    name,
    version,
    hashes: hashes.flatMap((hash) => /^sha256:(.+)$/.exec(hash)?.[1] ?? []),
  }));
}

/** The lines of a lock that holds these packages. */
export function formatRequirements(requirements: readonly Requirement[]): string {
  return requirements
    .map(({ name, version, hashes }) =>
      [`${name}==${version}`, ...hashes.map((hash) => `    --hash=sha256:${hash}`)].join(" \\\n"),
    )
    .map((line) => `${line}\n`)
    .join("");
}

/** The lock with one package in another version: the first of `others` that the lock holds. */
export function withOtherVersion(
  lock: readonly Requirement[],
  others: readonly Requirement[],
): { readonly changed: Requirement; readonly lock: readonly Requirement[] } | undefined {
  const changed = others.find((other) => lock.some(({ name }) => name === other.name));
  return changed === undefined
    ? undefined
    : {
        changed,
        lock: lock.map((requirement) => (requirement.name === changed.name ? changed : requirement)),
      };
}
