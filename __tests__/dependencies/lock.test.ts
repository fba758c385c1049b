import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { licenseProblems, RUNTIME_LICENSES } from "../../supply-chain/licenses";
import { lockProblems } from "./lock-problems";
import { type LockedPackage, type NpmLock, readNpmLock, readPackageJson } from "../../.ci/scan/npm-lock";

const PROJECT = resolve(__dirname, "../..");
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

describe("the licenses of runtime packages", () => {
  it("are on the list", () => {
    expect(licenseProblems(lock)).toEqual([]);
  });

  it("are all in use: the list holds no license that no package has", () => {
    const runtime = Object.values(lock.packages).filter(({ dev }) => !dev);
    const used = new Set(runtime.map(({ license }) => license));
    expect(RUNTIME_LICENSES.filter((license) => !used.has(license))).toEqual([]);
  });

  it.each([
    ["AGPL-3.0-only", "zod 4.6.7: AGPL-3.0-only is not on the list of supply-chain/licenses.ts"],
    [undefined, "zod 4.6.7: no license is not on the list of supply-chain/licenses.ts"],
  ])("are refused when one is %s", (license, problem) => {
    const { license: _, ...zod } = lock.packages["node_modules/zod"] as LockedPackage;
    const changed = {
      ...lock,
      packages: { "node_modules/zod": { ...zod, version: "4.6.7", ...(license && { license }) } },
    };
    expect(licenseProblems(changed)).toEqual([problem]);
  });

  it("are those that the installed packages themselves name", () => {
    const direct = Object.keys(dependencies);
    for (const name of direct) {
      const file = join(PROJECT, "node_modules", name, "package.json");
      const { license } = JSON.parse(readFileSync(file, "utf8")) as { license: string };
      expect(lock.packages[`node_modules/${name}`]?.license, name).toBe(license);
    }
  });
});
