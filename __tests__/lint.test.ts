import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const PROJECT = resolve(__dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "lint-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

copyFileSync(join(PROJECT, "biome.jsonc"), join(folder, "biome.jsonc"));

/** What the linter says to a file of this content. */
function lint(content: string, file = "example.ts") {
  mkdirSync(join(folder, dirname(file)), { recursive: true });
  writeFileSync(join(folder, file), content);
  const { status, stdout, stderr, error } = spawnSync(
    join(PROJECT, "node_modules", ".bin", "biome"),
    // The folder is no repository; everything else is the project's own configuration.
    ["lint", "--error-on-warnings", "--vcs-enabled=false", "--colors=off", file],
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

  it.each([
    ["constructs/example.ts", "../environment/names"],
    ["constructs/example.ts", "../util/invalid-input"],
    ["constructs/example.ts", "zod"],
    ["constructs/policy/example.ts", "../../environment/network"],
    ["constructs/policy/example.ts", "zod"],
    ["environment/example.ts", "../stacks/state"],
    ["environment/example.ts", "../environments"],
    ["stacks/example.ts", "../pipeline/workflow/files"],
    ["pipeline/workflow/example.ts", "../../measure/record/record"],
    ["measure/report/example.ts", "../../cli/report"],
    ["measure/report/example.ts", "../../main"],
    ["util/example.ts", "../environment/names"],
  ])("refuses that %s imports %s", (file, path) => {
    const { code, output } = lint(`import { made } from "${path}";\n\nexport const again = made;\n`, file);
    expect(code).not.toBe(0);
    expect(output).toContain("noRestrictedImports");
  });

  it("refuses a circle", () => {
    writeFileSync(
      join(folder, "other.ts"),
      'import { one } from "./one";\n\nexport const other = () => one;\n',
    );
    const { code, output } = lint(
      'import { other } from "./other";\n\nexport const one = other;\n',
      "one.ts",
    );
    expect(code).not.toBe(0);
    expect(output).toContain("noImportCycles");
  });
});
