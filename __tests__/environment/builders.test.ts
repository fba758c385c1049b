import { describe, expect, it } from "vitest";
import type { EnvironmentInput } from "../../environment/environment";
import { loadEnvironments } from "../../environment/load";
import { demo, loadOne } from "../helpers/input";
import { driverOptionLines, jobOf } from "../pipeline/workflow/rendered";

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
    expect(load({ rootInMemoryGib: 4, mode: "warm" })).toThrow(
      'demo: builders.rootInMemoryGib must be left out with builders.mode "warm", whose root is on a volume; got 4.',
    );
  });
});

describe("a builder's volume", () => {
  it("is a warm builder's, for nothing removes the one of a job's builder", () => {
    expect(load({ volumeGib: 100 })).toThrow(
      'demo: builders.volumeGib must be left out unless builders.mode is "warm": nothing removes the volume of a job\'s builder; got 100.',
    );
    expect(load({ mode: "warm", volumeGib: 100 })).not.toThrow();
  });

  it("has no more IOPS than its size carries", () => {
    expect(load({ mode: "warm", volumeGib: 10, volumeIops: 6000 })).toThrow(
      "demo: builders.volumeIops must be at most 500 for each GiB of builders.volumeGib (10); got 6000.",
    );
    expect(load({ mode: "warm", volumeGib: 12, volumeIops: 6000 })).not.toThrow();
  });

  it("has no more throughput than its IOPS carry", () => {
    expect(load({ mode: "warm", volumeThroughputMibps: 800 })).toThrow(
      "demo: builders.volumeThroughputMibps must be at most a quarter of builders.volumeIops (3000), which gp3 asks for; got 800.",
    );
    expect(load({ mode: "warm", volumeThroughputMibps: 800, volumeIops: 3200 })).not.toThrow();
  });
});
