import { EksNodeGroup } from "@cdktf/provider-aws/lib/eks-node-group";
import { Instance } from "@cdktf/provider-aws/lib/instance";
import { LaunchTemplate, type LaunchTemplateMetadataOptions } from "@cdktf/provider-aws/lib/launch-template";
import { describe } from "vitest";
import { type PolicyCase, put, testPolicy } from "../../helpers/refusals";

const template = (metadataOptions?: LaunchTemplateMetadataOptions) =>
  put(LaunchTemplate, "template", {
    blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: { encrypted: "true" } }],
    ...(metadataOptions && { metadataOptions }),
  });
const HELD = { httpTokens: "required", httpPutResponseHopLimit: 1 };
const nodes = (launchTemplate?: { readonly id: string; readonly version: string }) =>
  put(EksNodeGroup, "nodes", {
    clusterName: "demo",
    nodeRoleArn: "arn:aws:iam::444455556666:role/node",
    subnetIds: ["subnet-1"],
    scalingConfig: { minSize: 1, maxSize: 1, desiredSize: 1 },
    ...(launchTemplate && { launchTemplate }),
  });

const CASES: readonly PolicyCase[] = [
  ["machines that say nothing", template(), template(HELD)],
  [
    "the first version of the service",
    template({ ...HELD, httpTokens: "optional" }),
    template({ httpEndpoint: "disabled" }),
  ],
  ["pods, by a second hop", template({ ...HELD, httpPutResponseHopLimit: 2 }), template(HELD)],
  [
    "a single machine",
    put(Instance, "machine", {
      rootBlockDevice: { encrypted: true },
      metadataOptions: { httpTokens: "required" },
    }),
    put(Instance, "machine", { rootBlockDevice: { encrypted: true }, metadataOptions: HELD }),
  ],
  ["nodes without a launch template", nodes(), nodes({ id: "lt-1", version: "1" })],
];

describe("the policy on machines' credentials", () => {
  testPolicy("instance-metadata", CASES);
});
