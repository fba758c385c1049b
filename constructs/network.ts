import { DefaultSecurityGroup } from "@cdktf/provider-aws/lib/default-security-group";
import { Eip } from "@cdktf/provider-aws/lib/eip";
import { FlowLog } from "@cdktf/provider-aws/lib/flow-log";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { InternetGateway } from "@cdktf/provider-aws/lib/internet-gateway";
import { NatGateway } from "@cdktf/provider-aws/lib/nat-gateway";
import { Route } from "@cdktf/provider-aws/lib/route";
import { RouteTable } from "@cdktf/provider-aws/lib/route-table";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { VpcEndpoint } from "@cdktf/provider-aws/lib/vpc-endpoint";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { INTERFACE_SERVICES } from "./interface-services";
import { logGroup } from "./log-group";
import { policyDocument, serviceTrust } from "./policy-document";
import { except } from "./security-exception";
import { distinct, validate } from "./validation";

/** Subnets of one zone. */
export interface ZoneSubnets {
  /** Availability zone, for example "us-west-2a". */
  readonly zone: string;
  /** IPv4 range of the subnet of the NAT gateway, for example "10.20.240.0/24". */
  readonly publicCidr: string;
  /** IPv4 range of the subnet of nodes and pods, for example "10.20.0.0/20". */
  readonly privateCidr: string;
}

export interface NetworkProps {
  /** Name tag of the VPC, and prefix of the names of its parts. */
  readonly name: string;
  /** AWS region, for example "us-west-2". */
  readonly region: string;
  /** IPv4 range of the VPC, for example "10.20.0.0/16". */
  readonly cidr: string;
  /** Subnets by zone, at least two zones. */
  readonly subnets: readonly ZoneSubnets[];
  /**
   * One NAT gateway for all zones, or one in each: dearer, and survives the loss of a zone.
   * @default "one"
   */
  readonly natGateways?: "one" | "per-zone";
  /**
   * AWS services that get an interface endpoint in every zone.
   * @default ["ecr.api", "ecr.dkr", "sts"]
   */
  readonly interfaceServices?: readonly string[];
  /**
   * Flow logs to CloudWatch.
   * @default - no flow logs
   */
  readonly flowLogs?: {
    /** Days for which they are kept, one of the numbers that CloudWatch takes. */
    readonly retentionDays: number;
    /**
     * Name of the role that writes them.
     * @default "<name>-flow-logs"
     */
    readonly roleName?: string;
  };
}

/**
 * A VPC for an EKS cluster that pulls and pushes big images: nodes and pods in private subnets, and ECR beside the NAT
 * gateway. Pushed layers go through the interface endpoint of the registry, pulled ones come from S3 through its
 * gateway endpoint, which is free.
 */
export class Network extends Construct {
  readonly resource: Vpc;
  readonly privateSubnets: readonly Subnet[];
  readonly publicSubnets: readonly Subnet[];
  /**
   * The way out of the private subnets. A node cannot join without it, and while it goes it still asks EC2 to free its
   * network interfaces: nodes depend on these.
   */
  readonly privateRoutes: ITerraformDependable[] = [];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: NetworkProps,
  ) {
    super(scope, id);
    validate(
      this,
      distinct(
        2,
        "subnets",
        props.subnets.map(({ zone }) => zone),
      ),
    );
    this.resource = new Vpc(this, "vpc", {
      cidrBlock: props.cidr,
      enableDnsHostnames: true,
      enableDnsSupport: true,
      tags: { Name: props.name },
    });
    // Whatever is made without a group of its own gets one that lets nothing in or out.
    new DefaultSecurityGroup(this, "default-security-group", {
      vpcId: this.resource.id,
      tags: { Name: `${props.name}-default-closed` },
    });

    this.publicSubnets = props.subnets.map(({ zone, publicCidr }) => this.subnet("public", zone, publicCidr));
    this.privateSubnets = props.subnets.map(({ zone, privateCidr }) =>
      this.subnet("private", zone, privateCidr),
    );
    const publicRoute = this.routePublic();
    const privateTables = this.routePrivate(publicRoute);
    this.addEndpoints(privateTables);
    if (props.flowLogs) this.addFlowLogs(props.flowLogs);
    else except(this.resource, "flow-logs-optional");
  }

  get vpcId(): string {
    return this.resource.id;
  }

  private subnet(kind: "public" | "private", zone: string, cidrBlock: string): Subnet {
    return new Subnet(this, `${kind}-${zone}`, {
      vpcId: this.resource.id,
      availabilityZone: zone,
      cidrBlock,
      mapPublicIpOnLaunch: false,
      tags: { Name: `${this.props.name}-${kind}-${zone}` },
    });
  }

  private routePublic(): Route {
    const gateway = new InternetGateway(this, "internet-gateway", {
      vpcId: this.resource.id,
      tags: { Name: this.props.name },
    });
    const table = new RouteTable(this, "public-routes", {
      vpcId: this.resource.id,
      tags: { Name: `${this.props.name}-public` },
    });
    const route = new Route(this, "public-default", {
      routeTableId: table.id,
      destinationCidrBlock: "0.0.0.0/0",
      gatewayId: gateway.id,
    });
    this.props.subnets.forEach(({ zone }, i) => {
      const subnet = this.publicSubnets[i];
      if (subnet) {
        new RouteTableAssociation(this, `public-routes-${zone}`, {
          routeTableId: table.id,
          subnetId: subnet.id,
        });
      }
    });
    return route;
  }

  /** One table for each zone, so that a NAT gateway for each zone is a change of routes and not of tables. */
  private routePrivate(publicRoute: Route): RouteTable[] {
    const perZone = this.props.natGateways === "per-zone";
    const gateways: NatGateway[] = [];
    return this.props.subnets.map(({ zone }, i) => {
      if (perZone || i === 0) gateways.push(this.natGateway(zone, this.publicSubnets[i], publicRoute));
      const gateway = gateways[gateways.length - 1];
      const table = new RouteTable(this, `private-routes-table-${zone}`, {
        vpcId: this.resource.id,
        tags: { Name: `${this.props.name}-private-${zone}` },
      });
      if (gateway) {
        this.privateRoutes.push(
          new Route(this, `private-default-${zone}`, {
            routeTableId: table.id,
            destinationCidrBlock: "0.0.0.0/0",
            natGatewayId: gateway.id,
          }),
        );
      }
      const subnet = this.privateSubnets[i];
      if (subnet) {
        this.privateRoutes.push(
          new RouteTableAssociation(this, `private-routes-${zone}`, {
            routeTableId: table.id,
            subnetId: subnet.id,
          }),
        );
      }
      return table;
    });
  }

  private natGateway(zone: string, subnet: Subnet | undefined, publicRoute: Route): NatGateway {
    if (!subnet) throw new Error(`no public subnet in ${zone} for a NAT gateway`);
    const address = new Eip(this, `nat-address-${zone}`, {
      domain: "vpc",
      tags: { Name: `${this.props.name}-nat-${zone}` },
    });
    except(address, "nat-address");
    return new NatGateway(this, `nat-${zone}`, {
      allocationId: address.id,
      subnetId: subnet.id,
      tags: { Name: `${this.props.name}-${zone}` },
      // AWS attaches and releases public addresses only while the internet gateway is there.
      dependsOn: [publicRoute],
    });
  }

  private addEndpoints(privateTables: readonly RouteTable[]): void {
    const { name, region, cidr } = this.props;
    new VpcEndpoint(this, "s3", {
      vpcId: this.resource.id,
      serviceName: `com.amazonaws.${region}.s3`,
      vpcEndpointType: "Gateway",
      routeTableIds: privateTables.map((table) => table.id),
      tags: { Name: `${name}-s3` },
    });
    const group = new SecurityGroup(this, "endpoints-security-group", {
      name: `${name}-endpoints`,
      description: "HTTPS from the VPC to the interface endpoints",
      vpcId: this.resource.id,
      tags: { Name: `${name}-endpoints` },
    });
    new VpcSecurityGroupIngressRule(this, "endpoints-https", {
      securityGroupId: group.id,
      description: "HTTPS from the VPC",
      cidrIpv4: cidr,
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
    });
    for (const service of this.props.interfaceServices ?? INTERFACE_SERVICES) {
      new VpcEndpoint(this, service.replaceAll(".", "-"), {
        vpcId: this.resource.id,
        serviceName: `com.amazonaws.${region}.${service}`,
        vpcEndpointType: "Interface",
        privateDnsEnabled: true,
        subnetIds: this.privateSubnets.map((subnet) => subnet.id),
        securityGroupIds: [group.id],
        tags: { Name: `${name}-${service}` },
      });
    }
  }

  private addFlowLogs({ retentionDays, roleName }: NonNullable<NetworkProps["flowLogs"]>): void {
    const group = logGroup(this, "flow-log-group", {
      name: `/aws/vpc/${this.props.name}/flow-logs`,
      retentionDays,
    });
    const role = new IamRole(this, "flow-log-role", {
      name: roleName ?? `${this.props.name}-flow-logs`,
      description: "Lets VPC flow logs write to their log group",
      assumeRolePolicy: serviceTrust("vpc-flow-logs.amazonaws.com"),
    });
    const policy = new IamRolePolicy(this, "flow-log-policy", {
      name: "write-flow-logs",
      role: role.name,
      policy: policyDocument({
        sid: "WriteFlowLogs",
        actions: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
        resources: [`${group.arn}:*`],
      }),
    });
    except(policy, "flow-log-streams");
    new FlowLog(this, "flow-log", {
      vpcId: this.resource.id,
      trafficType: "ALL",
      logDestinationType: "cloud-watch-logs",
      logDestination: group.arn,
      iamRoleArn: role.arn,
      tags: { Name: this.props.name },
    });
  }
}
