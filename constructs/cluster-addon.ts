import { EksAddon } from "@cdktf/provider-aws/lib/eks-addon";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { Cluster } from "./cluster";
import type { PodIdentityRole } from "./pod-identity-role";

export interface ClusterAddonProps {
  /** The cluster that gets the add-on. */
  readonly cluster: Cluster;
  /** Name as EKS lists it, for example "vpc-cni". */
  readonly name: string;
  /**
   * Exact version.
   * @default - the version that EKS has as its default for the cluster's Kubernetes version
   */
  readonly version?: string;
  /**
   * Settings, by the add-on's own schema (`aws eks describe-addon-configuration`).
   * @default - none
   */
  readonly configuration?: Readonly<Record<string, unknown>>;
  /**
   * AWS rights of the add-on's service account.
   * @default - none
   */
  readonly podIdentity?: PodIdentityRole;
  /**
   * What must be there before the add-on, and is destroyed after it.
   * @default - the rights of `podIdentity` alone
   */
  readonly dependsOn?: ITerraformDependable[];
}

/** An EKS add-on that EKS keeps as configured: local changes in the cluster are overwritten. */
export class ClusterAddon extends Construct {
  readonly resource: EksAddon;

  constructor(scope: Construct, id: string, props: ClusterAddonProps) {
    super(scope, id);
    const { podIdentity, dependsOn = [] } = props;
    // Rights granted after the pods started, or taken before they ended, are rights they do not have.
    const needed = [...dependsOn, ...(podIdentity?.attachments ?? [])];
    this.resource = new EksAddon(this, "addon", {
      clusterName: props.cluster.name,
      addonName: props.name,
      ...(props.version && { addonVersion: props.version }),
      ...(props.configuration && { configurationValues: JSON.stringify(props.configuration) }),
      ...(podIdentity && {
        podIdentityAssociation: [
          { roleArn: podIdentity.roleArn, serviceAccount: podIdentity.serviceAccount },
        ],
      }),
      resolveConflictsOnCreate: "OVERWRITE",
      resolveConflictsOnUpdate: "OVERWRITE",
      ...(needed.length > 0 && { dependsOn: needed }),
    });
  }
}
