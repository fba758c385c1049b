import { describe, expect, it } from "vitest";
import type { EnvironmentInput } from "../../environment/environment";
import { warningsFor } from "../../environment/warnings";
import { DEMO, loadOne } from "../helpers/input";

const withIds = { ...DEMO.github, ownerId: 1001, repositoryId: 2002 };
const warnings = (change: Partial<EnvironmentInput>) => warningsFor(loadOne(change));

describe("warningsFor", () => {
  it("has nothing to say about an environment that is safe in every respect", () => {
    const safe: Partial<EnvironmentInput> = {
      configurations: ["hosted-default"],
      github: withIds,
      removalPolicy: "retain",
    };
    expect(warnings(safe)).toEqual([]);
  });

  const cases: readonly [string, RegExp, Partial<EnvironmentInput>, Partial<EnvironmentInput>][] = [
    [
      "the example's values",
      /^Still the example's values: github\.owner \(your-organization\)\./,
      { github: { ...DEMO.github, owner: "your-organization" } },
      {},
    ],
    [
      "an image for another processor",
      /^The builders have x86_64 processors/,
      { build: { platforms: ["linux/arm64"] } },
      { build: { platforms: ["linux/amd64"] } },
    ],
    [
      "an API endpoint that is open to everywhere",
      /can be reached from everywhere/,
      {},
      { apiEndpoint: { publicAccessCidrs: ["203.0.113.0/24"] } },
    ],
    [
      "an API endpoint that GitHub's machines do not reach",
      /apiEndpoint\.publicAccessCidrs does not hold 0\.0\.0\.0\/0/,
      { apiEndpoint: { publicAccessCidrs: ["203.0.113.0/24"] } },
      {},
    ],
    [
      "a private endpoint only",
      /private endpoint only: deploy up to demo-cluster, then the rest from a machine in its VPC/,
      { configurations: ["custom-default"] },
      { configurations: ["hosted-kubernetes", "custom-default"] },
    ],
    [
      "runners that take jobs of every branch",
      /^Self-hosted runners take jobs of every branch/,
      { configurations: ["custom-kubernetes"] },
      { configurations: ["hosted-kubernetes"] },
    ],
    [
      "an administrator of another account",
      /^clusterAdmins holds a role of another account \(arn:aws:iam::123456789012:role\/operator\)/,
      { clusterAdmins: [...(DEMO.clusterAdmins ?? []), "arn:aws:iam::123456789012:role/operator"] },
      {},
    ],
    [
      "a VPC of public addresses",
      /^vpcCidr holds public addresses \(52\.0\.0\.0\/16\)/,
      { vpcCidr: "52.0.0.0/16" },
      { vpcCidr: "100.64.0.0/16" },
    ],
    [
      "warm builders that no image uses",
      /^No image repository is built by warm-hosted-a, warm-custom-a, each of which holds 2 CPU, 7 GiB and a volume/,
      { builders: { mode: "warm", replicas: 2 } },
      { builders: { mode: "warm", replicas: 2 }, images: { repositories: ["a", "large-python-container"] } },
    ],
    [
      "a server without hosted machines",
      /^GitHub Enterprise Server has no machines of GitHub's: .* AWS must reach https:\/\/github\.example\.com\/_services\/token/,
      { github: { ...DEMO.github, issuer: "https://github.example.com/_services/token" } },
      { github: { ...DEMO.github, issuer: "https://token.actions.githubusercontent.com/acme" } },
    ],
    [
      "warm builders without a configuration that builds in them",
      /^builders\.mode is "warm", and no configuration builds in a builder/,
      { builders: { mode: "warm" }, configurations: ["custom-default"] },
      { builders: { mode: "warm" }, configurations: ["hosted-kubernetes"] },
    ],
    ["missing ids", /github\.ownerId and github\.repositoryId are not set/, {}, { github: withIds }],
    [
      "missing ids that a server would send",
      /github\.ownerId and github\.repositoryId are not set/,
      {},
      { github: { ...DEMO.github, issuer: "https://github.example.com/_services/token" } },
    ],
    [
      "an administrator of another account before there is one",
      /^clusterAdmins holds a role of another account/,
      { clusterAdmins: [...(DEMO.clusterAdmins ?? []), "arn:aws:iam::123456789012:role/operator"] },
      { accountId: "111122223333" },
    ],
    ["one NAT gateway", /^One NAT gateway/, {}, { natGateways: "per-zone" }],
    [
      "deletion with the images",
      /cdktf destroy 'demo-\*' deletes the image repositories with their images, and nothing protects cluster buildx-demo/,
      {},
      { removalPolicy: "retain" },
    ],
    [
      "unequal builds",
      /Builds get 2 CPU, 7 GiB in a runner and 3 CPU, 7 GiB in a builder: the configurations are not comparable/,
      { builders: { cpu: 3 } },
      { builders: { cpu: 2 } },
    ],
  ];

  it.each(cases)("warns of %s", (_, warning, risky) => {
    expect(warnings(risky).filter((text) => warning.test(text))).toHaveLength(1);
  });

  it.each(cases)("does not warn of %s where there is none", (_, warning, __, safe) => {
    expect(warnings(safe).filter((text) => warning.test(text))).toEqual([]);
  });

  it("does not speak of a cluster where there is none", () => {
    expect(warnings({ configurations: ["hosted-default"] }).join(" ")).not.toMatch(/cluster|NAT|Kubernetes/);
  });
});
