import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";

interface LockedPackage {
  /** Set where the folder has another name than the package. */
  readonly name?: string;
  readonly integrity?: string;
  /** Left out where the package comes from the registry that npm is configured with. */
  readonly resolved?: string;
  /** Inside of another package's archive. */
  readonly inBundle?: boolean;
  /** A workspace of this project. */
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
}

const REGISTRY = "https://registry.npmjs.org/";
const read = (file: string) => readFileSync(resolve(__dirname, "../..", file), "utf8");
const { packages } = JSON.parse(read("package-lock.json")) as { packages: Record<string, LockedPackage> };
const { allowScripts, dependencies, devDependencies } = JSON.parse(read("package.json")) as Record<
  "allowScripts" | "dependencies" | "devDependencies",
  Record<string, string>
>;

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
    const scripts = locked
      .filter(([, entry]) => entry.hasInstallScript)
      .map(([folder, { name }]) => name ?? folder.replace(/^.*node_modules\//, ""));
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
    expect(read(".npmrc")).toMatch(/^ignore-scripts=true$/m);
  });
});
