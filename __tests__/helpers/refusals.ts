import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { HelmProvider } from "@cdktf/provider-helm/lib/provider";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { Aspects, LocalBackend, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { expect, it } from "vitest";
import { POLICY_RULES, Policy } from "../../constructs/policy";
import { ProjectApp } from "../../stacks/project-app";
import { InvalidInput } from "../../util/invalid-input";

/** What the policy says about a stack `test` that holds what `build` puts into it; nothing when it passes. */
export function refusals(build: (stack: TerraformStack, app: ProjectApp) => void): readonly string[] {
  const outdir = mkdtempSync(join(tmpdir(), "policy-"));
  try {
    const app = new ProjectApp({ outdir });
    Aspects.of(app).add(new Policy(POLICY_RULES));
    const stack = new TerraformStack(app, "test");
    new LocalBackend(stack, { path: "test.tfstate" });
    new AwsProvider(stack, "aws", { region: "us-west-2" });
    new KubernetesProvider(stack, "kubernetes", {});
    new HelmProvider(stack, "helm", {});
    build(stack, app);
    app.synth();
    return [];
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems;
    throw error;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

type Build = (stack: TerraformStack) => void;

/** What a rule refuses, in words and as a construct, and its twin that passes. */
export type PolicyCase = readonly [name: string, bad: Build, good: Build];

/** Builds one construct. */
export const put =
  <P>(Type: new (scope: Construct, id: string, props: P) => unknown, id: string, props: P): Build =>
  (stack) => {
    new Type(stack, id, props);
  };

/** Tests each case; what the policy says about the bad ones is in `__snapshots__/policy/<file>.txt`. */
export function testPolicy(file: string, cases: readonly PolicyCase[]): void {
  it("refuses these, and says why", async () => {
    const page = cases.map(([name, bad]) => {
      const said = refusals(bad);
      expect(said, name).not.toEqual([]);
      return `${name}\n${said.map((problem) => `  ${problem}\n`).join("")}`;
    });
    await expect(page.join("\n")).toMatchFileSnapshot(`../../__snapshots__/policy/${file}.txt`);
  });

  it.each(cases)("lets the twin pass: %s", (_name, _bad, good) => {
    expect(refusals(good)).toEqual([]);
  });
}
