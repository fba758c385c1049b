import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const PROJECT = resolve(__dirname, "../..");

/** What package-lock.json says of one installed package, as far as it is read here. */
export interface LockedPackage {
  /** Set where the folder has another name than the package. */
  readonly name?: string;
  readonly version: string;
  readonly integrity?: string;
  /** Left out where the package comes from whichever registry npm is configured with. */
  readonly resolved?: string;
  readonly license?: string;
  /** Only development needs it. */
  readonly dev?: boolean;
  /** Shipped inside of another package, whose integrity covers it. */
  readonly inBundle?: boolean;
  /** A workspace of this project. */
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
}

export interface NpmLock {
  readonly lockfileVersion: number;
  /** By folder, `node_modules/...`; the project itself is the empty one. */
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/** package.json, as far as it is read here. */
export interface PackageJson {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

const readJson = (file: string): unknown => JSON.parse(readFileSync(resolve(PROJECT, file), "utf8"));

export const readNpmLock = () => readJson("package-lock.json") as NpmLock;
export const readPackageJson = () => readJson("package.json") as PackageJson;

/** Name of the package in a folder of node_modules. */
export const packageName = (folder: string, { name }: LockedPackage) =>
  name ?? folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
