import { Manifest } from "@cdktf/provider-kubernetes/lib/manifest";
import { Construct } from "constructs";
import type { BuildNamespace } from "./build-namespace";

export interface BuildAdmissionProps {
  /** The namespace whose pods are judged. */
  readonly namespace: BuildNamespace;
  /** Name of the policy and of its binding, in the whole cluster. */
  readonly name: string;
  /** Label of the nodes that builds run on, and on no other. */
  readonly nodeLabel: {
    /** Key of the label, for example "example.com/role". */
    readonly key: string;
    /** Value of the label, for example "builds". */
    readonly value: string;
  };
}

const API_VERSION = "admissionregistration.k8s.io/v1";

/** What may run as a pod, or makes pods. A Job or CronJob is judged by its pods. */
const JUDGED = [
  { apiGroups: [""], resources: ["pods"] },
  { apiGroups: ["apps"], resources: ["daemonsets", "deployments", "replicasets", "statefulsets"] },
];

/**
 * Keeps pods of the build namespace on the builders' nodes and out of what a node is made of. A job that may create
 * Deployments may create privileged pods, which own their node: here they can own no other.
 *
 * The expressions are CEL, checked by the API server itself (ValidatingAdmissionPolicy, Kubernetes 1.30 and later).
 */
export class BuildAdmission extends Construct {
  /** In force once this exists. */
  readonly binding: Manifest;

  constructor(scope: Construct, id: string, { namespace, name, nodeLabel }: BuildAdmissionProps) {
    super(scope, id);
    const policy = new Manifest(this, "policy", {
      manifest: {
        apiVersion: API_VERSION,
        kind: "ValidatingAdmissionPolicy",
        metadata: { name },
        spec: {
          failurePolicy: "Fail",
          matchConstraints: {
            resourceRules: JUDGED.map((judged) => ({
              ...judged,
              apiVersions: ["v1"],
              operations: ["CREATE", "UPDATE"],
            })),
          },
          variables: [
            {
              name: "pod",
              expression: "has(object.spec.template) ? object.spec.template.spec : object.spec",
            },
          ],
          validations: validations(nodeLabel),
        },
      },
    });
    this.binding = new Manifest(this, "binding", {
      manifest: {
        apiVersion: API_VERSION,
        kind: "ValidatingAdmissionPolicyBinding",
        metadata: { name },
        spec: {
          policyName: name,
          validationActions: ["Deny"],
          matchResources: {
            namespaceSelector: {
              matchLabels: { "kubernetes.io/metadata.name": namespace.namespaceName },
            },
          },
        },
      },
      dependsOn: [policy],
    });
  }
}

function validations({ key, value }: BuildAdmissionProps["nodeLabel"]) {
  return [
    {
      expression: `has(variables.pod.nodeSelector) && '${key}' in variables.pod.nodeSelector && variables.pod.nodeSelector['${key}'] == '${value}'`,
      message: `pods here run on the builders' nodes: set nodeSelector ${key}=${value}`,
    },
    {
      // A pod that runs has its node; what is asked for here is one that names it before the scheduler does.
      expression: "request.operation != 'CREATE' || !has(variables.pod.nodeName)",
      message: "the scheduler chooses the node: remove nodeName",
    },
    {
      expression:
        "!(has(variables.pod.hostNetwork) && variables.pod.hostNetwork) && !(has(variables.pod.hostPID) && variables.pod.hostPID) && !(has(variables.pod.hostIPC) && variables.pod.hostIPC)",
      message: "pods here have their own namespaces: remove hostNetwork, hostPID and hostIPC",
    },
    {
      expression:
        "!has(variables.pod.volumes) || !variables.pod.volumes.exists(volume, has(volume.hostPath))",
      message: "pods here mount no files of their node: remove hostPath volumes",
    },
    {
      // The pods of a Deployment are a builder's; runners, which do have an account, are made without one.
      expression:
        "request.resource.resource != 'deployments' || !has(variables.pod.serviceAccountName) || variables.pod.serviceAccountName == 'default'",
      message: "builders run as the default service account: remove serviceAccountName",
    },
  ];
}
