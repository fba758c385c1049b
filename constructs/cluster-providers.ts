import { HelmProvider } from "@cdktf/provider-helm/lib/provider";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import type { Cluster } from "./cluster";

export interface ClusterProvidersProps {
  /** The cluster to connect to. */
  readonly cluster: Cluster;
  /** AWS region of the cluster. */
  readonly region: string;
  /**
   * Also a Helm provider.
   * @default false
   */
  readonly helm?: boolean;
}

/**
 * Kubernetes and Helm providers that ask the AWS CLI for a token whenever they need one. A token passed between stacks
 * would lie in the state and expire after fifteen minutes.
 */
export class ClusterProviders extends Construct {
  constructor(scope: Construct, id: string, { cluster, region, helm = false }: ClusterProvidersProps) {
    super(scope, id);
    const connection = {
      host: cluster.endpoint,
      clusterCaCertificate: Fn.base64decode(cluster.certificateAuthorityData),
    };
    const exec = {
      apiVersion: "client.authentication.k8s.io/v1beta1",
      command: "aws",
      args: ["eks", "get-token", "--cluster-name", cluster.name, "--region", region, "--output", "json"],
    };
    new KubernetesProvider(this, "kubernetes", { ...connection, exec: [exec] });
    if (helm) new HelmProvider(this, "helm", { kubernetes: { ...connection, exec } });
  }
}
