import { type NpmLock, packageName } from "../../.ci/scan/npm-lock";

const REGISTRY = "https://registry.npmjs.org/";

/**
 * What keeps a lock from saying which bytes are installed: a package without integrity, one from elsewhere than the
 * public registry, and an install script that nobody decided about. A package inside of another one's archive is
 * covered by that one's integrity.
 *
 * @param decided `allowScripts` of package.json: which packages' install scripts may run, and which may not
 */
export function lockProblems({ packages }: NpmLock, decided: Readonly<Record<string, boolean>>): string[] {
  const entries = Object.entries(packages).filter(([folder]) => folder !== "");
  const withScript = new Set(
    entries
      .filter(([, entry]) => entry.hasInstallScript)
      .map(([folder, entry]) => packageName(folder, entry)),
  );
  return [
    ...entries
      .filter(([, { integrity, inBundle }]) => !inBundle && !/^sha512-[\w+/]{86}==$/.test(integrity ?? ""))
      .map(([folder]) => `${folder} has no sha512 integrity`),
    ...entries
      .filter(([, { resolved }]) => resolved !== undefined && !resolved.startsWith(REGISTRY))
      .map(([folder, { resolved }]) => `${folder} comes from ${resolved}, not from ${REGISTRY}`),
    ...[...withScript]
      .filter((name) => decided[name] === undefined)
      .map((name) => `${name} has an install script that allowScripts of package.json does not name`),
    ...Object.keys(decided)
      .filter((name) => !withScript.has(name))
      .map((name) => `allowScripts of package.json names ${name}, which has no install script`),
  ];
}
