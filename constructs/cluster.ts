import { EksAccessEntry } from "@cdktf/provider-aws/lib/eks-access-entry";
import { EksAccessPolicyAssociation } from "@cdktf/provider-aws/lib/eks-access-policy-association";
import { EksCluster } from "@cdktf/provider-aws/lib/eks-cluster";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { Construct } from "constructs";
import { isPrivateNetwork, SERVICE_CIDR } from "./cidr";
import { logGroup } from "./log-group";
import type { Network } from "./network";
import { policyDocument, serviceTrust } from "./policy-document";
import { except } from "./security-exception";
import { atMost, distinct, validate, within } from "./validation";

export interface ClusterProps {
  /** Name in EKS, at most 100 characters. */
  readonly name: string;
  /** The VPC whose private subnets the cluster and its nodes are in. */
  readonly network: Network;
  /** Kubernetes minor version, for example "1.35". */
  readonly version: string;
  /**
   * Networks that reach the public API endpoint.
   * @default - there is no public endpoint
   */
  readonly publicAccessCidrs?: readonly string[] | undefined;
  /**
   * Networks that reach the private API endpoint beside the cluster's own nodes.
   * @default - none
   */
  readonly privateAccessCidrs?: readonly string[];
  /** ARNs of the IAM roles that administer the cluster. Its creator gets no rights by having created it. */
  readonly clusterAdmins: readonly string[];
  /**
   * Days for which the control plane's logs are kept, one of the numbers that CloudWatch takes.
   * @default 30
   */
  readonly logRetentionDays?: number;
  /**
   * AWS refuses to delete the cluster until this is turned off.
   * @default false
   */
  readonly deletionProtection?: boolean;
  /**
   * Days for which the secrets' key can be restored after the cluster is destroyed, 7 to 30.
   * @default 30
   */
  readonly deletionWindowInDays?: number;
  /**
   * Name of the control plane's IAM role, at most 64 characters.
   * @default "<name>-cluster"
   */
  readonly roleName?: string;
  /**
   * Alias of the key that encrypts Kubernetes secrets.
   * @default "alias/<name>-secrets"
   */
  readonly secretsKeyAlias?: string;
}

/** An EKS control plane with API-mode access entries, encrypted secrets, kept logs and a private endpoint. */
export class Cluster extends Construct {
  readonly resource: EksCluster;
  readonly network: Network;
  private readonly principals = new Set<string>();

  constructor(scope: Construct, id: string, props: ClusterProps) {
    super(scope, id);
    validate(
      this,
      atMost(100, "name", props.name),
      atMost(64, "roleName", props.roleName ?? `${props.name}-cluster`),
      within(7, 30, "deletionWindowInDays", props.deletionWindowInDays),
      distinct(0, "clusterAdmins", props.clusterAdmins),
      [props.publicAccessCidrs?.length !== 0, "publicAccessCidrs must name a network; leave it out for none"],
    );
    this.network = props.network;
    const key = this.secretsKey(props);
    const { role, rights } = this.clusterRole(props, key);
    // Made first, or EKS makes it: without retention, and out of Terraform's reach when the cluster is destroyed.
    const logs = logGroup(this, "log-group", {
      name: `/aws/eks/${props.name}/cluster`,
      retentionDays: props.logRetentionDays ?? 30,
    });
    const publicAccess = props.publicAccessCidrs !== undefined;
    this.resource = new EksCluster(this, "cluster", {
      name: props.name,
      version: props.version,
      roleArn: role.arn,
      bootstrapSelfManagedAddons: false,
      deletionProtection: props.deletionProtection ?? false,
      enabledClusterLogTypes: ["api", "audit", "authenticator"],
      accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
      encryptionConfig: { provider: { keyArn: key.arn }, resources: ["secrets"] },
      kubernetesNetworkConfig: { ipFamily: "ipv4", serviceIpv4Cidr: SERVICE_CIDR },
      upgradePolicy: { supportType: "STANDARD" },
      vpcConfig: {
        subnetIds: props.network.privateSubnets.map((subnet) => subnet.id),
        endpointPrivateAccess: true,
        endpointPublicAccess: publicAccess,
        ...(props.publicAccessCidrs && { publicAccessCidrs: [...props.publicAccessCidrs] }),
      },
      // The role's rights must outlive the cluster, or deleting it hangs on network interfaces nobody may remove.
      dependsOn: [logs, ...rights],
    });
    except(this.resource, "control-plane-log-types");
    if (publicAccess) except(this.resource, "public-api-endpoint");
    this.allowPrivateAccess(props.privateAccessCidrs ?? []);
    // In this stack and not beside the charts: destroyed only after everything that needs an operator's rights.
    for (const arn of props.clusterAdmins) this.addAdmin(arn);
  }

  get name(): string {
    return this.resource.name;
  }

  get arn(): string {
    return this.resource.arn;
  }

  /** Address of the Kubernetes API. */
  get endpoint(): string {
    return this.resource.endpoint;
  }

  /** Kubernetes minor version. */
  get version(): string {
    return this.resource.version;
  }

  /** Certificate of the API's authority, PEM in base64. */
  get certificateAuthorityData(): string {
    return this.resource.certificateAuthority.get(0).data;
  }

  /**
   * Maps an IAM role to Kubernetes groups; what a group may do is said by RoleBindings.
   *
   * @throws Error when the role has an entry already
   */
  addAccessEntry(id: string, roleArn: string, kubernetesGroups: readonly string[]): EksAccessEntry {
    this.claimPrincipal(roleArn);
    return new EksAccessEntry(this, id, {
      clusterName: this.name,
      principalArn: roleArn,
      kubernetesGroups: [...kubernetesGroups],
      type: "STANDARD",
    });
  }

  private addAdmin(arn: string): void {
    this.claimPrincipal(arn);
    const scope = new Construct(this, `operator-${idOf(arn)}`);
    const entry = new EksAccessEntry(scope, "entry", {
      clusterName: this.name,
      principalArn: arn,
      type: "STANDARD",
    });
    new EksAccessPolicyAssociation(scope, "administer", {
      clusterName: this.name,
      principalArn: entry.principalArn,
      policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
      accessScope: { type: "cluster" },
    });
  }

  private claimPrincipal(arn: string): void {
    if (this.principals.has(arn))
      throw new Error(`an access entry for ${arn} exists already; EKS takes one a role`);
    this.principals.add(arn);
  }

  private secretsKey(props: ClusterProps): KmsKey {
    const key = new KmsKey(this, "secrets-key", {
      description: `Kubernetes secrets of ${props.name}`,
      enableKeyRotation: true,
      deletionWindowInDays: props.deletionWindowInDays ?? 30,
    });
    except(key, "default-key-policy");
    new KmsAlias(this, "secrets-key-alias", {
      name: props.secretsKeyAlias ?? `alias/${props.name}-secrets`,
      targetKeyId: key.keyId,
    });
    return key;
  }

  private clusterRole(props: ClusterProps, key: KmsKey) {
    const role = new IamRole(this, "role", {
      name: props.roleName ?? `${props.name}-cluster`,
      description: `Control plane of ${props.name}`,
      assumeRolePolicy: serviceTrust("eks.amazonaws.com"),
    });
    const managed = new IamRolePolicyAttachment(this, "AmazonEKSClusterPolicy", {
      role: role.name,
      policyArn: "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
    });
    const encrypt = new IamRolePolicy(this, "encrypt-secrets", {
      name: "encrypt-secrets",
      role: role.name,
      policy: policyDocument({
        sid: "EncryptSecrets",
        actions: ["kms:Encrypt", "kms:Decrypt", "kms:ListGrants", "kms:DescribeKey"],
        resources: [key.arn],
      }),
    });
    return { role, rights: [managed, encrypt] };
  }

  /** The cluster's own security group lets in nothing but itself: nodes and control plane, all ports. */
  private allowPrivateAccess(cidrs: readonly string[]): void {
    for (const cidr of cidrs) {
      const rule = new VpcSecurityGroupIngressRule(this, `private-api-${cidr.replace(/[./]/g, "-")}`, {
        securityGroupId: this.resource.vpcConfig.clusterSecurityGroupId,
        description: "Kubernetes API from a connected network",
        cidrIpv4: cidr,
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
      });
      const isVpc = cidr === this.network.resource.cidrBlockInput;
      if (!isVpc && !isPrivateNetwork(cidr)) except(rule, "connected-network");
    }
  }
}

/** Account and name of a role as a construct id; what an id cannot hold is written as its code, so that no two meet. */
function idOf(roleArn: string): string {
  return roleArn
    .replace(/^arn:aws:iam::/, "")
    .replace(":role/", "-")
    .replace(/[^A-Za-z0-9-]/g, (char) => `_${char.charCodeAt(0).toString(16)}`);
}
