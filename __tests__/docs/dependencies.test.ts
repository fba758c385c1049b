import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { declaredDependencies, KINDS } from "../../supply-chain/declared";
import { CHECKED, DEPENDENCIES } from "../../supply-chain/dependencies";
import { dependenciesPage } from "../../supply-chain/page";

const declared = declaredDependencies();
const key = ({ kind, name }: { readonly kind: string; readonly name: string }) => `${kind}: ${name}`;

describe("the direct dependencies", () => {
  it("are found wherever the project declares some", () => {
    for (const kind of KINDS)
      expect(
        declared.filter((one) => one.kind === kind),
        kind,
      ).not.toEqual([]);
    expect(declared.length).toBeGreaterThan(50);
  });

  it.each([
    ["npm package", "zod"],
    ["npm package for development", "vitest"],
    ["Terraform provider", "kubernetes"],
    ["Helm chart", "actions-runner-controller"],
    ["container image", "summerwind/actions-runner"],
    ["container image", "docker"],
    ["container image", "moby/buildkit"],
    ["container image", "ghcr.io/astral-sh/uv"],
    ["GitHub action", "docker/setup-buildx-action"],
    ["Go module of a tool", "github.com/moby/buildkit"],
    ["Python package of a tool", "zizmor"],
  ])("%s %s is one of them", (kind, name) => {
    expect(declared.map(key)).toContain(`${kind}: ${name}`);
  });

  it("are each described once, and nothing else is", () => {
    const described = DEPENDENCIES.map(key);
    expect(described.filter((one, i) => described.indexOf(one) !== i)).toEqual([]);
    expect([...described].sort()).toEqual(declared.map(key).sort());
  });

  it("were looked up at the version that is used", () => {
    const versions = (all: readonly { kind: string; name: string; version: string }[]) =>
      Object.fromEntries(all.map((one) => [key(one), one.version]));
    expect(versions(DEPENDENCIES)).toEqual(versions(declared));
  });

  it("have words, a day, and a license of their own where no lock names it", () => {
    for (const { kind, name, license, released, newest, purpose, why } of DEPENDENCIES) {
      expect(purpose.length, name).toBeGreaterThan(5);
      expect(why, name).toMatch(/^[A-Z].{9,}\.$/);
      expect(license !== undefined, name).toBe(!kind.startsWith("npm"));
      expect(`${purpose}${why}`, name).not.toContain("|");
      for (const day of [released, newest?.released ?? "moves"]) {
        expect(day, name).toMatch(/^((by )?20\d\d-[01]\d-[0-3]\d|moves)$/);
        if (day !== "moves") expect(day.replace("by ", "") <= CHECKED, name).toBe(true);
      }
    }
  });
});

describe("docs/dependencies.md", () => {
  const page = dependenciesPage();

  it("is what `npm run docs` writes", () => {
    expect(readFileSync(resolve(__dirname, "../../docs/dependencies.md"), "utf8")).toBe(page);
  });

  it("has one row for each dependency and no blank", () => {
    for (const { name, version } of declared) {
      const rows = page.split("\n").filter((line) => line.startsWith(`| ${name} | ${version} |`));
      expect(rows, name).toHaveLength(
        declared.filter((one) => one.name === name && one.version === version).length,
      );
      for (const row of rows) expect(row, name).not.toContain("| ? |");
    }
  });
});
