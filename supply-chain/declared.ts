import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { loadEnvironments } from "../environment/load";
import { buildkitImage } from "../environment/toolchain";
import { environments } from "../environments";
import { createApp } from "../main";
import { readPackageJson } from "../.ci/scan/npm-lock";

const PROJECT = resolve(__dirname, "..");
const TOOLS = join(PROJECT, ".ci", "tools");
const WORKFLOWS = join(PROJECT, ".github", "workflows");

export const KINDS = [
  "npm package",
  "npm package for development",
  "Terraform provider",
  "Helm chart",
  "container image",
  "GitHub action",
  "Go module of a tool",
  "Python package of a tool",
] as const;

export type Kind = (typeof KINDS)[number];

/** Something that the project names itself, and not through something else. */
export interface Declared {
  readonly kind: Kind;
  readonly name: string;
  /** All of them, separated by commas, where it is named by several. */
  readonly version: string;
}

/** Every direct dependency, read from where it is declared, in the order of {@link KINDS} and by name. */
export function declaredDependencies(): Declared[] {
  const all = [
    ...npmPackages(),
    ...rendered(),
    ...images(),
    ...actions(),
    ...goModules(),
    ...pythonPackages(),
  ];
  const versions = new Map<string, Declared>();
  for (const { kind, name, version } of all) {
    const key = `${kind} ${name}`;
    const known = versions.get(key)?.version.split(", ") ?? [];
    versions.set(key, { kind, name, version: [...new Set([...known, version])].sort().join(", ") });
  }
  return [...versions.values()].sort(
    (a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || (a.name < b.name ? -1 : 1),
  );
}

function npmPackages(): Declared[] {
  const { dependencies, devDependencies } = readPackageJson();
  const of = (kind: Kind, packages: Readonly<Record<string, string>>) =>
    Object.entries(packages).map(([name, version]) => ({ kind, name, version }));
  return [...of("npm package", dependencies), ...of("npm package for development", devDependencies)];
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const objects = (value: Json | undefined) => (isObject(value) ? Object.entries(value) : []);

/** What the stacks of the environments make Terraform and the cluster fetch. */
function rendered(): Declared[] {
  return renderedStacks().flatMap((stack) => {
    if (!isObject(stack) || !isObject(stack.terraform)) return [];
    const resources = isObject(stack.resource) ? stack.resource : {};
    return [
      ...objects(stack.terraform.required_providers).map(([name, provider]) => ({
        kind: "Terraform provider" as const,
        name,
        version: isObject(provider) ? String(provider.version) : "",
      })),
      ...objects(resources.helm_release).map(([, release]) => ({
        kind: "Helm chart" as const,
        name: isObject(release) ? String(release.chart) : "",
        version: isObject(release) ? String(release.version) : "",
      })),
      ...imagesIn(resources).map(image),
    ];
  });
}

function renderedStacks(): Json[] {
  const outdir = mkdtempSync(join(tmpdir(), "dependencies-"));
  try {
    createApp(loadEnvironments(environments), { outdir }).synth();
    const stacks = join(outdir, "stacks");
    return readdirSync(stacks).map(
      (name) => JSON.parse(readFileSync(join(stacks, name, "cdk.tf.json"), "utf8")) as Json,
    );
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** Texts under a key that speaks of an image, in a chart's values too. */
function imagesIn(value: Json, key = ""): string[] {
  if (typeof value === "string") {
    if (key === "values") return imagesIn(parse(value) as Json);
    return /image(?!PullPolicy)|RepositoryAndTag/i.test(key) && /^[\w./-]+:[\w.-]+$/.test(value)
      ? [value]
      : [];
  }
  if (Array.isArray(value)) return value.flatMap((inner: Json) => imagesIn(inner, key));
  return objects(value).flatMap(([name, inner]) => imagesIn(inner, name));
}

function image(reference: string): Declared {
  const colon = reference.lastIndexOf(":");
  return { kind: "container image", name: reference.slice(0, colon), version: reference.slice(colon + 1) };
}

/** Builders' images, and those that the large image is built from. */
function images(): Declared[] {
  const dockerfile = readFileSync(join(PROJECT, "image", "Dockerfile"), "utf8");
  const args = new Map(
    [...dockerfile.matchAll(/^ARG (\w+)=(\S+)$/gm)].map(([, name = "", value = ""]) => [name, value]),
  );
  const resolved = (name: string) =>
    (args.get(name) ?? "").replace(/\$\{(\w+)\}/g, (_, inner: string) => args.get(inner) ?? "");
  return [
    ...[false, true].map((rootless) => buildkitImage({ rootless })),
    resolved("BASE"),
    resolved("INSTALLER"),
  ].map(image);
}

function actions(): Declared[] {
  return readdirSync(WORKFLOWS).flatMap((file) =>
    [...readFileSync(join(WORKFLOWS, file), "utf8").matchAll(/uses: ([\w./-]+)@[0-9a-f]{40} # (\S+)/g)].map(
      ([, name = "", version = ""]) => ({ kind: "GitHub action" as const, name, version }),
    ),
  );
}

/** The modules of the programs that each go.mod names as tools. */
function goModules(): Declared[] {
  return toolFolders().flatMap((folder) => {
    const file = readIfThere(join(TOOLS, folder, "go.mod"));
    const versions = new Map(
      [...file.matchAll(/^(?:require )?\s*([\w.-]+\.[\w./-]+) (v\S+)/gm)].map(
        ([, name = "", version = ""]) => [name, version],
      ),
    );
    const block = /^tool \(\n([\s\S]*?)^\)/m.exec(file)?.[1] ?? "";
    const single = [...file.matchAll(/^tool ([\w.-]+\/\S+)$/gm)].map(([, path = ""]) => path);
    return [...single, ...block.split("\n").map((line) => line.trim())]
      .filter((path) => path !== "")
      .map((path) => {
        const [name] = [...versions.keys()]
          .filter((candidate) => path === candidate || path.startsWith(`${candidate}/`))
          .sort((a, b) => b.length - a.length);
        if (name === undefined) throw new Error(`.ci/tools/${folder}/go.mod requires no module of ${path}`);
        return { kind: "Go module of a tool" as const, name, version: versions.get(name) ?? "" };
      });
  });
}

/** What .ci/tools/requirements.txt pins; in a folder of a tool's own, that tool and not what it needs. */
function pythonPackages(): Declared[] {
  const pins = (path: string) =>
    [...readIfThere(join(TOOLS, path)).matchAll(/^([\w.-]+)==([\w.]+)/gm)].map(
      ([, name = "", version = ""]) => ({
        kind: "Python package of a tool" as const,
        name,
        version,
      }),
    );
  return [
    ...pins("requirements.txt"),
    ...toolFolders().flatMap((folder) =>
      pins(join(folder, "requirements.txt")).filter(({ name }) => name === folder),
    ),
  ];
}

const toolFolders = () =>
  readdirSync(TOOLS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
