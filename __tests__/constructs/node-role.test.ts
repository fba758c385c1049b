import { describe, expect, it } from "vitest";
import { NodeRole } from "../../constructs/node-role";
import { synthesizeConstruct } from "../helpers/synth";

describe("NodeRole", () => {
  const stack = synthesizeConstruct((scope) => {
    new NodeRole(scope, "node-role", { roleName: "demo-node" });
  });

  it("is assumed by EC2 alone", () => {
    expect(stack.statements("aws_iam_role", "node-role/role", "assume_role_policy")).toEqual([
      { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: ["sts:AssumeRole"] },
    ]);
  });

  it("may join the cluster and pull images, and not arrange network interfaces", () => {
    const policies = stack.all("aws_iam_role_policy_attachment").map(({ body }) => body.policy_arn);
    expect(policies.sort()).toEqual([
      "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
      "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
    ]);
  });
});
