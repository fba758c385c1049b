import { ServiceAccountV1 } from "@cdktf/provider-kubernetes/lib/service-account-v1";
import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { BuildAdmission, type BuildAdmissionProps } from "../constructs/build-admission";
import { BuildNamespace, type PodAllowance } from "../constructs/build-namespace";
import { BuilderAccess, type BuilderAccessProps } from "../constructs/builder-access";
import { BuilderStorageClass } from "../constructs/builder-storage-class";
import type { Cluster } from "../constructs/cluster";
import { ClusterProviders } from "../constructs/cluster-providers";
import { GithubAppKey } from "../constructs/github-app-key";
import { type GithubApp, RunnerController } from "../constructs/runner-controller";
import { WarmBuilders, type WarmBuildersProps } from "../constructs/warm-builders";
import { ProjectStack } from "./project-stack";

/** Users of builders by a short name, each with the warm builders that are its own. */
export type BuilderUsers = Readonly<Record<string, Pick<BuilderAccessProps, "user" | "warmBuilders">>>;

/** Warm builders and their volumes, without what the stack itself gives them. */
export interface WarmBuildersSettings extends Omit<WarmBuildersProps, "namespace" | "storageClass"> {
  readonly volumeIops: number;
  readonly volumeThroughputMibps: number;
}

export interface PlatformStackProps {
  /** Region of the cluster. */
  readonly region: string;
  readonly cluster: Cluster;
  /** Namespace of builders and runners. */
  readonly namespace: string;
  readonly allowances: readonly PodAllowance[];
  /** Label of the nodes that builders and runners run on. */
  readonly nodeLabel: BuildAdmissionProps["nodeLabel"];
  /** @default - each job makes a builder and removes it; it works on its node's disk */
  readonly warmBuilders?: WarmBuildersSettings | undefined;
  /** Who may use the buildx kubernetes driver, by a short name; nobody where no configuration needs it. */
  readonly builderUsers: BuilderUsers;
  /** @default - no runners, no controller */
  readonly runners?:
    | {
        readonly serviceAccount: string;
        readonly controllerNamespace: string;
        readonly app: GithubApp;
        /** @default - github.com */
        readonly githubUrl?: string | undefined;
      }
    | undefined;
}

/** What the cluster holds before the first runner: the build namespace, its rights and the runners' controller. */
export class PlatformStack extends ProjectStack {
  constructor(scope: Construct, id: string, props: PlatformStackProps) {
    super(scope, id);
    new ClusterProviders(this, "providers", {
      cluster: props.cluster,
      region: props.region,
      helm: props.runners !== undefined,
    });
    const warm = props.warmBuilders;
    const namespace = new BuildNamespace(this, "builds", {
      name: props.namespace,
      allowances: props.allowances,
      volumes: warm && { count: warm.names.length, volumeGib: warm.volumeGib },
    });
    const admission = new BuildAdmission(this, "admission", {
      namespace,
      name: `${props.namespace}-pods`,
      nodeLabel: props.nodeLabel,
    });
    this.admitBuilderUsers(namespace, admission, props.builderUsers);
    if (warm) this.addWarmBuilders(namespace, warm);
    if (props.runners) {
      new ServiceAccountV1(this, "runner", {
        metadata: { name: props.runners.serviceAccount, namespace: namespace.namespaceName },
        // Said by each pod: only a runner that creates builders gets a token.
        automountServiceAccountToken: false,
      });
      new RunnerController(this, "controller", {
        namespace: props.runners.controllerNamespace,
        buildNamespace: namespace,
        app: props.runners.app,
        githubUrl: props.runners.githubUrl,
        appKey: new GithubAppKey(this, "github-app-key"),
      });
    }
    new TerraformOutput(this, "namespace", {
      description: "Namespace of builders and runners (driver-opt namespace)",
      value: namespace.namespaceName,
    });
  }

  private addWarmBuilders(namespace: BuildNamespace, settings: WarmBuildersSettings): void {
    const { volumeIops, volumeThroughputMibps, ...builders } = settings;
    const storageClass = new BuilderStorageClass(this, "storage-class", {
      iops: volumeIops,
      throughputMibps: volumeThroughputMibps,
    });
    new WarmBuilders(this, "warm-builders", { ...builders, namespace, storageClass });
  }

  /** Each user has a Role of its own: with warm builders it names that user's builders. */
  private admitBuilderUsers(namespace: BuildNamespace, admission: BuildAdmission, users: BuilderUsers): void {
    for (const [id, user] of Object.entries(users)) {
      new BuilderAccess(this, `builder-access-${id}`, {
        namespace,
        admission,
        name: `buildx-${id}`,
        ...user,
      });
    }
  }
}
