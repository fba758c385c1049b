import { describe, expect, it } from "vitest";
import type { NetworkProps } from "../../constructs/network";
import { subnetsOf } from "../../environment/network";
import { newNetwork } from "../helpers/parts";
import { once, synthesizeConstruct } from "../helpers/synth";

const synthesizedOnce = once((change: Partial<NetworkProps>) =>
  synthesizeConstruct((scope) => {
    newNetwork(scope, change);
  }),
);
const synthesized = (change: Partial<NetworkProps> = {}) => synthesizedOnce(change);
const stack = synthesized();
const three = subnetsOf("10.30.0.0/16", ["us-west-2a", "us-west-2b", "us-west-2c"]);

describe("Network", () => {
  it("has a public and a private subnet in each zone, none of which gives out public addresses", () => {
    const subnets = stack
      .all("aws_subnet")
      .map(({ path, body }) => [path, body.cidr_block, body.availability_zone, body.map_public_ip_on_launch]);
    expect(subnets.sort()).toEqual([
      ["network/private-us-west-2a", "10.30.0.0/20", "us-west-2a", false],
      ["network/private-us-west-2b", "10.30.16.0/20", "us-west-2b", false],
      ["network/public-us-west-2a", "10.30.240.0/24", "us-west-2a", false],
      ["network/public-us-west-2b", "10.30.241.0/24", "us-west-2b", false],
    ]);
  });

  it("closes the VPC's default security group", () => {
    expect(stack.body("aws_default_security_group")).toEqual({
      vpc_id: "<aws_vpc.network/vpc.id>",
      tags: { Name: "demo-default-closed" },
    });
  });

  it("lets private subnets out through one NAT gateway in the first zone", () => {
    expect(stack.body("aws_nat_gateway").subnet_id).toBe("<aws_subnet.network/public-us-west-2a.id>");
    const gateways = ["a", "b"].map(
      (zone) => stack.body("aws_route", `network/private-default-us-west-2${zone}`).nat_gateway_id,
    );
    expect(gateways).toEqual([
      "<aws_nat_gateway.network/nat-us-west-2a.id>",
      "<aws_nat_gateway.network/nat-us-west-2a.id>",
    ]);
  });

  it("lets each private subnet out through its own zone's gateway where there is one in each", () => {
    const perZone = synthesized({ natGateways: "per-zone", subnets: three });
    expect(perZone.all("aws_nat_gateway")).toHaveLength(3);
    expect(perZone.all("aws_eip")).toHaveLength(3);
    for (const { zone } of three) {
      expect(perZone.body("aws_route", `network/private-default-${zone}`).nat_gateway_id).toBe(
        `<aws_nat_gateway.network/nat-${zone}.id>`,
      );
    }
  });

  it("makes the NAT gateway after the route to the internet", () => {
    expect(stack.dependencies("aws_nat_gateway", "network/nat-us-west-2a")).toEqual([
      "aws_route.network/public-default",
    ]);
  });

  it("sends public subnets to the internet gateway and private ones not", () => {
    const toInternet = stack.all("aws_route").filter(({ body }) => body.gateway_id !== undefined);
    expect(toInternet.map(({ body }) => body.route_table_id)).toEqual([
      "<aws_route_table.network/public-routes.id>",
    ]);
    const subnets = stack
      .all("aws_route_table_association")
      .filter(({ body }) => body.route_table_id === "<aws_route_table.network/public-routes.id>")
      .map(({ body }) => body.subnet_id);
    expect(subnets).toEqual([
      "<aws_subnet.network/public-us-west-2a.id>",
      "<aws_subnet.network/public-us-west-2b.id>",
    ]);
  });

  it("gives every private table the free way to S3", () => {
    expect(stack.body("aws_vpc_endpoint", "network/s3")).toMatchObject({
      service_name: "com.amazonaws.us-west-2.s3",
      vpc_endpoint_type: "Gateway",
      route_table_ids: [
        "<aws_route_table.network/private-routes-table-us-west-2a.id>",
        "<aws_route_table.network/private-routes-table-us-west-2b.id>",
      ],
    });
  });

  it.each(["ecr.api", "ecr.dkr", "sts"])(
    "has an interface endpoint for %s in every private subnet",
    (service) => {
      expect(stack.body("aws_vpc_endpoint", `network/${service.replace(".", "-")}`)).toMatchObject({
        service_name: `com.amazonaws.us-west-2.${service}`,
        vpc_endpoint_type: "Interface",
        private_dns_enabled: true,
        security_group_ids: ["<aws_security_group.network/endpoints-security-group.id>"],
        subnet_ids: [
          "<aws_subnet.network/private-us-west-2a.id>",
          "<aws_subnet.network/private-us-west-2b.id>",
        ],
      });
    },
  );

  it("lets nothing but HTTPS from the VPC reach the interface endpoints", () => {
    const rules = stack.all("aws_vpc_security_group_ingress_rule").map(({ body }) => body);
    expect(rules).toEqual([
      {
        security_group_id: "<aws_security_group.network/endpoints-security-group.id>",
        description: "HTTPS from the VPC",
        cidr_ipv4: "10.30.0.0/16",
        ip_protocol: "tcp",
        from_port: 443,
        to_port: 443,
      },
    ]);
  });

  describe("with flow logs", () => {
    const logged = synthesized({ flowLogs: { roleName: "demo-flow-logs", retentionDays: 14 } });

    it("keeps them as long as asked", () => {
      expect(logged.body("aws_cloudwatch_log_group")).toMatchObject({
        name: "/aws/vpc/demo/flow-logs",
        retention_in_days: 14,
      });
      expect(logged.body("aws_flow_log")).toMatchObject({
        traffic_type: "ALL",
        log_destination: "<aws_cloudwatch_log_group.network/flow-log-group.arn>",
      });
    });

    it("lets their role write to their log group only", () => {
      expect(logged.statements("aws_iam_role_policy", "network/flow-log-policy")).toEqual([
        {
          Sid: "WriteFlowLogs",
          Effect: "Allow",
          Action: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
          Resource: ["<aws_cloudwatch_log_group.network/flow-log-group.arn>:*"],
        },
      ]);
    });
  });
});
