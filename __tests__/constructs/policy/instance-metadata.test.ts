import { EksNodeGroup } from "@cdktf/provider-aws/lib/eks-node-group";
import { Instance } from "@cdktf/provider-aws/lib/instance";
import { LaunchTemplate, type LaunchTemplateMetadataOptions } from "@cdktf/provider-aws/lib/launch-template";
import type { TerraformStack } from "cdktf";
import { describe, expect, it } from "vitest";
import { type PolicyCase, refusals } from "../../helpers/refusals";

const template = (metadataOptions?: LaunchTemplateMetadataOptions) => (stack: TerraformStack) => {
  new LaunchTemplate(stack, "template", {
    blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: { encrypted: "true" } }],
    ...(metadataOptions && { metadataOptions }),
  });
};
const HELD = { httpTokens: "required", httpPutResponseHopLimit: 1 };
const nodes =
  (launchTemplate?: { readonly id: string; readonly version: string }) => (stack: TerraformStack) => {
    new EksNodeGroup(stack, "nodes", {
      clusterName: "demo",
      nodeRoleArn: "arn:aws:iam::444455556666:role/node",
      subnetIds: ["subnet-1"],
      scalingConfig: { minSize: 1, maxSize: 1, desiredSize: 1 },
      ...(launchTemplate && { launchTemplate }),
    });
  };

const CASES: readonly PolicyCase[] = [
  {
    name: "machines that say nothing",
    bad: template(),
    says: [
      'test/template: policy/instance-metadata: metadata_options.http_tokens is nothing. Set it to "required".',
      "test/template: policy/instance-metadata: metadata_options.http_put_response_hop_limit is nothing. Set it to 1.",
    ],
    good: template(HELD),
  },
  {
    name: "the first version of the service",
    bad: template({ ...HELD, httpTokens: "optional" }),
    says: [
      'test/template: policy/instance-metadata: metadata_options.http_tokens is "optional". Set it to "required".',
    ],
    good: template({ httpEndpoint: "disabled" }),
  },
  {
    name: "pods, by a second hop",
    bad: template({ ...HELD, httpPutResponseHopLimit: 2 }),
    says: [
      "test/template: policy/instance-metadata: metadata_options.http_put_response_hop_limit is 2. Set it to 1.",
    ],
    good: template(HELD),
  },
  {
    name: "a single machine",
    bad: (stack) => {
      new Instance(stack, "machine", {
        rootBlockDevice: { encrypted: true },
        metadataOptions: { httpTokens: "required" },
      });
    },
    says: [
      "test/machine: policy/instance-metadata: metadata_options.http_put_response_hop_limit is nothing. Set it to 1.",
    ],
    good: (stack) => {
      new Instance(stack, "machine", { rootBlockDevice: { encrypted: true }, metadataOptions: HELD });
    },
  },
  {
    name: "nodes without a launch template",
    bad: nodes(),
    says: [
      "test/nodes: policy/instance-metadata: has no launch_template, and so leaves it to EKS. Use NodeGroup, which makes one.",
    ],
    good: nodes({ id: "lt-1", version: "1" }),
  },
];

describe("the policy on machines' credentials", () => {
  it.each(CASES)("refuses $name", ({ bad, says }) => {
    expect(refusals(bad)).toEqual(says);
  });

  it.each(CASES)("lets the twin pass: $name", ({ good }) => {
    expect(refusals(good)).toEqual([]);
  });
});
