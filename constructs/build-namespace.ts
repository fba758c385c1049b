import { DefaultServiceAccountV1 } from "@cdktf/provider-kubernetes/lib/default-service-account-v1";
import { LimitRangeV1 } from "@cdktf/provider-kubernetes/lib/limit-range-v1";
import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1";
import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import { ResourceQuotaV1 } from "@cdktf/provider-kubernetes/lib/resource-quota-v1";
import { Construct } from "constructs";
import { cpuQuantity, memoryQuantity, type Resources } from "./quantity";
import { except } from "./security-exception";
import { validate } from "./validation";

/** Pods of one shape: how many may exist at once, and what the largest of their containers may use. */
export interface PodAllowance extends Resources {
  /** How many of these pods may exist at once. */
  readonly count: number;
  /** What the largest container of such a pod may use. */
  readonly largestContainer: Resources;
}

export interface BuildNamespaceProps {
  /** Name of the namespace. */
  readonly name: string;
  /** The quota is the sum of these. */
  readonly allowances: readonly PodAllowance[];
  /**
   * Volumes that may be claimed.
   * @default - none
   */
  readonly volumes?:
    | {
        /** How many may exist at once. */
        readonly count: number;
        /** Size of each, GiB. */
        readonly volumeGib: number;
      }
    | undefined;
}

/** The address at which EC2 gives a node's credentials to anything that runs on it. */
const NODE_METADATA = "169.254.169.254/32";

/**
 * A namespace in which CI jobs build: a quota that the nodes hold, limits for every container, nobody can connect in,
 * and the node's metadata cannot be reached.
 *
 * Pod security is `privileged`, because BuildKit and the runners' Docker sidecar are; what violates the baseline is
 * still written to the audit log and shown as a warning.
 */
export class BuildNamespace extends Construct {
  readonly resource: NamespaceV1;

  constructor(scope: Construct, id: string, props: BuildNamespaceProps) {
    super(scope, id);
    validate(this, [props.allowances.length > 0, "allowances must name at least one shape of pod"]);
    this.resource = new NamespaceV1(this, "namespace", {
      metadata: {
        name: props.name,
        labels: {
          "pod-security.kubernetes.io/enforce": "privileged",
          "pod-security.kubernetes.io/audit": "baseline",
          "pod-security.kubernetes.io/warn": "baseline",
        },
      },
      // A builder that a cancelled job left ends its build first, and its volume goes with it.
      timeouts: { delete: "30m" },
    });
    except(this.resource, "privileged-builds");
    const metadata = (name: string) => ({ name, namespace: this.namespaceName });

    // Builder pods run as this account; BuildKit asks the API server for nothing.
    new DefaultServiceAccountV1(this, "default-service-account", {
      metadata: { namespace: this.namespaceName },
      automountServiceAccountToken: false,
    });
    new ResourceQuotaV1(this, "quota", { metadata: metadata("builds"), spec: { hard: quota(props) } });
    new LimitRangeV1(this, "limits", { metadata: metadata("containers"), spec: limits(props.allowances) });
    new NetworkPolicyV1(this, "network-policy", {
      metadata: metadata("egress-only"),
      spec: {
        podSelector: {},
        policyTypes: ["Ingress", "Egress"],
        // No ingress rule: jobs reach builders through the kubelet (exec), which no policy concerns.
        egress: [
          { to: [{ ipBlock: { cidr: "0.0.0.0/0", except: [NODE_METADATA] } }] },
          { to: [{ namespaceSelector: {} }] },
        ],
      },
    });
  }

  get namespaceName(): string {
    return this.resource.metadata.name;
  }
}

function quota({ allowances, volumes }: BuildNamespaceProps): Record<string, string> {
  const total = (of: (allowance: PodAllowance) => number) =>
    allowances.reduce((sum, allowance) => sum + allowance.count * of(allowance), 0);
  const totalCpu = cpuQuantity(total((a) => a.milliCpu));
  const totalMemory = memoryQuantity(total((a) => a.memoryMib));
  return {
    pods: String(total(() => 1)),
    "requests.cpu": totalCpu,
    "requests.memory": totalMemory,
    "limits.cpu": totalCpu,
    "limits.memory": totalMemory,
    persistentvolumeclaims: String(volumes?.count ?? 0),
    ...(volumes && { "requests.storage": memoryQuantity(volumes.count * volumes.volumeGib * 1024) }),
    "services.loadbalancers": "0",
    "services.nodeports": "0",
  };
}

function limits(allowances: readonly PodAllowance[]) {
  const largest = (of: (resources: Resources) => number) =>
    Math.max(...allowances.map((allowance) => of(allowance.largestContainer)));
  return {
    limit: [
      {
        type: "Container",
        max: {
          cpu: cpuQuantity(largest((r) => r.milliCpu)),
          memory: memoryQuantity(largest((r) => r.memoryMib)),
        },
        // For helper containers that state nothing, such as the one that installs emulators.
        default: { cpu: "250m", memory: "256Mi" },
        defaultRequest: { cpu: "100m", memory: "128Mi" },
      },
    ],
  };
}
