import { type NpmLock, packageName } from "../.ci/scan/npm-lock";

/** Licenses that a runtime package may have, as the lock writes them: each lets anybody use and pass on the package. */
export const RUNTIME_LICENSES = [
  "0BSD",
  "Apache-2.0",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "ISC",
  "MIT",
  // Changes of its files stay under it; cdktf and its providers are used as they are.
  "MPL-2.0",
  // jsonify, inside of cdktf.
  "Public Domain",
  "Unlicense",
] as const;

/** Installed runtime packages with another license, or with none. */
export function licenseProblems({ packages }: NpmLock): string[] {
  const allowed: readonly string[] = RUNTIME_LICENSES;
  return Object.entries(packages)
    .filter(([folder, { dev, license }]) => folder !== "" && !dev && !allowed.includes(license ?? ""))
    .map(
      ([folder, entry]) =>
        `${packageName(folder, entry)} ${entry.version}: ${entry.license ?? "no license"} is not on the list of supply-chain/licenses.ts`,
    );
}
