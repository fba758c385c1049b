import { describe, expect, it } from "vitest";
import type { EnvironmentInput } from "../../config/environment";
import { loadEnvironments } from "../../config/load";
import { demo, loadOne } from "../helpers/input";
import { driverOptionLines, jobOf } from "../workflow/rendered";

const load = (builders: EnvironmentInput["builders"]) => () => loadEnvironments([demo({ builders })]);

describe("a builder's root in memory", () => {
  it("is an option of the builder", () => {
    const environment = loadOne({ builders: { memoryGib: 7, rootInMemoryGib: 5 } });
    expect(driverOptionLines(jobOf(environment, "hosted-kubernetes"))).toContain(
      "buildkit-root-volume-memory=5Gi",
    );
    expect(driverOptionLines(jobOf(loadOne(), "hosted-kubernetes")).join()).not.toContain("root-volume");
  });

  it("leaves memory for the build", () => {
    expect(load({ memoryGib: 7, rootInMemoryGib: 7 })).toThrow(
      "demo: builders.rootInMemoryGib must be less than builders.memoryGib (7), of which it is a part; got 7. Raise builders.memoryGib.",
    );
    expect(load({ memoryGib: 7, rootInMemoryGib: 6 })).not.toThrow();
  });

  it("is not asked for beside a volume", () => {
    const message =
      'demo: builders.rootInMemoryGib must be left out where builders have a volume (builders.mode "warm", or builders.volumeGib), which holds the root; got 4.';
    expect(load({ rootInMemoryGib: 4, volumeGib: 100 })).toThrow(message);
    expect(load({ rootInMemoryGib: 4, mode: "warm" })).toThrow(message);
  });
});

describe("a builder's volume", () => {
  it("has no more throughput than its IOPS carry", () => {
    expect(load({ mode: "warm", volumeThroughputMibps: 800 })).toThrow(
      "demo: builders.volumeThroughputMibps must be at most a quarter of builders.volumeIops (3000), which gp3 asks for; got 800.",
    );
    expect(load({ mode: "warm", volumeThroughputMibps: 800, volumeIops: 3200 })).not.toThrow();
  });
});
