import {
  BUILD_NAMESPACE,
  BUILDERS_LABEL,
  CONTROLLER_NAMESPACE,
  HOSTED_GROUP,
  RUNNER_SERVICE_ACCOUNT,
} from "../../../environment/names";
import { buildkitImage } from "../../../environment/toolchain";

/** Who asks: a hosted job through its access entry, or a job on a runner through the runners' service account. */
export type JobIdentity = "hosted" | "runner";
export type BuilderMode = "per-job" | "warm";

export type Verb =
  | "get"
  | "list"
  | "watch"
  | "create"
  | "update"
  | "patch"
  | "delete"
  | "deletecollection"
  /** Asks for the resource as somebody else. */
  | "impersonate";

/** One request to the Kubernetes API. */
export interface ClusterRequest {
  readonly verb: Verb;
  /** `v1` or `<group>/<version>`; undefined for a path that is no resource. */
  readonly apiVersion?: string;
  /** Resource, or resource/subresource; a path where there is no apiVersion. */
  readonly resource: string;
  /** @default - all namespaces, or none where the resource has none */
  readonly namespace?: string;
  readonly name?: string;
  /** What is sent. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** Whom the asker claims to be, for `impersonate`. */
  readonly impersonated?: { readonly user: string; readonly group?: string };
}

/** One row of the table: somebody tries something, and the API server says yes or no. */
export interface ClusterAccess {
  readonly id: string;
  /** What is tried, in a few words. */
  readonly words: string;
  readonly identity: JobIdentity;
  readonly mode: BuilderMode;
  readonly request: ClusterRequest;
  readonly expected: "allowed" | "refused";
}

interface Situation {
  readonly identity: JobIdentity;
  readonly mode: BuilderMode;
  /** Warm builders of the job's own class and of the other one. */
  readonly own: string;
  readonly other: string;
}

interface Action {
  readonly id: string;
  readonly words: string;
  readonly request: ClusterRequest | ((situation: Situation) => ClusterRequest);
  /** @default - tried in both */
  readonly modes?: readonly BuilderMode[];
  /** @default - refused to everybody, always */
  readonly allowedIn?: readonly BuilderMode[];
}

/** What must be there to be reached for. Names of pods, Secrets and so on in namespace buildx and elsewhere. */
export const TARGET = "target";

const METADATA = { metadata: { labels: { tried: "yes" } } };
const PER_JOB: readonly BuilderMode[] = ["per-job"];
const WARM: readonly BuilderMode[] = ["warm"];
const ALWAYS: readonly BuilderMode[] = ["per-job", "warm"];

const CONTAINER = {
  name: "buildkitd",
  image: buildkitImage({ rootless: false }),
  resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "1", memory: "1Gi" } },
};

const NODES = { [BUILDERS_LABEL.key]: BUILDERS_LABEL.value };

/** An object of a kind, in namespace buildx unless another is given. */
const object = (apiVersion: string, kind: string, name: string, rest: object = {}, namespace?: string) => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace !== undefined && { namespace }) },
  ...rest,
});

const workload = (kind: string, name: string, namespace: string = BUILD_NAMESPACE, pod: object = {}) =>
  object(
    "apps/v1",
    kind,
    name,
    {
      spec: {
        ...(kind !== "DaemonSet" && { replicas: 0 }),
        ...(kind === "StatefulSet" && { serviceName: name }),
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: { containers: [CONTAINER], nodeSelector: NODES, ...pod },
        },
      },
    },
    namespace,
  );

const pod = (name: string, namespace: string) =>
  object("v1", "Pod", name, { spec: { containers: [CONTAINER] } }, namespace);

const RUNNERS = "actions.summerwind.dev/v1alpha1";
const rbac = "rbac.authorization.k8s.io/v1";
const here = (verb: Verb, apiVersion: string, resource: string, rest: Partial<ClusterRequest> = {}) => ({
  verb,
  apiVersion,
  resource,
  namespace: BUILD_NAMESPACE,
  ...rest,
});
const target = (verb: Verb, apiVersion: string, resource: string, body?: ClusterRequest["body"]) =>
  here(verb, apiVersion, resource, { name: TARGET, ...(body && { body }) });
const exec = (name: string, namespace: string = BUILD_NAMESPACE): ClusterRequest => ({
  ...here("create", "v1", "pods/exec", { name }),
  namespace,
});
const made = (identity: JobIdentity) => `made-by-${identity}0`;

const ROLE = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" };
const SUBJECTS = [
  { kind: "Group", name: HOSTED_GROUP, apiGroup: "rbac.authorization.k8s.io" },
  { kind: "ServiceAccount", name: RUNNER_SERVICE_ACCOUNT, namespace: BUILD_NAMESPACE },
];
const EVERYTHING = [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }];
const TOKEN = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };

/** What a job may try to have made through a Deployment, which it may create. */
const UNUSUAL_PODS: readonly {
  readonly id: string;
  readonly words: string;
  readonly pod: object;
  readonly allowedIn?: readonly BuilderMode[];
}[] = [
  {
    id: "privileged",
    words: "of privileged pods, as builders are",
    pod: { containers: [{ ...CONTAINER, securityContext: { privileged: true } }] },
    allowedIn: PER_JOB,
  },
  {
    id: "image",
    words: "of another image",
    pod: { containers: [{ ...CONTAINER, image: "other:1" }] },
    allowedIn: PER_JOB,
  },
  { id: "other-nodes", words: "for other nodes", pod: { nodeSelector: {} } },
  { id: "node-name", words: "for a node of one's choice", pod: { nodeName: TARGET } },
  {
    id: "host-path",
    words: "that mounts its node's files",
    pod: { volumes: [{ name: "node", hostPath: { path: "/" } }] },
  },
  { id: "host-network", words: "in its node's network", pod: { hostNetwork: true } },
  { id: "host-processes", words: "among its node's processes", pod: { hostPID: true } },
  {
    id: "account",
    words: "with the runners' service account",
    pod: { serviceAccountName: RUNNER_SERVICE_ACCOUNT },
  },
];

/** In this order: an action may concern what an earlier one made. */
const ACTIONS: readonly Action[] = [
  // What the driver needs.
  {
    id: "builder-create",
    words: "create a builder",
    request: ({ identity }) =>
      here("create", "apps/v1", "deployments", { body: workload("Deployment", made(identity)) }),
    allowedIn: PER_JOB,
  },
  {
    id: "builder-get",
    words: "get the builder",
    request: ({ identity, mode, own }) =>
      mode === "warm"
        ? here("get", "apps/v1", "statefulsets", { name: `${own}0` })
        : here("get", "apps/v1", "deployments", { name: made(identity) }),
    allowedIn: ALWAYS,
  },
  {
    id: "builder-pods",
    words: "list the pods of builders",
    request: here("list", "v1", "pods"),
    allowedIn: ALWAYS,
  },
  {
    id: "builder-exec",
    words: "run a command in the builder's pod",
    request: ({ mode, own }) => exec(mode === "warm" ? `${own}0-0` : TARGET),
    allowedIn: ALWAYS,
  },
  {
    id: "builder-delete",
    words: "delete the builder",
    request: ({ identity, mode, own }) =>
      mode === "warm"
        ? here("delete", "apps/v1", "statefulsets", { name: `${own}0` })
        : here("delete", "apps/v1", "deployments", { name: made(identity) }),
    allowedIn: PER_JOB,
  },
  {
    id: "version",
    words: "ask for the version",
    request: { verb: "get", resource: "/version" },
    allowedIn: ALWAYS,
  },
  {
    id: "own-rights",
    words: "ask for one's own rights",
    request: {
      verb: "create",
      apiVersion: "authorization.k8s.io/v1",
      resource: "selfsubjectrulesreviews",
      body: {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SelfSubjectRulesReview",
        spec: { namespace: BUILD_NAMESPACE },
      },
    },
    allowedIn: ALWAYS,
  },

  // Builders, beyond that.
  ...UNUSUAL_PODS.map(({ id, words, pod, allowedIn }) => ({
    id: `builder-create-${id}`,
    words: `create a Deployment ${words}`,
    request: ({ identity }: Situation) =>
      here("create", "apps/v1", "deployments", {
        body: workload("Deployment", `${id}-${identity}`, BUILD_NAMESPACE, pod),
      }),
    ...(allowedIn && { allowedIn }),
  })),
  {
    id: "any-exec",
    words: "run a command in any other pod of the namespace",
    request: exec(TARGET),
    // A job's own builder has a name that is not known before.
    allowedIn: PER_JOB,
  },
  {
    id: "target-deployment-get",
    words: "get somebody else's Deployment",
    request: target("get", "apps/v1", "deployments"),
    allowedIn: PER_JOB,
  },
  { id: "deployments-list", words: "list Deployments", request: here("list", "apps/v1", "deployments") },
  { id: "deployments-watch", words: "watch Deployments", request: here("watch", "apps/v1", "deployments") },
  {
    id: "deployment-patch",
    words: "patch a Deployment",
    request: target("patch", "apps/v1", "deployments", METADATA),
  },
  {
    id: "deployment-update",
    words: "update a Deployment",
    request: target("update", "apps/v1", "deployments", workload("Deployment", TARGET)),
  },
  {
    id: "deployment-scale",
    words: "scale a Deployment",
    request: target("patch", "apps/v1", "deployments/scale", { spec: { replicas: 1 } }),
  },
  {
    id: "deployments-deletecollection",
    words: "delete all Deployments at once",
    request: here("deletecollection", "apps/v1", "deployments"),
  },
  ...["StatefulSet", "DaemonSet", "ReplicaSet"].map((kind) => ({
    id: `${kind.toLowerCase()}-create`,
    words: `create a ${kind}`,
    request: here("create", "apps/v1", `${kind.toLowerCase()}s`, { body: workload(kind, "tried") }),
  })),
  {
    id: "job-create",
    words: "create a Job",
    request: here("create", "batch/v1", "jobs", {
      body: object("batch/v1", "Job", "tried", {
        spec: { template: { spec: { restartPolicy: "Never", containers: [CONTAINER] } } },
      }),
    }),
  },
  {
    id: "warm-own-patch",
    modes: WARM,
    words: "patch the warm builder",
    request: ({ own }) => here("patch", "apps/v1", "statefulsets", { name: `${own}0`, body: METADATA }),
  },
  {
    id: "warm-own-scale",
    modes: WARM,
    words: "scale the warm builder",
    request: ({ own }) =>
      here("patch", "apps/v1", "statefulsets/scale", { name: `${own}0`, body: { spec: { replicas: 0 } } }),
  },
  {
    id: "warm-own-pod-delete",
    modes: WARM,
    words: "delete the warm builder's pod",
    request: ({ own }) => here("delete", "v1", "pods", { name: `${own}0-0` }),
  },
  {
    id: "warm-own-config",
    modes: WARM,
    words: "change the warm builder's configuration",
    request: ({ own }) =>
      here("patch", "v1", "configmaps", { name: `${own}0`, body: { data: { "buildkitd.toml": "" } } }),
  },
  {
    id: "warm-other-get",
    modes: WARM,
    words: "get the warm builder of the other class",
    request: ({ other }) => here("get", "apps/v1", "statefulsets", { name: `${other}0` }),
  },
  {
    id: "warm-other-exec",
    modes: WARM,
    words: "run a command in the warm builder of the other class",
    request: ({ other }) => exec(`${other}0-0`),
  },
  {
    id: "warm-other-delete",
    modes: WARM,
    words: "delete the warm builder of the other class",
    request: ({ other }) => here("delete", "apps/v1", "statefulsets", { name: `${other}0` }),
  },
  { id: "statefulsets-list", words: "list StatefulSets", request: here("list", "apps/v1", "statefulsets") },
  {
    id: "budget-delete",
    modes: WARM,
    words: "delete the builders' disruption budget",
    request: here("delete", "policy/v1", "poddisruptionbudgets", { name: "warm-builders" }),
  },

  // Pods.
  { id: "pod-get", words: "get a pod", request: target("get", "v1", "pods") },
  { id: "pods-watch", words: "watch pods", request: here("watch", "v1", "pods") },
  {
    id: "pod-create",
    words: "create a pod",
    request: here("create", "v1", "pods", { body: pod("tried", BUILD_NAMESPACE) }),
  },
  {
    id: "pod-create-privileged",
    words: "create a privileged pod",
    request: here("create", "v1", "pods", {
      body: object("v1", "Pod", "tried", {
        spec: { containers: [{ ...CONTAINER, securityContext: { privileged: true } }] },
      }),
    }),
  },
  { id: "pod-patch", words: "patch a pod", request: target("patch", "v1", "pods", METADATA) },
  { id: "pod-delete", words: "delete a pod", request: target("delete", "v1", "pods") },
  {
    id: "pods-deletecollection",
    words: "delete all pods at once",
    request: here("deletecollection", "v1", "pods"),
  },
  {
    id: "pod-ephemeral-container",
    words: "add an ephemeral container to a pod",
    request: target("patch", "v1", "pods/ephemeralcontainers", {
      spec: { ephemeralContainers: [{ name: "tried", image: CONTAINER.image }] },
    }),
  },
  {
    id: "pod-resize",
    words: "resize a pod",
    request: target("patch", "v1", "pods/resize", METADATA),
  },
  {
    id: "pod-status",
    words: "change a pod's status",
    request: target("patch", "v1", "pods/status", METADATA),
  },
  { id: "pod-log", words: "read a pod's log", request: target("get", "v1", "pods/log") },
  { id: "pod-attach", words: "attach to a pod", request: target("create", "v1", "pods/attach") },
  {
    id: "pod-portforward",
    words: "forward a pod's port",
    request: target("create", "v1", "pods/portforward"),
  },
  {
    id: "pod-proxy",
    words: "reach a pod through the API server",
    request: target("get", "v1", "pods/proxy"),
  },
  { id: "pod-exec-get", words: "run a command with GET", request: target("get", "v1", "pods/exec") },
  {
    id: "pod-evict",
    words: "evict a pod",
    request: target("create", "v1", "pods/eviction", object("policy/v1", "Eviction", TARGET)),
  },
  {
    id: "pod-bind",
    words: "put a pod on a node of one's choice",
    request: target(
      "create",
      "v1",
      "pods/binding",
      object("v1", "Binding", TARGET, { target: { apiVersion: "v1", kind: "Node", name: TARGET } }),
    ),
  },

  // Secrets, configuration, identities.
  { id: "secrets-list", words: "list Secrets", request: here("list", "v1", "secrets") },
  { id: "secret-get", words: "read a Secret", request: target("get", "v1", "secrets") },
  { id: "secrets-watch", words: "watch Secrets", request: here("watch", "v1", "secrets") },
  {
    id: "secret-create",
    words: "create a Secret with a service account's token",
    request: here("create", "v1", "secrets", {
      body: {
        ...object("v1", "Secret", "tried"),
        type: "kubernetes.io/service-account-token",
        metadata: {
          name: "tried",
          annotations: { "kubernetes.io/service-account.name": RUNNER_SERVICE_ACCOUNT },
        },
      },
    }),
  },
  {
    id: "app-key",
    words: "read the GitHub App's private key",
    request: {
      verb: "get",
      apiVersion: "v1",
      resource: "secrets",
      namespace: CONTROLLER_NAMESPACE,
      name: "controller-manager",
    },
  },
  {
    id: "secrets-everywhere",
    words: "list the Secrets of all namespaces",
    request: { verb: "list", apiVersion: "v1", resource: "secrets" },
  },
  { id: "configmaps-list", words: "list ConfigMaps", request: here("list", "v1", "configmaps") },
  { id: "configmap-get", words: "read a ConfigMap", request: target("get", "v1", "configmaps") },
  {
    id: "configmap-create",
    words: "create a ConfigMap",
    request: here("create", "v1", "configmaps", { body: object("v1", "ConfigMap", "tried") }),
  },
  { id: "configmap-delete", words: "delete a ConfigMap", request: target("delete", "v1", "configmaps") },
  {
    id: "serviceaccounts-list",
    words: "list service accounts",
    request: here("list", "v1", "serviceaccounts"),
  },
  {
    id: "serviceaccount-patch",
    words: "patch the runners' service account",
    request: here("patch", "v1", "serviceaccounts", { name: RUNNER_SERVICE_ACCOUNT, body: METADATA }),
  },
  ...[RUNNER_SERVICE_ACCOUNT, "default"].map((name) => ({
    id: `token-${name}`,
    words: `make a token of service account ${name}`,
    request: here("create", "v1", "serviceaccounts/token", { name, body: TOKEN }),
  })),
  {
    id: "impersonate-admin",
    words: "act as an administrator",
    request: {
      verb: "impersonate" as const,
      apiVersion: "v1",
      resource: "secrets",
      namespace: BUILD_NAMESPACE,
      impersonated: { user: "admin", group: "system:masters" },
    },
  },
  {
    id: "impersonate-controller",
    words: "act as the cluster's controller manager",
    request: {
      verb: "impersonate" as const,
      apiVersion: "v1",
      resource: "pods",
      namespace: BUILD_NAMESPACE,
      impersonated: { user: "system:kube-controller-manager" },
    },
  },

  // Rights.
  { id: "roles-list", words: "list Roles", request: here("list", rbac, "roles") },
  {
    id: "role-create",
    words: "create a Role that may do everything",
    request: here("create", rbac, "roles", { body: object(rbac, "Role", "tried", { rules: EVERYTHING }) }),
  },
  {
    id: "role-patch",
    words: "widen one's own Role",
    request: ({ identity }) =>
      here("patch", rbac, "roles", { name: `buildx-${identity}`, body: { rules: EVERYTHING } }),
  },
  {
    id: "rolebinding-create",
    words: "bind oneself to cluster-admin in the namespace",
    request: here("create", rbac, "rolebindings", {
      body: object(rbac, "RoleBinding", "tried", { roleRef: ROLE, subjects: SUBJECTS }),
    }),
  },
  {
    id: "clusterrolebinding-create",
    words: "bind oneself to cluster-admin everywhere",
    request: {
      verb: "create",
      apiVersion: rbac,
      resource: "clusterrolebindings",
      body: object(rbac, "ClusterRoleBinding", "tried", { roleRef: ROLE, subjects: SUBJECTS }),
    },
  },
  {
    id: "clusterroles-list",
    words: "list ClusterRoles",
    request: { verb: "list", apiVersion: rbac, resource: "clusterroles" },
  },

  // The namespace's bounds.
  {
    id: "quota-patch",
    words: "raise the quota",
    request: here("patch", "v1", "resourcequotas", {
      name: "builds",
      body: { spec: { hard: { pods: "1000" } } },
    }),
  },
  {
    id: "quota-delete",
    words: "delete the quota",
    request: here("delete", "v1", "resourcequotas", { name: "builds" }),
  },
  {
    id: "limits-delete",
    words: "delete the limits of containers",
    request: here("delete", "v1", "limitranges", { name: "containers" }),
  },
  {
    id: "network-policy-delete",
    words: "delete the network policy",
    request: here("delete", "networking.k8s.io/v1", "networkpolicies", { name: "egress-only" }),
  },
  {
    id: "network-policy-create",
    words: "let others connect in",
    request: here("create", "networking.k8s.io/v1", "networkpolicies", {
      body: object("networking.k8s.io/v1", "NetworkPolicy", "tried", {
        spec: { podSelector: {}, ingress: [{}] },
      }),
    }),
  },
  {
    id: "service-create",
    words: "create a Service",
    request: here("create", "v1", "services", {
      body: object("v1", "Service", "tried", { spec: { ports: [{ port: 80 }] } }),
    }),
  },
  { id: "claims-list", words: "list volume claims", request: here("list", "v1", "persistentvolumeclaims") },
  {
    id: "claim-create",
    words: "claim a volume",
    request: here("create", "v1", "persistentvolumeclaims", {
      body: object("v1", "PersistentVolumeClaim", "tried", {
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
      }),
    }),
  },
  { id: "events-list", words: "list events", request: here("list", "v1", "events") },
  {
    id: "namespace-get",
    words: "read the namespace itself",
    request: { verb: "get", apiVersion: "v1", resource: "namespaces", name: BUILD_NAMESPACE },
  },
  {
    id: "namespace-patch",
    words: "change the namespace's pod security",
    request: {
      verb: "patch",
      apiVersion: "v1",
      resource: "namespaces",
      name: BUILD_NAMESPACE,
      body: METADATA,
    },
  },
  {
    id: "namespace-delete",
    words: "delete the namespace",
    request: { verb: "delete", apiVersion: "v1", resource: "namespaces", name: BUILD_NAMESPACE },
  },

  // Other namespaces.
  {
    id: "pods-everywhere",
    words: "list the pods of all namespaces",
    request: { verb: "list", apiVersion: "v1", resource: "pods" },
  },
  ...["default", "kube-system", CONTROLLER_NAMESPACE].flatMap((namespace) => [
    {
      id: `pods-list-${namespace}`,
      words: `list the pods of namespace ${namespace}`,
      request: { verb: "list" as const, apiVersion: "v1", resource: "pods", namespace },
    },
    {
      id: `exec-${namespace}`,
      words: `run a command in a pod of namespace ${namespace}`,
      request: exec(TARGET, namespace),
    },
    {
      id: `deployment-create-${namespace}`,
      words: `create a Deployment in namespace ${namespace}`,
      request: {
        verb: "create" as const,
        apiVersion: "apps/v1",
        resource: "deployments",
        namespace,
        body: workload("Deployment", "tried", namespace),
      },
    },
  ]),
  {
    id: "namespaces-list",
    words: "list namespaces",
    request: { verb: "list", apiVersion: "v1", resource: "namespaces" },
  },
  {
    id: "namespace-create",
    words: "create a namespace",
    request: {
      verb: "create",
      apiVersion: "v1",
      resource: "namespaces",
      body: object("v1", "Namespace", "tried"),
    },
  },

  // Nodes and the cluster.
  { id: "nodes-list", words: "list nodes", request: { verb: "list", apiVersion: "v1", resource: "nodes" } },
  {
    id: "node-get",
    words: "read a node",
    request: { verb: "get", apiVersion: "v1", resource: "nodes", name: TARGET },
  },
  {
    id: "node-patch",
    words: "label a node",
    request: { verb: "patch", apiVersion: "v1", resource: "nodes", name: TARGET, body: METADATA },
  },
  {
    id: "node-delete",
    words: "delete a node",
    request: { verb: "delete", apiVersion: "v1", resource: "nodes", name: TARGET },
  },
  {
    id: "node-proxy",
    words: "reach a node's kubelet through the API server",
    request: { verb: "get", apiVersion: "v1", resource: "nodes/proxy", name: TARGET },
  },
  {
    id: "volumes-list",
    words: "list volumes",
    request: { verb: "list", apiVersion: "v1", resource: "persistentvolumes" },
  },
  {
    id: "webhook-create",
    words: "create an admission webhook",
    request: {
      verb: "create",
      apiVersion: "admissionregistration.k8s.io/v1",
      resource: "mutatingwebhookconfigurations",
      body: object("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", "tried"),
    },
  },
  {
    id: "crds-list",
    words: "list custom resource definitions",
    request: { verb: "list", apiVersion: "apiextensions.k8s.io/v1", resource: "customresourcedefinitions" },
  },
  {
    id: "certificate-create",
    words: "ask for a client certificate",
    request: {
      verb: "create",
      apiVersion: "certificates.k8s.io/v1",
      resource: "certificatesigningrequests",
      body: object("certificates.k8s.io/v1", "CertificateSigningRequest", "tried", {
        spec: { request: "", signerName: "kubernetes.io/kube-apiserver-client", usages: ["client auth"] },
      }),
    },
  },
  {
    id: "token-review",
    words: "ask whose a token is",
    request: {
      verb: "create",
      apiVersion: "authentication.k8s.io/v1",
      resource: "tokenreviews",
      body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token: "tried" } },
    },
  },
  { id: "metrics", words: "read the API server's metrics", request: { verb: "get", resource: "/metrics" } },

  // Runners.
  { id: "runners-list", words: "list runners", request: here("list", RUNNERS, "runners") },
  {
    id: "runner-get",
    words: "read a runner, which holds its token",
    request: target("get", RUNNERS, "runners"),
  },
  {
    id: "runnerdeployment-get",
    words: "read the RunnerDeployment",
    request: here("get", RUNNERS, "runnerdeployments", { name: "runner" }),
  },
  {
    id: "runnerdeployment-patch",
    words: "change the RunnerDeployment",
    request: here("patch", RUNNERS, "runnerdeployments", { name: "runner", body: METADATA }),
  },
  {
    id: "runnerdeployment-delete",
    words: "delete the RunnerDeployment",
    request: here("delete", RUNNERS, "runnerdeployments", { name: "runner" }),
  },
];

const OTHER: Readonly<Record<JobIdentity, JobIdentity>> = { hosted: "runner", runner: "hosted" };
/** The first warm builder of each class. */
const FIRST_WARM: Readonly<Record<JobIdentity, string>> = {
  hosted: "warm-hosted-a",
  runner: "warm-custom-a",
};

function rows(mode: BuilderMode, identity: JobIdentity): ClusterAccess[] {
  const situation = { mode, identity, own: FIRST_WARM[identity], other: FIRST_WARM[OTHER[identity]] };
  return ACTIONS.filter(({ modes = ALWAYS }) => modes.includes(mode)).map(
    ({ id, words, request, allowedIn = [] }) => ({
      id: `${mode}/${identity}/${id}`,
      words,
      identity,
      mode,
      request: typeof request === "function" ? request(situation) : request,
      expected: allowedIn.includes(mode) ? "allowed" : "refused",
    }),
  );
}

/** What each job identity may ask of the cluster and what not; every row is tried against a real API server. */
export const CLUSTER_ACCESS: readonly ClusterAccess[] = (["per-job", "warm"] as const).flatMap((mode) =>
  (["hosted", "runner"] as const).flatMap((identity) => rows(mode, identity)),
);
