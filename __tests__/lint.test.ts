import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const PROJECT = resolve(__dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "lint-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

copyFileSync(join(PROJECT, "biome.jsonc"), join(folder, "biome.jsonc"));

/** What the linter says to a file of this content. */
function lint(content: string) {
  writeFileSync(join(folder, "example.ts"), content);
  const { status, stdout, stderr, error } = spawnSync(
    join(PROJECT, "node_modules", ".bin", "biome"),
    // The folder is no repository; everything else is the project's own configuration.
    ["lint", "--error-on-warnings", "--vcs-enabled=false", "--colors=off", "example.ts"],
    { cwd: folder, encoding: "utf8" },
  );
  if (error) throw error;
  return { code: status, output: `${stdout}${stderr}` };
}

describe("the linter", () => {
  it.each([
    ["@cdktf/provider-aws", "eks-cluster", "EksCluster"],
    ["@cdktf/provider-kubernetes", "namespace-v1", "NamespaceV1"],
    ["@cdktf/provider-helm", "release", "Release"],
  ])("refuses the root of %s, and says what to import", (provider, file, name) => {
    const { code, output } = lint(`import { ${name} } from "${provider}";\n\nexport const made = ${name};\n`);
    expect(code).not.toBe(0);
    expect(output).toContain("noRestrictedImports");
    expect(output).toContain(`Import one resource, for example ${provider}/lib/${file}`);
  });

  it.each([
    ["@cdktf/provider-aws/lib/eks-cluster", "EksCluster"],
    ["@cdktf/provider-kubernetes/lib/namespace-v1", "NamespaceV1"],
    ["@cdktf/provider-helm/lib/release", "Release"],
  ])("takes %s", (path, name) => {
    const { code, output } = lint(`import { ${name} } from "${path}";\n\nexport const made = ${name};\n`);
    expect(output).not.toContain("noRestrictedImports");
    expect(code).toBe(0);
  });

  it.each([
    ["any", "noExplicitAny", "export const x: any = 1;\n"],
    ["a non-null assertion", "noNonNullAssertion", "export const x = (y?: string) => y!.length;\n"],
  ])("refuses %s", (_, rule, content) => {
    const { code, output } = lint(content);
    expect(code).not.toBe(0);
    expect(output).toContain(rule);
  });
});
