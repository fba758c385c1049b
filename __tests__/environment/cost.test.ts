import { describe, expect, it } from "vitest";
import { buildCost, monthlyCost, nodeShare, total } from "../../environment/cost";
import { loadOne } from "../helpers/input";

describe("monthlyCost", () => {
  it("of two c5n.2xlarge in two zones is what the price list says", () => {
    const items = monthlyCost(loadOne(), 2);
    expect(items.map(({ what, usd }) => [what, Number(usd.toFixed(3))])).toEqual([
      ["EKS control plane", 73], // 0.10 x 730
      ["2 x c5n.2xlarge", 630.72], // 2 x 0.432 x 730
      ["2 x t3.medium", 60.736], // 2 x 0.0416 x 730
      ["node volumes", 46.8], // 2 x (200 x 0.08 + 125 x 0.04) + 2 x 30 x 0.08
      ["NAT gateway", 36.5], // (0.045 + 0.005) x 730
      ["3 interface endpoints in 2 zones", 43.8], // 3 x 2 x 0.01 x 730
      ["KMS key of the secrets", 1],
    ]);
    expect(total(items)).toBeCloseTo(892.556, 6);
  });

  const item = (change: Parameters<typeof loadOne>[0], what: RegExp) =>
    monthlyCost(loadOne(change), 2).find((line) => what.test(line.what));

  it("counts a NAT gateway for each zone where there is one", () => {
    const gateways = item({ natGateways: "per-zone", availabilityZones: 3 }, /NAT/);
    expect(gateways).toEqual({ what: "3 NAT gateways", usd: expect.closeTo(109.5, 6) as number });
  });

  it("counts interface endpoints by zone", () => {
    expect(item({ availabilityZones: 3 }, /endpoints/)?.usd).toBeCloseTo(65.7, 6);
  });

  it("counts IOPS above 3000 and throughput above 125 MiB/s", () => {
    const nodes = { volumeGib: 100, volumeIops: 4000, volumeThroughputMibps: 325 };
    // 2 x (100 x 0.08 + 1000 x 0.005 + 200 x 0.04) + 4.8
    expect(item({ nodes }, /volumes/)?.usd).toBeCloseTo(46.8, 6);
  });

  it("counts a KMS key for images only where one is asked for", () => {
    expect(item({ images: { encryption: "KMS" } }, /images/)?.usd).toBe(1);
    expect(item({}, /images/)).toBeUndefined();
  });

  it("is nothing where there is no cluster and no key", () => {
    expect(monthlyCost(loadOne({ configurations: ["hosted-default"] }), 0)).toEqual([]);
  });
});

describe("buildCost", () => {
  it("of a hosted build is GitHub's minutes", () => {
    expect(buildCost(loadOne(), "hosted-default", 9)).toBeCloseTo(9 * 0.006, 9);
  });

  it("counts a begun minute as a whole one, as GitHub does", () => {
    expect(buildCost(loadOne(), "hosted-default", 8.1)).toBeCloseTo(9 * 0.006, 9);
  });

  // 2.9 GB come through the NAT gateway and leave through ECR's endpoint.
  const network = 2.9 * (0.045 + 0.01);

  it("of a hosted job with a builder adds the builder's share of a node and the network", () => {
    // Of a c5n.2xlarge, 7 of 21 GiB are more than 2 of 8 CPUs.
    const expected = 9 * 0.006 + 0.15 * (7 / 21) * 0.432 + network;
    expect(buildCost(loadOne(), "hosted-kubernetes", 9)).toBeCloseTo(expected, 9);
  });

  it.each(["custom-default", "custom-kubernetes"] as const)(
    "of %s is a build's share and the network",
    (configuration) => {
      expect(buildCost(loadOne(), configuration, 9)).toBeCloseTo(0.15 * (7 / 21) * 0.432 + network, 9);
    },
  );

  it("counts CPU where that is the scarcer one", () => {
    const environment = loadOne({ builders: { cpu: 6 } });
    expect(buildCost(environment, "custom-kubernetes", 9)).toBeCloseTo(0.15 * (6 / 8) * 0.432 + network, 9);
  });

  it("counts what the sidecar is given in custom-default, and what a builder is given in custom-kubernetes", () => {
    const environment = loadOne({ runners: { cpu: 6 }, builders: { cpu: 4 } });
    const dear = buildCost(environment, "custom-default", 9);
    const cheap = buildCost(environment, "custom-kubernetes", 9);
    expect(dear - cheap).toBeCloseTo(0.15 * (2 / 8) * 0.432, 9);
  });

  it("does not depend on which other configurations the environment has", () => {
    const alone = loadOne({ configurations: ["custom-kubernetes"] });
    expect(buildCost(alone, "custom-kubernetes", 9)).toBe(buildCost(loadOne(), "custom-kubernetes", 9));
  });
});

describe("nodeShare", () => {
  const node = { vcpu: 8, memoryGib: 16 };

  it("is the larger of both shares", () => {
    expect(nodeShare({ cpus: 2, memoryBytes: 8 * 2 ** 30 }, node)).toBe(0.5);
    expect(nodeShare({ cpus: 6, memoryBytes: 8 * 2 ** 30 }, node)).toBe(0.75);
  });

  it("is at most a whole node", () => {
    expect(nodeShare({ cpus: 16, memoryBytes: 0 }, node)).toBe(1);
  });
});
