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

/** Warm builders without what the stack itself gives them. */
export type WarmBuildersSettings = Omit<WarmBuildersProps, "namespace" | "storageClass" | "volumeGib">;

export interface PlatformStackProps {
  /** Region of the cluster. */
  readonly region: string;
  readonly cluster: Cluster;
  /** Namespace of builders and runners. */
  readonly namespace: string;
  readonly allowances: readonly PodAllowance[];
  /** Label of the nodes that builders and runners run on. */
  readonly nodeLabel: BuildAdmissionProps["nodeLabel"];
  /** @default - builders work on their node's disk */
  readonly builderVolumes?:
    | {
        readonly count: number;
        readonly sizeGib: number;
        readonly iops: number;
        readonly throughputMibps: number;
      }
    | undefined;
  /** @default - each job makes a builder and removes it */
  readonly warmBuilders?: WarmBuildersSettings | undefined;
  /** Who may use the buildx kubernetes driver, by a short name; nobody where no configuration needs it. */
  readonly builderUsers: BuilderUsers;
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
export class PlatformStack extends ProjectStack {
  constructor(scope: Construct, id: string, props: PlatformStackProps) {
    super(scope, id);
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
    const admission = new BuildAdmission(this, "admission", {
      namespace,
      name: `${props.namespace}-pods`,
      nodeLabel: props.nodeLabel,
    });
    this.admitBuilderUsers(namespace, admission, props.builderUsers);
    if (props.builderVolumes) this.addBuilderVolumes(namespace, props.builderVolumes, props.warmBuilders);
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

  private addBuilderVolumes(
    namespace: BuildNamespace,
    { sizeGib, iops, throughputMibps }: NonNullable<PlatformStackProps["builderVolumes"]>,
    warmBuilders: WarmBuildersSettings | undefined,
  ): void {
    const storageClass = new BuilderStorageClass(this, "storage-class", { iops, throughputMibps });
    if (!warmBuilders) return;
    new WarmBuilders(this, "warm-builders", { ...warmBuilders, namespace, storageClass, volumeGib: sizeGib });
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
