import { expect, test } from "vitest";
import type { Configuration } from "../../../environment/configurations";
import { loadOne } from "../../helpers/input";
import { asObject } from "../../helpers/json";
import { driverOptionLines, driverOptionsOf, jobOf, stepOf } from "./rendered";

const ENVIRONMENT = loadOne();
const DEFAULT: readonly Configuration[] = ["hosted-default", "custom-default"];
const KUBERNETES: readonly Configuration[] = ["hosted-kubernetes", "custom-kubernetes"];

test.each(KUBERNETES)("%s: exactly these options, as buildx reads them", (name) => {
  expect(driverOptionsOf(jobOf(ENVIRONMENT, name))).toEqual({
    image: "moby/buildkit:v0.31.2",
    namespace: "buildx",
    replicas: "1",
    timeout: "10m",
    "requests.cpu": "2",
    "requests.memory": "7Gi",
    "limits.cpu": "2",
    "limits.memory": "7Gi",
    nodeselector: "buildx-on-eks/node-group=builders",
    tolerations: "key=buildx-on-eks/node-group,operator=Equal,value=builders,effect=NoSchedule",
    annotations: "karpenter.sh/do-not-disrupt=true,cluster-autoscaler.kubernetes.io/safe-to-evict=false",
  });
});

test.each(DEFAULT)("%s: exactly these options, which hold the build to a builder pod's size", (name) => {
  expect(driverOptionsOf(jobOf(ENVIRONMENT, name))).toEqual({
    image: "moby/buildkit:v0.31.2",
    "cpu-period": "100000",
    "cpu-quota": "200000",
    memory: "7168m",
    "memory-swap": "7168m",
  });
});

test("an option whose value holds commas stands in quotes as a whole", () => {
  const lines = driverOptionLines(jobOf(ENVIRONMENT, "hosted-kubernetes"));
  expect(lines.filter((line) => line.includes(","))).toEqual([
    '"tolerations=key=buildx-on-eks/node-group,operator=Equal,value=builders,effect=NoSchedule"',
    '"annotations=karpenter.sh/do-not-disrupt=true,cluster-autoscaler.kubernetes.io/safe-to-evict=false"',
  ]);
});

test("a volume is asked for only where the environment has one", () => {
  const option = "persistent-volume-claim.requests.storage";
  const withVolume = loadOne({ builders: { mode: "warm", volumeGib: 150 } });
  for (const name of KUBERNETES) {
    expect(driverOptionsOf(jobOf(withVolume, name))[option]).toBe("150Gi");
    expect(driverOptionsOf(jobOf(ENVIRONMENT, name))[option]).toBeUndefined();
  }
  for (const name of DEFAULT) expect(driverOptionsOf(jobOf(withVolume, name))[option]).toBeUndefined();
  const warm = jobOf(loadOne({ builders: { mode: "warm" } }), "custom-kubernetes");
  expect(driverOptionsOf(warm)[option]).toMatch(/^\d+Gi$/);
});

test("sizes come from the pod that builds: the runner's sidecar or the builder", () => {
  const environment = loadOne({
    runners: { cpu: 1.5, memoryGib: 5 },
    builders: { cpu: 3, memoryGib: 10 },
  });
  expect(driverOptionsOf(jobOf(environment, "custom-default"))).toMatchObject({
    "cpu-quota": "150000",
    memory: "5120m",
  });
  expect(driverOptionsOf(jobOf(environment, "custom-kubernetes"))).toMatchObject({
    "limits.cpu": "3",
    "limits.memory": "10Gi",
  });
});

test.each([...DEFAULT, ...KUBERNETES])(
  "%s: the builder's driver, version and flags, and no endpoint",
  (name) => {
    const { "driver-opts": _, ...others } = asObject(stepOf(jobOf(ENVIRONMENT, name), "Create builder").with);
    expect(others).toEqual({
      version: "v0.37.2",
      name: "${{ env.BUILDER }}",
      driver: KUBERNETES.includes(name) ? "kubernetes" : "docker-container",
      // Some entitlement must be named, or buildx adds network.host; this one BuildKit grants in any case.
      "buildkitd-flags": "--allow-insecure-entitlement=device",
      "cache-binary": false,
    });
  },
);

test("a rootless builder runs BuildKit's rootless image", () => {
  const options = driverOptionsOf(jobOf(loadOne({ builders: { rootless: true } }), "custom-kubernetes"));
  expect(options).toMatchObject({ image: "moby/buildkit:v0.31.2-rootless", rootless: "true" });
});
