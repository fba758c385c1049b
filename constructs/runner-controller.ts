import { Release } from "@cdktf/provider-helm/lib/release";
import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1";
import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import { SecretV1 } from "@cdktf/provider-kubernetes/lib/secret-v1";
import { Construct } from "constructs";
import { stringify } from "yaml";
import type { BuildNamespace } from "./build-namespace";
import { type GithubAppKey, SET_GITHUB_APP_KEY } from "./github-app-key";

/** Chart 0.23.7 installs controller v0.27.6; both are the last of the line, kept by its community. */
const CHART_VERSION = "0.23.7";
const CHART_REPOSITORY = "https://actions-runner-controller.github.io/actions-runner-controller";
/** The privileged sidecar in which custom-default builds. */
const DIND_IMAGE = "docker:28.5.1-dind";
/** The chart's webhooks fail closed: unless the control plane reaches this port, no runner can be made. */
const WEBHOOK_PORT = 9443;
const SECRET_NAME = "controller-manager";

export interface GithubApp {
  /** App id. */
  readonly id: number;
  /** Id of its installation on the repository or organization. */
  readonly installationId: number;
  /** Raised to replace the private key: Terraform cannot see that a write-only value changed. */
  readonly privateKeyRevision: number;
}

export interface RunnerControllerProps {
  /**
   * Name of the namespace that is made for the controller.
   * @default "actions-runner-system"
   */
  readonly namespace?: string;
  /** The only namespace whose runners the controller manages. */
  readonly buildNamespace: BuildNamespace;
  /**
   * Where the runners register, as a URL: an enterprise of ghe.com or GitHub Enterprise Server.
   * @default - github.com
   */
  readonly githubUrl?: string | undefined;
  /** The GitHub App that registers runners. */
  readonly app: GithubApp;
  /** Its private key. */
  readonly appKey: GithubAppKey;
  /**
   * Version of the chart actions-runner-controller.
   * @default "0.23.7"
   */
  readonly chartVersion?: string;
}

/** actions-runner-controller by Helm, authenticated as a GitHub App whose key is in no state. */
export class RunnerController extends Construct {
  readonly resource: Release;

  constructor(scope: Construct, id: string, props: RunnerControllerProps) {
    super(scope, id);
    const namespace = new NamespaceV1(this, "namespace", {
      metadata: {
        name: props.namespace ?? "actions-runner-system",
        labels: { "pod-security.kubernetes.io/enforce": "restricted" },
      },
    });
    const secret = new SecretV1(this, "github-app", {
      metadata: { name: SECRET_NAME, namespace: namespace.metadata.name },
      type: "Opaque",
      dataWo: {
        github_app_id: String(props.app.id),
        github_app_installation_id: String(props.app.installationId),
        github_app_private_key: props.appKey.value,
      },
      dataWoRevision: props.app.privateKeyRevision,
      lifecycle: {
        precondition: [
          {
            condition: props.appKey.isGiven,
            errorMessage: `Set the private key of the GitHub App first: ${SET_GITHUB_APP_KEY}`,
          },
        ],
      },
    });
    const policy = new NetworkPolicyV1(this, "network-policy", {
      metadata: { name: "webhooks-only", namespace: namespace.metadata.name },
      spec: {
        podSelector: {},
        policyTypes: ["Ingress"],
        ingress: [{ ports: [{ port: String(WEBHOOK_PORT), protocol: "TCP" }] }],
      },
    });
    this.resource = new Release(this, "release", {
      name: "actions-runner-controller",
      namespace: namespace.metadata.name,
      repository: CHART_REPOSITORY,
      chart: "actions-runner-controller",
      version: props.chartVersion ?? CHART_VERSION,
      atomic: true,
      wait: true,
      timeout: 600,
      maxHistory: 5,
      values: [stringify(values(props))],
      // The controller reads its credentials once, when it starts; and it must be able to delete its runners at
      // GitHub for as long as it lives, so the secret is destroyed after it.
      dependsOn: [secret, policy],
    });
  }
}

/** @see https://github.com/actions/actions-runner-controller/blob/master/charts/actions-runner-controller/values.yaml */
function values({ buildNamespace, githubUrl, app }: RunnerControllerProps) {
  return {
    replicaCount: 1,
    webhookPort: WEBHOOK_PORT,
    // The chart signs a certificate itself; no cert-manager in the cluster.
    certManagerEnabled: false,
    ...(githubUrl !== undefined && { githubEnterpriseServerURL: githubUrl }),
    authSecret: { enabled: true, create: false, name: SECRET_NAME },
    // The controller reads the key when it starts: another revision starts it anew.
    podAnnotations: { "buildx-on-eks/private-key-revision": String(app.privateKeyRevision) },
    // Its webhooks and its right to read secrets then concern two namespaces instead of all.
    scope: { singleNamespace: true, watchNamespace: buildNamespace.namespaceName },
    image: { dindSidecarRepositoryAndTag: DIND_IMAGE },
    metrics: { proxy: { enabled: false } },
    podSecurityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "256Mi" } },
  };
}
