import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  exceptionsWithin,
  type PlacedException,
  SECURITY_EXCEPTIONS,
  type SecurityException,
} from "../../../constructs/security-exception";
import { CONFIGURATIONS } from "../../../environment/configurations";
import type { EnvironmentInput } from "../../../environment/environment";
import { loadEnvironments } from "../../../environment/load";
import { createApp } from "../../../main";
import { environments } from "../../helpers/example-environments";
import { demo, demoWith, SUBSETS } from "../../helpers/input";

interface Variant {
  readonly name: string;
  readonly inputs: readonly EnvironmentInput[];
}

const VARIANTS: readonly Variant[] = [
  { name: "the example environments", inputs: environments },
  ...SUBSETS.map((subset) => ({ name: subset.join(", "), inputs: [demoWith(...subset)] })),
  ...[["hosted-kubernetes"] as const, ["custom-kubernetes"] as const, CONFIGURATIONS].map((subset) => ({
    name: `${subset.join(", ")} with warm builders`,
    inputs: [{ ...demoWith(...subset), builders: { mode: "warm" } as const }],
  })),
  ...(["per-job", "warm"] as const).map((mode) => ({
    name: `rootless ${mode} builders`,
    inputs: [demo({ builders: { mode, rootless: true } })],
  })),
  { name: "several warm builders", inputs: [demo({ builders: { mode: "warm", replicas: 2 } })] },
  { name: "flow logs", inputs: [demo({ flowLogs: true })] },
  { name: "a NAT gateway for each zone", inputs: [demo({ natGateways: "per-zone" })] },
  { name: "images under a key", inputs: [demo({ images: { encryption: "KMS" } })] },
  { name: "runners that scale", inputs: [demo({ runners: { minReplicas: 0, maxReplicas: 4 } })] },
  { name: "a VPC of public addresses", inputs: [demo({ vpcCidr: "20.0.0.0/16" })] },
  {
    name: "connected networks",
    inputs: [demo({ apiEndpoint: { privateAccessCidrs: ["10.99.0.0/16", "193.99.144.0/24", "0.0.0.0/0"] } })],
  },
  {
    name: "state in S3",
    inputs: [demo({ state: { type: "s3", bucket: "acme-state", region: "eu-west-1" } })],
  },
];

/** Exceptions that stand somewhere in what these inputs make. */
function synthesized(inputs: readonly EnvironmentInput[]): PlacedException[] {
  const outdir = mkdtempSync(join(tmpdir(), "policy-"));
  try {
    const app = createApp(loadEnvironments(inputs), { outdir });
    app.synth();
    return exceptionsWithin(app);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** Where a build runs: a warm builder, and the Docker daemon beside a runner. */
const BUILDERS =
  /^[\w-]+-platform\/warm-builders\/[\w-]+\/stateful-set$|^[\w-]+-runners\/runners\/deployment$/;

describe("the project", () => {
  const used = new Set<string>();

  it.each(VARIANTS)("keeps to its policy: $name", ({ inputs }) => {
    const exceptions = synthesized(inputs);
    const names = new Set<string>(exceptions.map(({ name }) => name));
    for (const name of names) used.add(name);
    const [{ configurations = [] } = {}] = inputs;
    expect(names.has("public-api-endpoint")).toBe(configurations.includes("hosted-kubernetes"));
    const privileged = exceptions
      .filter(({ checks }) => checks.includes("policy/privileged"))
      .map(({ resource }) => resource.node.path);
    expect(privileged.filter((path) => !BUILDERS.test(path))).toEqual([]);
  });

  it("uses each of its policy exceptions somewhere", () => {
    const ofPolicy = Object.entries<SecurityException>(SECURITY_EXCEPTIONS)
      .filter(([, { checks }]) => checks.some((check) => check.startsWith("policy/")))
      .map(([name]) => name);
    expect(ofPolicy.filter((name) => !used.has(name))).toEqual([]);
  });
});
