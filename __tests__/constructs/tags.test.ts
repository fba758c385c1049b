import { Aspects } from "cdktf";
import { expect, it } from "vitest";
import { NodeGroup } from "../../constructs/node-group";
import { NodeRole } from "../../constructs/node-role";
import { Tags } from "../../constructs/tags";
import { newCluster } from "../helpers/parts";
import { synthesizeConstruct } from "../helpers/synth";

const tags = { Team: "build" };
const stack = synthesizeConstruct((scope) => {
  new NodeGroup(scope, "nodes", {
    name: "nodes",
    cluster: newCluster(scope),
    nodeRole: new NodeRole(scope, "role", { roleName: "node" }),
    instanceType: "c5.2xlarge",
    minSize: 1,
    maxSize: 1,
    volumeGib: 50,
  });
  Aspects.of(scope).add(new Tags(tags));
});

it("tags what the provider makes, and what EC2 makes from launch templates", () => {
  expect(stack.provider("aws").default_tags).toEqual([{ tags }]);
  expect(stack.body("aws_launch_template").tag_specifications).toEqual(
    ["instance", "volume", "network-interface"].map((resource_type) => ({ resource_type, tags })),
  );
});
