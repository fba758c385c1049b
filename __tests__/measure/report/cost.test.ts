import { describe, expect, it } from "vitest";
import { loadEnvironments } from "../../../environment/load";
import { breakEven, type CostBasis, costBasis, costOf, meanCost } from "../../../measure/report/cost";
import { fixedCosts } from "../../../measure/report/fixed-cost";
import { environments } from "../../helpers/example-environments";
import { fabricatedSuccess } from "./fabricated-records";

const GIB = 2 ** 30;

/** Round invented prices, so that each figure below can be checked by hand. */
const BASIS: CostBasis = {
  prices: { hostedRunnerPerMinute: 0.01, natPerGb: 0.04, interfaceEndpointPerGb: 0.01, ecrPerGbMonth: 0.1 },
  source: "invented",
  nodeType: (name) => (name === "c5n.2xlarge" ? { vcpu: 8, memoryGib: 20, usdPerHour: 0.36 } : undefined),
  fixedPerMonth: () => 300,
  hostedIsFree: false,
};

const image = { reference: "r", digest: "d", compressedBytes: 2_000_000_000, layers: [] };
const seconds = { build: 500, job: 601 };
const build = (configuration: Parameters<typeof fabricatedSuccess>[0], change = {}) =>
  fabricatedSuccess(configuration, 1, {
    image,
    seconds,
    limits: { cpus: 2, memoryBytes: 10 * GIB },
    ...change,
  });

/** 2 GB for 30 of 365/12 days at 0.1. */
const STORAGE = 2 * 0.1 * (30 / (365 / 12));

describe("the cost of a build", () => {
  it("on a hosted runner is its minutes, rounded up", () => {
    // 601 s are 11 minutes.
    const cost = costOf(build("hosted-default"), BASIS);
    expect(cost).toMatchObject({ hosted: 0.11, node: 0, network: 0 });
    expect(cost?.storage).toBeCloseTo(STORAGE, 12);
    expect(cost?.total).toBeCloseTo(0.11 + STORAGE, 12);
    expect(costOf(build("hosted-default", { seconds: { build: 500, job: 600 } }), BASIS)?.hosted).toBe(0.1);
  });

  it("on the cluster is its share of the node and its bytes", () => {
    // Half the node's memory is more than a quarter of its CPUs.
    const cost = costOf(build("custom-kubernetes"), BASIS);
    expect(cost?.hosted).toBe(0);
    expect(cost?.node).toBeCloseTo((601 / 3600) * 0.36 * 0.5, 12);
    expect(cost?.network).toBeCloseTo(2 * 0.05, 12);
  });

  it("with a hosted job and a builder on the cluster is both", () => {
    const cost = costOf(build("hosted-kubernetes"), BASIS);
    expect(cost?.hosted).toBe(0.11);
    expect(cost?.node).toBeGreaterThan(0);
  });

  it("takes the whole node where limits are unknown, and never more than it", () => {
    const { limits: _, ...unlimited } = build("custom-default");
    const whole = (601 / 3600) * 0.36;
    expect(costOf(unlimited, BASIS)?.node).toBeCloseTo(whole, 12);
    const large = build("custom-default", { limits: { cpus: 64, memoryBytes: GIB } });
    expect(costOf(large, BASIS)?.node).toBeCloseTo(whole, 12);
  });

  it("is not known where a part is not", () => {
    const { image: _, ...imageless } = build("custom-default");
    expect(costOf(imageless, BASIS)).toMatchObject({ network: null, storage: null, total: null });
    expect(costOf(build("custom-default", { instanceType: "m9.huge" }), BASIS)).toMatchObject({ node: null });
    expect(costOf(build("hosted-default", { seconds: { build: 5 } }), BASIS)).toMatchObject({ hosted: null });
  });

  it("of hosted runners is nothing for a public repository", () => {
    expect(costOf(build("hosted-default"), { ...BASIS, hostedIsFree: true })?.hosted).toBe(0);
  });

  it("is averaged over builds", () => {
    const cost = meanCost(
      [build("hosted-default"), build("hosted-default", { seconds: { build: 5, job: 60 } })],
      BASIS,
    );
    expect(cost?.hosted).toBeCloseTo((0.11 + 0.01) / 2, 12);
    expect(meanCost([], BASIS)).toBeNull();
  });
});

describe("break-even", () => {
  const cost = (total: number | null) => ({ hosted: 0, node: 0, network: 0, storage: 0, total });

  it("is the fixed cost a day by the saving per build, rounded up", () => {
    // 300 a month is 9.863 a day; at 0.5 saved that is 19.7 builds.
    expect(breakEven(cost(0.9), cost(0.4), 300)).toEqual({
      kind: "builds-a-day",
      builds: 20,
      savedPerBuild: 0.5,
    });
  });

  it("is never reached where a build costs as much or more", () => {
    expect(breakEven(cost(0.4), cost(0.9), 300)).toEqual({ kind: "never", extraPerBuild: 0.5 });
    expect(breakEven(cost(0.4), cost(0.4), 300)).toEqual({ kind: "never", extraPerBuild: 0 });
  });

  it("is not known without the fixed cost or either cost", () => {
    expect(breakEven(cost(2), cost(1), undefined)).toMatchObject({ kind: "unknown" });
    expect(breakEven(cost(null), cost(1), 300)).toMatchObject({ kind: "unknown" });
    expect(breakEven(cost(2), null, 300)).toMatchObject({ kind: "unknown" });
  });
});

describe("the fixed cost", () => {
  it("is that of the given environments, and unknown for others", () => {
    const costs = fixedCosts(loadEnvironments(environments));
    const [c5, c5n] = [costs.get("c5") ?? 0, costs.get("c5n") ?? 0];
    // The control plane alone is $73 a month; the two differ by one standing node's type.
    expect(c5).toBeGreaterThan(73);
    expect(c5n - c5).toBeCloseTo((0.432 - 0.34) * 730, 6);
    expect(costs.get("elsewhere")).toBeUndefined();
  });
});

describe("the project's prices", () => {
  it("know the runner, the network and both instance types", () => {
    const basis = costBasis({ hostedIsFree: false, fixedPerMonth: () => undefined });
    expect(basis.prices).toMatchObject({
      hostedRunnerPerMinute: 0.006,
      natPerGb: 0.045,
      interfaceEndpointPerGb: 0.01,
      ecrPerGbMonth: 0.1,
    });
    expect(basis.nodeType("c5.2xlarge")?.usdPerHour).toBe(0.34);
    expect(basis.nodeType("c5n.2xlarge")?.usdPerHour).toBe(0.432);
    expect(basis.nodeType("m9.huge")).toBeUndefined();
  });
});
