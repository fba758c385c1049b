import { ServiceAccountV1 } from "@cdktf/provider-kubernetes/lib/service-account-v1";
import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { BuildNamespace, type PodAllowance } from "../constructs/build-namespace";
import { BuilderAccess } from "../constructs/builder-access";
import { BuilderStorageClass } from "../constructs/builder-storage-class";
import type { Cluster } from "../constructs/cluster";
import { ClusterProviders } from "../constructs/cluster-providers";
import { GithubAppKey } from "../constructs/github-app-key";
import { type GithubApp, RunnerController } from "../constructs/runner-controller";
import { AwsStack, type AwsStackProps } from "./aws-stack";

export interface PlatformStackProps extends AwsStackProps {
  readonly cluster: Cluster;
  /** Namespace of builders and runners. */
  readonly namespace: string;
  readonly allowances: readonly PodAllowance[];
  /** @default - builders work on their node's disk */
  readonly builderVolumes?: { readonly count: number; readonly sizeGib: number } | undefined;
  /** Who may use the buildx kubernetes driver; nobody where no configuration needs it. */
  readonly builderUsers: { readonly hostedGroup?: string | undefined; readonly runners: boolean };
  /** @default - no runners, no controller */
  readonly runners?:
    | {
        readonly serviceAccount: string;
        readonly controllerNamespace: string;
        readonly app: GithubApp;
      }
    | undefined;
}

/** What the cluster holds before the first runner: the build namespace, its rights and the runners' controller. */
export class PlatformStack extends AwsStack {
  constructor(scope: Construct, id: string, props: PlatformStackProps) {
    super(scope, id, props);
    new ClusterProviders(this, "providers", {
      cluster: props.cluster,
      region: props.region,
      helm: props.runners !== undefined,
    });
    const namespace = new BuildNamespace(this, "builds", {
      name: props.namespace,
      allowances: props.allowances,
      volumes: props.builderVolumes,
    });
    this.admitBuilderUsers(namespace, props);
    if (props.builderVolumes) new BuilderStorageClass(this, "storage-class");
    if (props.runners) {
      new ServiceAccountV1(this, "runner", {
        metadata: { name: props.runners.serviceAccount, namespace: namespace.namespace.metadata.name },
        // Said by each pod: only a runner that creates builders gets a token.
        automountServiceAccountToken: false,
      });
      new RunnerController(this, "controller", {
        namespace: props.runners.controllerNamespace,
        buildNamespace: namespace,
        app: props.runners.app,
        appKey: new GithubAppKey(this, "github-app-key"),
      });
    }
    new TerraformOutput(this, "namespace", {
      description: "Namespace of builders and runners (driver-opt namespace)",
      value: namespace.namespace.metadata.name,
    });
  }

  private admitBuilderUsers(
    namespace: BuildNamespace,
    { builderUsers, runners, builderVolumes }: PlatformStackProps,
  ) {
    const { hostedGroup } = builderUsers;
    const runnerAccount = builderUsers.runners ? runners?.serviceAccount : undefined;
    if (hostedGroup === undefined && runnerAccount === undefined) return;
    const access = new BuilderAccess(this, "builder-access", {
      namespace,
      volumes: builderVolumes !== undefined,
    });
    if (hostedGroup !== undefined) access.addUser("hosted", { group: hostedGroup });
    if (runnerAccount !== undefined) access.addUser("runner", { serviceAccount: runnerAccount });
  }
}
