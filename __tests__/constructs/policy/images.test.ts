import { Release, type ReleaseConfig } from "@cdktf/provider-helm/lib/release";
import { Manifest } from "@cdktf/provider-kubernetes/lib/manifest";
import { PodV1 } from "@cdktf/provider-kubernetes/lib/pod-v1";
import { TerraformOutput } from "cdktf";
import { describe, expect, it } from "vitest";
import { isExactImage } from "../../../constructs/policy/images";
import { CONFIGURATIONS } from "../../../environment/configurations";
import { driverOptions } from "../../../pipeline/workflow/driver";
import { loadOne } from "../../helpers/input";
import { type PolicyCase, put, testPolicy } from "../../helpers/refusals";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;
const pod = (image?: string) =>
  put(PodV1, "pod", {
    metadata: { name: "pod" },
    spec: { container: [{ name: "c", ...(image !== undefined && { image }) }] },
  });
const chart = (values: string, change: Partial<ReleaseConfig> = {}) =>
  put(Release, "chart", {
    name: "chart",
    chart: "some-chart",
    version: "1.2.3",
    values: [values],
    ...change,
  });
const runner = (spec: Record<string, unknown>) =>
  put(Manifest, "runner", {
    manifest: { kind: "RunnerDeployment", spec: { template: { spec: { dockerEnabled: false, ...spec } } } },
  });
const EXACT = pod("moby/buildkit:v0.31.2");

const CASES: readonly PolicyCase[] = [
  ["an image without a tag", pod("moby/buildkit"), EXACT],
  ["the latest image", pod("moby/buildkit:latest"), pod(`moby/buildkit:latest@${DIGEST}`)],
  ["an image known when it is applied", pod(`moby/buildkit:\${var.tag}`), EXACT],
  [
    "a runner's image of the controller's choice",
    runner({}),
    runner({ image: `summerwind/actions-runner@${DIGEST}` }),
  ],
  [
    "a runner's Docker",
    runner({ image: `summerwind/actions-runner@${DIGEST}`, dockerImage: "docker:dind" }),
    runner({ image: `summerwind/actions-runner@${DIGEST}`, dockerImage: "docker:28.5.1-dind" }),
  ],
  [
    "a tag in a chart's values",
    chart("image:\n  repository: a/b\n  tag: stable\n"),
    chart("image:\n  repository: a/b\n  tag: 1.2.3\n"),
  ],
  [
    "a tag by a chart's set",
    chart("{}", { set: [{ name: "image.tag", value: "stable" }] }),
    chart("image:\n  repository: a/b\n"),
  ],
  [
    "the sidecar that the controller's chart chooses",
    chart("{}", { chart: "actions-runner-controller" }),
    chart("image:\n  dindSidecarRepositoryAndTag: docker:28.5.1-dind\n", {
      chart: "actions-runner-controller",
    }),
  ],
  [
    "a moving sidecar",
    chart("image:\n  dindSidecarRepositoryAndTag: docker:dind\n", { chart: "actions-runner-controller" }),
    chart(`image:\n  dindSidecarRepositoryAndTag: docker@${DIGEST}\n`, {
      chart: "actions-runner-controller",
    }),
  ],
  ["a range of chart versions", chart("{}", { version: "~> 1.2" }), chart("{}")],
  [
    "a driver option that is handed out",
    put(TerraformOutput, "options", { value: ["namespace=buildx", "image=moby/buildkit:latest"] }),
    put(TerraformOutput, "options", { value: ["namespace=buildx", "image=moby/buildkit:v0.31.2"] }),
  ],
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
