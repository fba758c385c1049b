import { expect, it } from "vitest";
import type { EnvironmentInput } from "../../environment/environment";
import { demo, SUBSETS } from "../helpers/input";
import { synthesize } from "../helpers/synth";

const VARIANTS: readonly Partial<EnvironmentInput>[] = [
  ...SUBSETS.map((configurations) => ({ configurations: [...configurations] })),
  { builders: { mode: "warm" } },
  { builders: { mode: "warm", rootless: true } },
  { natGateways: "per-zone" },
  { flowLogs: true },
  { removalPolicy: "retain" },
  { images: { encryption: "KMS" } },
  { instanceType: "c5.2xlarge" },
  { kubernetesVersion: "1.36" },
  { runners: { minReplicas: 0 } },
  { apiEndpoint: { privateAccessCidrs: ["10.99.0.0/16"] } },
];

/** What of the cluster stack may go before the platform and the runners are changed: neither needs it to delete. */
const MAY_GO = [
  /^aws_eks_access_entry\.cluster\/hosted-jobs$/,
  // "Take something out" in docs/operations.md: the runners are destroyed before their identity goes.
  /^(aws_eks_pod_identity_association\.runner-identity|aws_iam_role(_policy)?\.runner(\/role|-push))$/,
  // The way in from a private network, where the endpoint is public now.
  /^aws_vpc_security_group_ingress_rule\.cluster\/private-api-/,
  // Each zone's own way out, when its route leads to the one that is left.
  /^aws_(nat_gateway|eip)\.network\/nat-/,
  /\.network\/flow-log/,
];

it("leaves all that later stacks need to delete their own, from any environment to any other", () => {
  const resources = VARIANTS.map((change) => {
    const { stacks } = synthesize(demo(change));
    const cluster = stacks.get("demo-cluster")?.resources ?? [];
    return new Set(stacks.has("demo-platform") ? cluster.map(({ type, path }) => `${type}.${path}`) : []);
  }).filter(({ size }) => size > 0);
  expect(resources.length).toBeGreaterThan(20);

  const removed = resources.flatMap((before) =>
    resources.flatMap((after) => [...before].filter((address) => !after.has(address))),
  );
  const needed = removed.filter((address) => !MAY_GO.some((pattern) => pattern.test(address)));
  expect([...new Set(needed)]).toEqual([]);
  for (const pattern of MAY_GO)
    expect(
      removed.some((address) => pattern.test(address)),
      String(pattern),
    ).toBe(true);
});
