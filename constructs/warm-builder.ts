import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import { StatefulSetV1 } from "@cdktf/provider-kubernetes/lib/stateful-set-v1";
import { Construct } from "constructs";
import type { BuildNamespace } from "./build-namespace";
import type { BuilderStorageClass } from "./builder-storage-class";
import { DO_NOT_DISRUPT } from "./do-not-disrupt";
import { cpuQuantity, memoryQuantity, type Resources } from "./quantity";
import { except } from "./security-exception";
import type { Toleration } from "./toleration";

export interface WarmBuilderProps {
  /** Name by which `docker buildx create --name` adopts it. */
  readonly name: string;
  /** The namespace that it runs in. */
  readonly namespace: BuildNamespace;
  /** BuildKit's image, by exact version; the rootless one where `rootless` is set. */
  readonly image: string;
  /** Requests and limits: builds that run at once share them. */
  readonly resources: Resources;
  /** Storage class of its volume. */
  readonly storageClass: BuilderStorageClass;
  /** Size of the volume that keeps layers, packages and build state, GiB. */
  readonly volumeGib: number;
  /**
   * Connections to one registry at once.
   * @default 4, BuildKit's own
   */
  readonly registryConcurrency?: number;
  /**
   * Without privileges, in user namespaces: builds cannot become root on the node, and unpack more slowly.
   * @default false
   */
  readonly rootless?: boolean;
  /**
   * Labels of the nodes that it may run on.
   * @default - any node
   */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /**
   * Taints of those nodes.
   * @default - none
   */
  readonly tolerations?: readonly Toleration[];
  /**
   * A builder that must be up to date and ready before this one is changed.
   * @default - none
   */
  readonly after?: WarmBuilder | undefined;
}

/** Label of all warm builders' pods. */
export const WARM_LABEL = { key: "buildx-on-eks/builder", value: "warm" } as const;

/** A build that runs when its node is drained may end first; EKS gives up on a drain after 15 minutes. */
const GRACE_SECONDS = 840;
/** User of moby/buildkit's rootless image. */
const ROOTLESS_USER = 1000;
const CONFIG_FOLDER = "/etc/buildkit";
const ROOTLESS_CONFIG_FOLDER = "/home/user/.config/buildkit";
const STATE_FOLDER = "/var/lib/buildkit";
const ROOTLESS_STATE_FOLDER = "/home/user/.local/share/buildkit";

/**
 * A BuildKit that stays, with its state on a volume. The buildx kubernetes driver adopts it instead of making one: it
 * looks for a StatefulSet `<name>0` when it is asked for persistent storage (buildx 0.34 and newer), and for its pods
 * by the label `app: <name>0`. A CI job then needs no right to create, change or delete anything.
 */
export class WarmBuilder extends Construct {
  readonly resource: StatefulSetV1;

  constructor(scope: Construct, id: string, props: WarmBuilderProps) {
    super(scope, id);
    const { rootless = false } = props;
    const name = `${props.name}0`;
    const labels = { app: name };
    const metadata = { name, namespace: props.namespace.namespaceName };
    const config = buildkitdConfig(props);
    const configMap = new ConfigMapV1(this, "config", { metadata, data: { "buildkitd.toml": config } });
    this.resource = new StatefulSetV1(this, "stateful-set", {
      metadata: { ...metadata, labels },
      spec: {
        serviceName: "buildkitd",
        replicas: "1",
        selector: { matchLabels: labels },
        template: {
          metadata: {
            labels: { ...labels, [WARM_LABEL.key]: WARM_LABEL.value },
            annotations: {
              ...DO_NOT_DISRUPT,
              // A changed configuration takes a new pod: BuildKit reads it once.
              "buildx-on-eks/config": config,
            },
          },
          spec: {
            terminationGracePeriodSeconds: GRACE_SECONDS,
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            ...(props.nodeSelector && { nodeSelector: { ...props.nodeSelector } }),
            ...(props.tolerations && {
              toleration: props.tolerations.map((toleration) => ({ ...toleration })),
            }),
            ...(rootless && {
              securityContext: {
                // Once, for the empty volume: every time, it would change owners inside of cached layers.
                fsGroup: String(ROOTLESS_USER),
                fsGroupChangePolicy: "OnRootMismatch",
              },
            }),
            container: [container(props, rootless)],
            volume: [{ name: "config", configMap: { name: configMap.metadata.name } }],
          },
        },
        // Kept when the pod moves, deleted with the StatefulSet.
        persistentVolumeClaimRetentionPolicy: [{ whenDeleted: "Delete", whenScaled: "Retain" }],
        volumeClaimTemplate: [
          {
            metadata: { name: "state" },
            spec: {
              accessModes: ["ReadWriteOnce"],
              storageClassName: props.storageClass.storageClassName,
              resources: { requests: { storage: memoryQuantity(props.volumeGib * 1024) } },
            },
          },
        ],
      },
      timeouts: { create: "15m", update: "30m", delete: "30m" },
      ...(props.after && { dependsOn: [props.after.resource] }),
    });
    except(this.resource, rootless ? "rootless-builder" : "privileged-builder");
    except(this.resource, "builder-image-version", "builder-root-file-system");
    if (rootless) except(this.resource, "rootless-builder-capabilities");
  }
}

function container({ image, resources }: WarmBuilderProps, rootless: boolean) {
  const amount = { cpu: cpuQuantity(resources.milliCpu), memory: memoryQuantity(resources.memoryMib) };
  const probe = {
    exec: { command: ["buildctl", "debug", "workers"] },
    initialDelaySeconds: 5,
    periodSeconds: 30,
    timeoutSeconds: 60,
  };
  return {
    name: "buildkitd",
    image,
    imagePullPolicy: "IfNotPresent",
    // Without namespaces of their own, build steps see each other's processes; a rootless pod can make none.
    ...(rootless && { args: ["--oci-worker-no-process-sandbox"] }),
    securityContext: rootless
      ? {
          runAsUser: String(ROOTLESS_USER),
          runAsGroup: String(ROOTLESS_USER),
          // Steps of a build get their capabilities anew, in their own user namespace.
          capabilities: { drop: ["NET_RAW"] },
          // BuildKit makes user namespaces and mounts inside of them, which the default profile forbids.
          seccompProfile: { type: "Unconfined" },
        }
      : { privileged: true },
    readinessProbe: probe,
    livenessProbe: probe,
    resources: { requests: amount, limits: amount },
    volumeMount: [
      {
        name: "config",
        mountPath: rootless ? ROOTLESS_CONFIG_FOLDER : CONFIG_FOLDER,
        readOnly: true,
      },
      { name: "state", mountPath: rootless ? ROOTLESS_STATE_FOLDER : STATE_FOLDER },
    ],
  };
}

/** Shares of the volume: what a sweep leaves alone, what it cuts back to, and what stays free for layers in flight. */
const RESERVED = 0.5;
const MAX_USED = 0.8;
const MIN_FREE = 0.15;

/**
 * BuildKit's "GB" is 2^30 bytes.
 *
 * @see https://github.com/moby/buildkit/blob/v0.31.2/docs/buildkitd.toml.md
 */
function buildkitdConfig({ volumeGib, registryConcurrency = 4 }: WarmBuilderProps): string {
  const gb = (share: number) => `"${Math.floor(volumeGib * share)}GB"`;
  return [
    "[worker.oci]",
    "  gc = true",
    `  reservedSpace = ${gb(RESERVED)}`,
    `  maxUsedSpace = ${gb(MAX_USED)}`,
    `  minFreeSpace = ${gb(MIN_FREE)}`,
    "[system]",
    `  maxRegistryConcurrency = ${registryConcurrency}`,
    "",
  ].join("\n");
}
