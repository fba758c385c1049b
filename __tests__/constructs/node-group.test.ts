import { describe, expect, it } from "vitest";
import { NodeGroup, type NodeGroupProps } from "../../constructs/node-group";
import { NodeRole } from "../../constructs/node-role";
import { newCluster } from "../helpers/parts";
import { once, synthesizeConstruct } from "../helpers/synth";

const synthesizedOnce = once((change: Partial<NodeGroupProps>) =>
  synthesizeConstruct((scope) => {
    const cluster = newCluster(scope);
    const role = new NodeRole(scope, "node-role", { roleName: "demo-node" });
    new NodeGroup(scope, "builders", {
      name: "demo-builders",
      cluster,
      nodeRole: role,
      instanceType: "c5.2xlarge",
      minSize: 1,
      maxSize: 4,
      desiredSize: 2,
      volumeGib: 200,
      dependsOn: [...cluster.network.privateRoutes],
      ...change,
    });
  }),
);
const synthesized = (change: Partial<NodeGroupProps> = {}) => synthesizedOnce(change);
const stack = synthesized();
const nodes = (change: Partial<NodeGroupProps> = {}) => synthesized(change).body("aws_eks_node_group");
const template = (change: Partial<NodeGroupProps> = {}) => synthesized(change).body("aws_launch_template");

describe("NodeGroup", () => {
  it("gives its credentials to the node alone: IMDSv2, one hop", () => {
    expect(template().metadata_options).toEqual({
      http_endpoint: "enabled",
      http_tokens: "required",
      http_put_response_hop_limit: 1,
    });
  });

  it("encrypts its root volume, which goes with the node", () => {
    expect(template().block_device_mappings).toEqual([
      {
        device_name: "/dev/xvda",
        ebs: {
          encrypted: "true",
          volume_type: "gp3",
          volume_size: 200,
          iops: 3000,
          throughput: 125,
          delete_on_termination: "true",
        },
      },
    ]);
  });

  it("names no security group, so that the control plane reaches webhooks on every port", () => {
    expect(Object.keys(template()).sort()).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/security_group|network_interfaces/)]),
    );
  });

  it("is on Amazon Linux 2023, on demand, repaired, and follows its template and the control plane", () => {
    expect(nodes()).toMatchObject({
      ami_type: "AL2023_x86_64_STANDARD",
      capacity_type: "ON_DEMAND",
      instance_types: ["c5.2xlarge"],
      launch_template: {
        id: "<aws_launch_template.builders/template.id>",
        version: "<aws_launch_template.builders/template.latest_version>",
      },
      node_repair_config: { enabled: true },
      subnet_ids: [
        "<aws_subnet.network/private-us-west-2a.id>",
        "<aws_subnet.network/private-us-west-2b.id>",
      ],
      update_config: { max_unavailable_percentage: 33 },
      version: "<aws_eks_cluster.cluster/cluster.version>",
    });
  });

  it("has the number of nodes that it is given at every apply, so that EKS refuses no minSize", () => {
    const { scaling_config, lifecycle } = nodes();
    expect(scaling_config).toEqual({ min_size: 1, max_size: 4, desired_size: 2 });
    expect(lifecycle).not.toHaveProperty("ignore_changes");
  });

  it("leaves the number of nodes to an autoscaler once it is made", () => {
    expect(nodes({ autoscaled: true }).lifecycle).toMatchObject({
      ignore_changes: ["scaling_config[0].desired_size"],
    });
  });

  it("makes nodes of another type beside the old ones, under another name", () => {
    const groups = (["c5.2xlarge", "c5n.2xlarge"] as const).map((instanceType) => nodes({ instanceType }));
    expect(groups.map(({ node_group_name }) => node_group_name)).toEqual([
      "demo-builders-c5-2xlarge",
      "demo-builders-c5n-2xlarge",
    ]);
    expect(groups.map(({ lifecycle }) => lifecycle)).toEqual(Array(2).fill({ create_before_destroy: true }));
  });

  it("has neither label nor taint by default", () => {
    expect(nodes()).not.toHaveProperty("labels");
    expect(nodes()).not.toHaveProperty("taint");
  });

  it("has the taints that it is given", () => {
    expect(nodes({ taints: [{ key: "group", value: "builders", effect: "NO_SCHEDULE" }] })).toMatchObject({
      taint: [{ key: "group", value: "builders", effect: "NO_SCHEDULE" }],
    });
  });

  it("is made after, and destroyed before, what it depends on and its role's policies", () => {
    expect(stack.dependencies("aws_eks_node_group", "builders/nodes").sort()).toEqual([
      "aws_iam_role_policy_attachment.node-role/AmazonEC2ContainerRegistryPullOnly",
      "aws_iam_role_policy_attachment.node-role/AmazonEKSWorkerNodePolicy",
      "aws_route.network/private-default-us-west-2a",
      "aws_route.network/private-default-us-west-2b",
      "aws_route_table_association.network/private-routes-us-west-2a",
      "aws_route_table_association.network/private-routes-us-west-2b",
    ]);
  });
});
