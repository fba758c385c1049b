import { Manifest } from "@cdktf/provider-kubernetes/lib/manifest";
import { Construct } from "constructs";
import { DO_NOT_DISRUPT } from "./do-not-disrupt";
import { cpuQuantity, memoryQuantity, type Resources } from "./quantity";
import { except } from "./security-exception";
import type { Toleration } from "./toleration";
import { validate, within } from "./validation";

const API_VERSION = "actions.summerwind.dev/v1alpha1";

export interface RunnerDeploymentProps {
  /** Name of the RunnerDeployment. */
  readonly name: string;
  /** Namespace that the controller watches. */
  readonly namespace: string;
  /** Repository whose jobs the runners take, `owner/name`. */
  readonly repository: string;
  /** Labels beside `self-hosted`, `linux` and `x64`, which GitHub adds. */
  readonly labels: readonly string[];
  /** Runners at least. */
  readonly minReplicas: number;
  /** Runners at most; above `minReplicas` a HorizontalRunnerAutoscaler follows the queue. */
  readonly maxReplicas: number;
  /** Requests and limits of the runner container. */
  readonly resources: Resources;
  /**
   * Requests and limits of the privileged Docker sidecar, in which `docker build` works.
   * @default - no sidecar: the runner has no Docker, and its pod is not privileged
   */
  readonly dockerResources?: Resources | undefined;
  /** Service account of the runners' pods. */
  readonly serviceAccountName: string;
  /**
   * The pod gets a token of its service account.
   * @default false
   */
  readonly kubernetesAccess?: boolean;
  /** Labels of the nodes that runners may run on. */
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** Taints of those nodes. */
  readonly tolerations: readonly Toleration[];
}

/**
 * The tag moves with GitHub's runner releases, and must: GitHub gives jobs only to runners updated within 30 days, so
 * a pinned one stops working. Each runner pulls it anew and serves one job.
 */
const RUNNER_IMAGE = "summerwind/actions-runner:ubuntu-24.04";
/** Group of the runner user in the images of 22.04 and 24.04: it owns what is mounted, such as the identity token. */
const RUNNER_GROUP = 1001;
/** A build that runs when its node is drained may end first; EKS gives up on a drain after 15 minutes. */
const GRACE_SECONDS = 840;
/** The runner must stop itself before Kubernetes stops it. */
const RUNNER_STOP_SECONDS = GRACE_SECONDS - 30;

/** Self-hosted, ephemeral GitHub Actions runners, and their autoscaler where their number varies. */
export class RunnerDeployment extends Construct {
  readonly resource: Manifest;

  constructor(scope: Construct, id: string, props: RunnerDeploymentProps) {
    super(scope, id);
    validate(this, within(0, props.maxReplicas, "minReplicas", props.minReplicas), [
      /^[^/]+\/[^/]+$/.test(props.repository),
      `repository must be owner/name; got "${props.repository}"`,
    ]);
    const scales = props.minReplicas < props.maxReplicas;
    this.resource = new Manifest(this, "deployment", {
      manifest: {
        apiVersion: API_VERSION,
        kind: "RunnerDeployment",
        metadata: {
          name: props.name,
          namespace: props.namespace,
          // Each runner is deregistered at GitHub through a finalizer. With this one on their owner, a destroy waits
          // until they are gone, and so does the controller that removes theirs.
          finalizers: ["foregroundDeletion"],
        },
        spec: {
          // With an autoscaler the number is its own: a value here would reset it at every apply. Without one it is
          // Terraform's, even if an autoscaler that was there before has written it last.
          ...(!scales && { replicas: props.minReplicas }),
          template: { metadata: { annotations: DO_NOT_DISRUPT }, spec: runnerSpec(props) },
        },
      },
      ...(!scales && { fieldManager: { forceConflicts: true } }),
      timeouts: { create: "10m", update: "10m", delete: "30m" },
    });
    except(this.resource, "moving-runner-image");
    if (props.dockerResources) except(this.resource, "docker-sidecar");
    if (scales) this.addAutoscaler(props);
  }

  private addAutoscaler({ name, namespace, minReplicas, maxReplicas }: RunnerDeploymentProps): void {
    new Manifest(this, "autoscaler", {
      manifest: {
        apiVersion: API_VERSION,
        kind: "HorizontalRunnerAutoscaler",
        metadata: { name, namespace },
        spec: {
          scaleTargetRef: { kind: "RunnerDeployment", name },
          minReplicas,
          maxReplicas,
          scaleDownDelaySecondsAfterScaleOut: 300,
          // Asks GitHub for the queue; the other metrics need a webhook server that GitHub can reach.
          metrics: [{ type: "TotalNumberOfQueuedAndInProgressWorkflowRuns" }],
        },
      },
      dependsOn: [this.resource],
    });
  }
}

function runnerSpec(props: RunnerDeploymentProps) {
  const { dockerResources } = props;
  return {
    repository: props.repository,
    labels: [...props.labels],
    image: RUNNER_IMAGE,
    imagePullPolicy: "Always",
    ephemeral: true,
    dockerEnabled: dockerResources !== undefined,
    resources: exactly(props.resources),
    ...(dockerResources && { dockerdContainerResources: exactly(dockerResources) }),
    serviceAccountName: props.serviceAccountName,
    automountServiceAccountToken: props.kubernetesAccess ?? false,
    securityContext: { fsGroup: RUNNER_GROUP },
    nodeSelector: props.nodeSelector,
    tolerations: props.tolerations.map((toleration) => ({ ...toleration })),
    terminationGracePeriodSeconds: GRACE_SECONDS,
    env: [{ name: "RUNNER_GRACEFUL_STOP_TIMEOUT", value: String(RUNNER_STOP_SECONDS) }],
  };
}

/** Requests = limits: a build gets what was asked for, and no more when its node happens to be idle. */
function exactly({ milliCpu, memoryMib }: Resources) {
  const amount = { cpu: cpuQuantity(milliCpu), memory: memoryQuantity(memoryMib) };
  return { requests: amount, limits: { ...amount } };
}
