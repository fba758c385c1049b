import { declaredDependencies, KINDS } from "./declared";
import { CHECKED, DEPENDENCIES, type Dependency } from "./dependencies";
import { RUNTIME_LICENSES } from "./licenses";
import { readNpmLock, readPackageJson } from "../.ci/scan/npm-lock";

/** docs/dependencies.md: every direct dependency with what was looked up, and the rules for the rest. */
export function dependenciesPage(): string {
  const lock = readNpmLock();
  const installed = Object.entries(lock.packages).filter(([folder]) => folder !== "");
  const runtime = installed.filter(([, { dev }]) => !dev);
  const all = declaredDependencies();
  const sections = KINDS.map((kind) => {
    const rows = all
      .filter((declared) => declared.kind === kind)
      .map(({ name, version }) =>
        row(name, version, factsOf(kind, name), lock.packages[`node_modules/${name}`]?.license),
      );
    return [`## ${TITLES[kind]}`, "", HEAD, ...rows].join("\n");
  });
  return `${[
    "<!-- Made by `npm run docs` from supply-chain/dependencies.ts and from what the project declares. -->",
    "# Dependencies",
    `Every direct dependency: what it is for, and why it is this one. Looked up on ${CHECKED}. A day is that of the release's tag; "by" a day means that the package registry had it then, and that it may be older.`,
    ...sections,
    "## What holds for all of them",
    [
      `- **npm.** ${installed.length} packages stand in package-lock.json, ${runtime.length} of them run; the rest is for development. Each has a sha512 hash or lies inside of a package that has one, and none names a registry other than the public one.`,
      `- **Install scripts.** None runs (\`.npmrc\`: \`ignore-scripts=true\`), whatever npm's version: npm 10 would run every one, npm 11 every one that is not denied, npm 12 those that \`allowScripts\` of package.json names. ${installScripts()} Where node-pty ships no binary (Node 24 and newer; Node 22 on Linux for ARM), \`cdktf deploy\` needs it built: \`npm rebuild --ignore-scripts=false @cdktf/node-pty-prebuilt-multiarch\`.`,
      `- **Licenses.** A package that runs has one of these: ${RUNTIME_LICENSES.join(", ")}.`,
      "- **Go modules** are built by `.ci/tools/install.sh` from go.mod and go.sum, **Python packages** installed by hash and as wheels only, **actions** pinned by commit.",
      "- **Not pinned by hash:** container images and the chart (by tag or version), Terraform's providers (by exact version and their vendor's signature), the programs that README asks for.",
    ].join("\n"),
    "## Software bill of materials",
    "```sh\nnpm run --silent sbom > sbom.json\n```",
    "It is CycloneDX 1.5 JSON, made by npm from package-lock.json without a network: every package, those inside of others too, with its hash; development's carry `cdx:npm:package:development`. The same lock gives the same bytes, but for `serialNumber` and `timestamp`. `--omit dev` is left out on purpose: npm then also leaves out packages that development needs as well, such as cdktf and constructs. Images, chart, providers, actions and tools are not in it; they stand above.",
  ].join("\n\n")}\n`;
}

const TITLES: Readonly<Record<(typeof KINDS)[number], string>> = {
  "npm package": "npm packages that run",
  "npm package for development": "npm packages for development",
  "Terraform provider": "Terraform providers",
  "Helm chart": "Helm chart",
  "container image": "Container images",
  "GitHub action": "GitHub actions",
  "Go module of a tool": "Go modules of tools",
  "Python package of a tool": "Python packages of tools",
};

const HEAD = "| name | version | license | released | what for | why this one |\n|---|---|---|---|---|---|";

const factsOf = (kind: Dependency["kind"], name: string) =>
  DEPENDENCIES.find((one) => one.kind === kind && one.name === name);

function row(
  name: string,
  version: string,
  facts: Dependency | undefined,
  locked: string | undefined,
): string {
  if (!facts) return `| ${name} | ${version} | ${locked ?? "?"} | ? | ? | ? |`;
  const { released, newest, purpose, why } = facts;
  const license = locked ?? facts.license ?? "?";
  const dates = newest ? `${released}; newest ${newest.version}, ${newest.released}` : released;
  return `| ${name} | ${version} | ${license} | ${dates} | ${purpose} | ${why} |`;
}

function installScripts(): string {
  const { allowScripts } = readPackageJson();
  const named = (decision: boolean) =>
    Object.keys(allowScripts)
      .filter((name) => allowScripts[name] === decision)
      .map((name) => `\`${name}\``)
      .join(", ");
  const [allowed, denied] = [named(true), named(false)];
  return [
    allowed && `There it is allowed for ${allowed}${denied ? "," : "."}`,
    denied && `${allowed ? "and " : "There it is "}denied for ${denied}.`,
  ]
    .filter(Boolean)
    .join(" ");
}
