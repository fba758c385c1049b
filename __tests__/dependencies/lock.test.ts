import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { type LockedPackage, packageName, readNpmLock, readPackageJson } from "../../.ci/scan/npm-lock";

const REGISTRY = "https://registry.npmjs.org/";
const { packages } = readNpmLock();
const { allowScripts, dependencies, devDependencies } = readPackageJson();

/** A link to a workspace has no archive, and a bundled package is covered by the archive that holds it. */
const isCovered = ({ inBundle, link }: LockedPackage) => inBundle === true || link === true;
/** Packages of the registry, without this project's own. */
const locked = Object.entries(packages).filter(([folder]) => folder.includes("node_modules/"));

describe("package-lock.json", () => {
  it("has a sha512 of every package", () => {
    const without = locked.filter(
      ([, entry]) => !isCovered(entry) && !/^sha512-[\w+/]{86}==$/.test(entry.integrity ?? ""),
    );
    expect(without.map(([folder]) => folder)).toEqual([]);
  });

  it("names no registry but the public one", () => {
    const elsewhere = locked.filter(
      ([, { resolved, link }]) => !link && resolved !== undefined && !resolved.startsWith(REGISTRY),
    );
    expect(elsewhere.map(([folder]) => folder)).toEqual([]);
  });

  it("has no install script that allowScripts of package.json does not name", () => {
    const scripts = locked.filter(([, entry]) => entry.hasInstallScript).map(([...at]) => packageName(...at));
    expect(Object.keys(allowScripts).sort()).toEqual([...new Set(scripts)].sort());
  });
});

describe("package.json", () => {
  it.each(Object.entries({ ...dependencies, ...devDependencies }))(
    "asks for %s by exact version: %s",
    (_, version) => {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    },
  );

  it("runs no install script, whatever npm's version", () => {
    expect(readFileSync(join(resolve(__dirname, "../.."), ".npmrc"), "utf8")).toMatch(
      /^ignore-scripts=true$/m,
    );
  });
});
