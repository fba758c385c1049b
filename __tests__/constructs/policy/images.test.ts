import { Release, type ReleaseConfig } from "@cdktf/provider-helm/lib/release";
import { Manifest } from "@cdktf/provider-kubernetes/lib/manifest";
import { PodV1 } from "@cdktf/provider-kubernetes/lib/pod-v1";
import { TerraformOutput, type TerraformStack } from "cdktf";
import { describe, expect, it } from "vitest";
import { isExactImage } from "../../../constructs/policy/images";
import { CONFIGURATIONS } from "../../../environment/configurations";
import { driverOptions } from "../../../pipeline/workflow/driver";
import { loadOne } from "../../helpers/input";
import { type PolicyCase, refusals } from "../../helpers/refusals";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;
const FIX = "Name it by digest, or by a tag with a full version such as v0.31.2.";
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
    says: [`test/pod: policy/image-version: spec.containers[0].image is "moby/buildkit". ${FIX}`],
    good: EXACT,
  },
  {
    name: "the latest image",
    bad: pod("moby/buildkit:latest"),
    says: [`test/pod: policy/image-version: spec.containers[0].image is "moby/buildkit:latest". ${FIX}`],
    good: pod(`moby/buildkit:latest@${DIGEST}`),
  },
  {
    name: "an image known when it is applied",
    bad: pod(`moby/buildkit:\${var.tag}`),
    says: [`test/pod: policy/image-version: spec.containers[0].image is "moby/buildkit:\${var.tag}". ${FIX}`],
    good: EXACT,
  },
  {
    name: "a runner's image of the controller's choice",
    bad: runner({}),
    says: [`test/runner: policy/image-version: names no image, and the controller's default moves. ${FIX}`],
    good: runner({ image: `summerwind/actions-runner@${DIGEST}` }),
  },
  {
    name: "a runner's Docker",
    bad: runner({ image: `summerwind/actions-runner@${DIGEST}`, dockerImage: "docker:dind" }),
    says: [
      `test/runner: policy/image-version: manifest.spec.template.spec.dockerImage is "docker:dind". ${FIX}`,
    ],
    good: runner({ image: `summerwind/actions-runner@${DIGEST}`, dockerImage: "docker:28.5.1-dind" }),
  },
  {
    name: "a tag in a chart's values",
    bad: chart("image:\n  repository: a/b\n  tag: stable\n"),
    says: [`test/chart: policy/image-version: values[0].image is "a/b:stable". ${FIX}`],
    good: chart("image:\n  repository: a/b\n  tag: 1.2.3\n"),
  },
  {
    name: "a tag by a chart's set",
    bad: chart("{}", { set: [{ name: "image.tag", value: "stable" }] }),
    says: [`test/chart: policy/image-version: set.image is "image:stable". ${FIX}`],
    good: chart("image:\n  repository: a/b\n"),
  },
  {
    name: "the sidecar that the controller's chart chooses",
    bad: chart("{}", { chart: "actions-runner-controller" }),
    says: [
      `test/chart: policy/image-version: names no dindSidecarRepositoryAndTag, and the chart's default moves. ${FIX}`,
    ],
    good: chart("image:\n  dindSidecarRepositoryAndTag: docker:28.5.1-dind\n", {
      chart: "actions-runner-controller",
    }),
  },
  {
    name: "a moving sidecar",
    bad: chart("image:\n  dindSidecarRepositoryAndTag: docker:dind\n", {
      chart: "actions-runner-controller",
    }),
    says: [
      `test/chart: policy/image-version: values[0].image.dindSidecarRepositoryAndTag is "docker:dind". ${FIX}`,
    ],
    good: chart(`image:\n  dindSidecarRepositoryAndTag: docker@${DIGEST}\n`, {
      chart: "actions-runner-controller",
    }),
  },
  {
    name: "a range of chart versions",
    bad: chart("{}", { version: "~> 1.2" }),
    says: ['test/chart: policy/image-version: version is "~> 1.2". Name the chart\'s exact version.'],
    good: chart("{}"),
  },
  {
    name: "a driver option that is handed out",
    bad: (stack) => {
      new TerraformOutput(stack, "options", { value: ["namespace=buildx", "image=moby/buildkit:latest"] });
    },
    says: [`test/options: policy/image-version: value[1] has image=moby/buildkit:latest. ${FIX}`],
    good: (stack) => {
      new TerraformOutput(stack, "options", { value: ["namespace=buildx", "image=moby/buildkit:v0.31.2"] });
    },
  },
];

describe("the policy on images", () => {
  it.each(CASES)("refuses $name", ({ bad, says }) => {
    expect(refusals(bad)).toEqual(says);
  });

  it.each(CASES)("lets the twin pass: $name", ({ good }) => {
    expect(refusals(good)).toEqual([]);
  });
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
