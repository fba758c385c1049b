import { Release, type ReleaseConfig } from "@cdktf/provider-helm/lib/release";
import { Manifest } from "@cdktf/provider-kubernetes/lib/manifest";
import { PodV1 } from "@cdktf/provider-kubernetes/lib/pod-v1";
import { TerraformOutput, type TerraformStack } from "cdktf";
import { describe, expect, it } from "vitest";
import { isExactImage } from "../../../constructs/policy/images";
import { CONFIGURATIONS } from "../../../environment/configurations";
import { driverOptions } from "../../../pipeline/workflow/driver";
import { loadOne } from "../../helpers/input";
import { type PolicyCase, testPolicy } from "../../helpers/refusals";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;
const pod = (image?: string) => (stack: TerraformStack) => {
  new PodV1(stack, "pod", {
    metadata: { name: "pod" },
    spec: { container: [{ name: "c", ...(image !== undefined && { image }) }] },
  });
};
const chart =
  (values: string, change: Partial<ReleaseConfig> = {}) =>
  (stack: TerraformStack) => {
    new Release(stack, "chart", {
      name: "chart",
      chart: "some-chart",
      version: "1.2.3",
      values: [values],
      ...change,
    });
  };
const runner = (spec: Record<string, unknown>) => (stack: TerraformStack) => {
  new Manifest(stack, "runner", {
    manifest: { kind: "RunnerDeployment", spec: { template: { spec: { dockerEnabled: false, ...spec } } } },
  });
};
const EXACT = pod("moby/buildkit:v0.31.2");

const CASES: readonly PolicyCase[] = [
  {
    name: "an image without a tag",
    bad: pod("moby/buildkit"),
    good: EXACT,
  },
  {
    name: "the latest image",
    bad: pod("moby/buildkit:latest"),
    good: pod(`moby/buildkit:latest@${DIGEST}`),
  },
  {
    name: "an image known when it is applied",
    bad: pod(`moby/buildkit:\${var.tag}`),
    good: EXACT,
  },
  {
    name: "a runner's image of the controller's choice",
    bad: runner({}),
    good: runner({ image: `summerwind/actions-runner@${DIGEST}` }),
  },
  {
    name: "a runner's Docker",
    bad: runner({ image: `summerwind/actions-runner@${DIGEST}`, dockerImage: "docker:dind" }),
    good: runner({ image: `summerwind/actions-runner@${DIGEST}`, dockerImage: "docker:28.5.1-dind" }),
  },
  {
    name: "a tag in a chart's values",
    bad: chart("image:\n  repository: a/b\n  tag: stable\n"),
    good: chart("image:\n  repository: a/b\n  tag: 1.2.3\n"),
  },
  {
    name: "a tag by a chart's set",
    bad: chart("{}", { set: [{ name: "image.tag", value: "stable" }] }),
    good: chart("image:\n  repository: a/b\n"),
  },
  {
    name: "the sidecar that the controller's chart chooses",
    bad: chart("{}", { chart: "actions-runner-controller" }),
    good: chart("image:\n  dindSidecarRepositoryAndTag: docker:28.5.1-dind\n", {
      chart: "actions-runner-controller",
    }),
  },
  {
    name: "a moving sidecar",
    bad: chart("image:\n  dindSidecarRepositoryAndTag: docker:dind\n", {
      chart: "actions-runner-controller",
    }),
    good: chart(`image:\n  dindSidecarRepositoryAndTag: docker@${DIGEST}\n`, {
      chart: "actions-runner-controller",
    }),
  },
  {
    name: "a range of chart versions",
    bad: chart("{}", { version: "~> 1.2" }),
    good: chart("{}"),
  },
  {
    name: "a driver option that is handed out",
    bad: (stack) => {
      new TerraformOutput(stack, "options", { value: ["namespace=buildx", "image=moby/buildkit:latest"] });
    },
    good: (stack) => {
      new TerraformOutput(stack, "options", { value: ["namespace=buildx", "image=moby/buildkit:v0.31.2"] });
    },
  },
];

describe("the policy on images", () => {
  testPolicy("images", CASES);
});

describe("isExactImage", () => {
  it.each([
    "docker:28.5.1-dind",
    "moby/buildkit:v0.31.2-rootless",
    "registry.example:5000/a/b:1.2.3",
    `a/b@${DIGEST}`,
    `registry.example:5000/a/b:latest@${DIGEST}`,
  ])("takes %s", (image) => {
    expect(isExactImage(image)).toBe(true);
  });

  it.each([
    "",
    "docker",
    "docker:dind",
    "docker:28",
    "docker:28.5-dind",
    "ubuntu:24.04",
    "summerwind/actions-runner:ubuntu-24.04",
    "registry.example:5000/a/b",
    "registry.example:1.2.3/a/b",
    `a/b@${DIGEST.slice(0, -1)}`,
    "a/b:v1.2.3 ",
    "a/b:latest-1.2.3",
  ])("refuses %s", (image) => {
    expect(isExactImage(image)).toBe(false);
  });

  it.each(
    CONFIGURATIONS.flatMap((configuration) => [false, true].map((rootless) => ({ configuration, rootless }))),
  )("takes what jobs of $configuration hand to buildx, rootless $rootless", ({ configuration, rootless }) => {
    const images = driverOptions(loadOne({ builders: { rootless } }), configuration)
      .filter((option) => option.startsWith("image="))
      .map((option) => option.slice("image=".length));
    expect(images).toHaveLength(1);
    expect(images.filter((image) => !isExactImage(image))).toEqual([]);
  });
});
