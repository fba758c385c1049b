import { EksNodeGroup } from "@cdktf/provider-aws/lib/eks-node-group";
import { Instance } from "@cdktf/provider-aws/lib/instance";
import { LaunchTemplate, type LaunchTemplateMetadataOptions } from "@cdktf/provider-aws/lib/launch-template";
import type { TerraformStack } from "cdktf";
import { describe } from "vitest";
import { type PolicyCase, testPolicy } from "../../helpers/refusals";

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
    good: template(HELD),
  },
  {
    name: "the first version of the service",
    bad: template({ ...HELD, httpTokens: "optional" }),
    good: template({ httpEndpoint: "disabled" }),
  },
  {
    name: "pods, by a second hop",
    bad: template({ ...HELD, httpPutResponseHopLimit: 2 }),
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
    good: (stack) => {
      new Instance(stack, "machine", { rootBlockDevice: { encrypted: true }, metadataOptions: HELD });
    },
  },
  {
    name: "nodes without a launch template",
    bad: nodes(),
    good: nodes({ id: "lt-1", version: "1" }),
  },
];

describe("the policy on machines' credentials", () => {
  testPolicy("instance-metadata", CASES);
});
