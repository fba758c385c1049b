import { describe, expect, it } from "vitest";
import { type LockedPackage, type NpmLock, readNpmLock, readPackageJson } from "../../.ci/scan/npm-lock";
import { lockProblems } from "./lock-problems";

const lock = readNpmLock();
const { allowScripts, dependencies, devDependencies } = readPackageJson();

/** The lock with one entry changed. */
const withEntry = (folder: string, change: Partial<LockedPackage>): NpmLock => {
  const { [folder]: entry, ...others } = lock.packages;
  if (!entry) throw new Error(`no ${folder} in the lock`);
  return { ...lock, packages: { ...others, [folder]: { ...entry, ...change } } };
};

describe("package-lock.json", () => {
  it("says which bytes every package has, from the public registry, and names each install script", () => {
    expect(Object.keys(lock.packages).length).toBeGreaterThan(500);
    expect(lockProblems(lock, allowScripts)).toEqual([]);
  });

  it.each<[string, NpmLock, Readonly<Record<string, boolean>>, string]>([
    [
      "a package without integrity",
      withEntry("node_modules/zod", { integrity: "" }),
      allowScripts,
      "node_modules/zod has no sha512 integrity",
    ],
    [
      "an integrity that is too weak",
      withEntry("node_modules/zod", { integrity: "sha1-qUwiJOvKwEeCoNkDVSHyRzW37J4=" }),
      allowScripts,
      "node_modules/zod has no sha512 integrity",
    ],
    [
      "a package from elsewhere",
      withEntry("node_modules/zod", { resolved: "https://registry.npmjs.org.example/zod.tgz" }),
      allowScripts,
      "node_modules/zod comes from https://registry.npmjs.org.example/zod.tgz, not from https://registry.npmjs.org/",
    ],
    [
      "a new install script",
      withEntry("node_modules/zod", { hasInstallScript: true }),
      allowScripts,
      "zod has an install script that allowScripts of package.json does not name",
    ],
    [
      "a decision about nothing",
      lock,
      { ...allowScripts, zod: true },
      "allowScripts of package.json names zod, which has no install script",
    ],
  ])("finds %s", (_, changed, decided, problem) => {
    expect(lockProblems(changed, decided)).toEqual([problem]);
  });

  it("takes a package inside of another one's archive as covered by it", () => {
    const bundled = Object.entries(lock.packages).filter(([, { inBundle }]) => inBundle);
    expect(bundled.length).toBeGreaterThan(0);
    for (const [folder] of bundled) {
      const [outer = ""] = folder.split(/(?<=[^/])\/node_modules\//);
      expect(lock.packages[outer]?.integrity, folder).toMatch(/^sha512-/);
    }
  });

  it("is asked for by exact versions", () => {
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
    }
  });
});
