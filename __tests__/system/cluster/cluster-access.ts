import {
  BUILD_NAMESPACE,
  BUILDERS_LABEL,
  CONTROLLER_NAMESPACE,
  HOSTED_GROUP,
  RUNNER_SERVICE_ACCOUNT,
} from "../../../environment/names";
import { buildkitImage } from "../../../environment/toolchain";
import type { JsonObject } from "../../helpers/json";
import type { BuilderMode, Identity } from "./cluster";

/**
 * What each job identity may ask of the cluster, and what not. Requests are written as
 * `<verb> <resource>[/<name>[/<subresource>]] [in <namespace> | everywhere]`; the namespace is buildx unless one is
 * given, and what follows a # says what is unusual about the body.
 */
export type Row = readonly [
  request: string,
  body?: JsonObject | undefined,
  as?: readonly [user: string, group: string],
];

/** A pod and a Deployment in namespace buildx, and a node. */
export const TARGET = "target";
/** The first warm builder of each class. */
export const WARM: Readonly<Record<Identity, string>> = {
  hosted: "warm-hosted-a0",
  runner: "warm-custom-a0",
};

const LABEL = { metadata: { labels: { tried: "yes" } } };
const tried = (rest: JsonObject = {}): JsonObject => ({ metadata: { name: "tried" }, ...rest });

const CONTAINER = {
  name: "buildkitd",
  image: buildkitImage({ rootless: false }),
  resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "1", memory: "1Gi" } },
};
const NODES = { nodeSelector: { [BUILDERS_LABEL.key]: BUILDERS_LABEL.value } };

/** Without replicas: a right is tried, not what comes of it. */
const workload = (name: string, pod: JsonObject = {}, spec: JsonObject = { replicas: 0 }): JsonObject => ({
  metadata: { name },
  spec: {
    ...spec,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [CONTAINER], ...NODES, ...pod },
    },
  },
});
const EVERYTHING = [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }];
const BIND_ADMIN = tried({
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
  subjects: [
    { kind: "Group", name: HOSTED_GROUP, apiGroup: "rbac.authorization.k8s.io" },
    { kind: "ServiceAccount", name: RUNNER_SERVICE_ACCOUNT, namespace: BUILD_NAMESPACE },
  ],
});

const rows = (...lines: string[]): Row[] => lines.map((line) => [line]);

const ALWAYS_ALLOWED: readonly Row[] = [
  ["list pods"],
  ["get /version"],
  ["create selfsubjectrulesreviews", { spec: { namespace: BUILD_NAMESPACE } }],
];

/** Rights of jobs that make their own builder. */
const ownBuilders = (identity: Identity): Row[] => [
  ["create deployments", workload(`made-by-${identity}0`)],
  [`get deployments/made-by-${identity}0`],
  [`delete deployments/made-by-${identity}0`],
  [
    "create deployments # privileged, as builders are",
    workload(`privileged-${identity}`, {
      containers: [{ ...CONTAINER, securityContext: { privileged: true } }],
    }),
  ],
  [
    "create deployments # another image",
    workload(`image-${identity}`, { containers: [{ ...CONTAINER, image: "other:1" }] }),
  ],
  // A job's own builder has a name that no Role can know.
  ["create pods/target/exec"],
  ["get deployments/target"],
];

/** Rights of jobs with warm builders. */
const warmBuilder = (name: string): Row[] => [[`get statefulsets/${name}`], [`create pods/${name}-0/exec`]];

const REFUSED: readonly Row[] = [
  // Deployments that are no builders.
  ["create deployments # other nodes", workload("tried", { nodeSelector: {} })],
  ["create deployments # a node by name", workload("tried", { nodeName: TARGET })],
  [
    "create deployments # the node's files",
    workload("tried", { volumes: [{ name: "node", hostPath: { path: "/" } }] }),
  ],
  ["create deployments # the node's network", workload("tried", { hostNetwork: true })],
  ["create deployments # the node's processes", workload("tried", { hostPID: true })],
  [
    "create deployments # the runners' service account",
    workload("tried", { serviceAccountName: RUNNER_SERVICE_ACCOUNT }),
  ],

  // Workloads.
  ...rows("list deployments", "watch deployments", "deletecollection deployments", "list statefulsets"),
  ["patch deployments/target", LABEL],
  ["update deployments/target", workload(TARGET)],
  ["patch deployments/target/scale", { spec: { replicas: 1 } }],
  ["create statefulsets", workload("tried", {}, { replicas: 0, serviceName: "tried" })],
  ["create replicasets", workload("tried")],
  ["create daemonsets", workload("tried", {}, {})],
  [
    "create jobs",
    tried({ spec: { template: { spec: { restartPolicy: "Never", containers: [CONTAINER] } } } }),
  ],

  // Pods.
  ...rows("get pods/target", "watch pods", "delete pods/target", "deletecollection pods"),
  ...rows("get pods/target/log", "get pods/target/exec", "create pods/target/attach"),
  ...rows("create pods/target/portforward", "get pods/target/proxy"),
  ["create pods", tried({ spec: { containers: [CONTAINER], ...NODES } })],
  ["patch pods/target", LABEL],
  ["patch pods/target/resize", LABEL],
  ["patch pods/target/status", LABEL],
  [
    "patch pods/target/ephemeralcontainers",
    { spec: { ephemeralContainers: [{ name: "tried", image: CONTAINER.image }] } },
  ],
  ["create pods/target/eviction", { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: TARGET } }],
  [
    "create pods/target/binding",
    { metadata: { name: TARGET }, target: { apiVersion: "v1", kind: "Node", name: TARGET } },
  ],

  // Secrets, configuration, identities.
  ...rows("list secrets", "watch secrets", "list secrets everywhere", "get secrets/target"),
  ...rows(`get secrets/controller-manager in ${CONTROLLER_NAMESPACE} # the App key`),
  ...rows("list configmaps", "get configmaps/target", "delete configmaps/target", "list serviceaccounts"),
  [
    "create secrets # with a service account's token",
    {
      type: "kubernetes.io/service-account-token",
      metadata: {
        name: "tried",
        annotations: { "kubernetes.io/service-account.name": RUNNER_SERVICE_ACCOUNT },
      },
    },
  ],
  ["create configmaps", tried()],
  [`patch serviceaccounts/${RUNNER_SERVICE_ACCOUNT}`, LABEL],
  [`create serviceaccounts/${RUNNER_SERVICE_ACCOUNT}/token`, { spec: {} }],
  ["create serviceaccounts/default/token", { spec: {} }],
  ["list secrets # as an administrator", undefined, ["admin", "system:masters"]],
  [
    "list pods # as the controller manager",
    undefined,
    ["system:kube-controller-manager", "system:authenticated"],
  ],

  // Rights.
  ...rows("list roles", "list clusterroles"),
  ["create roles", tried({ rules: EVERYTHING })],
  ["patch roles/buildx-hosted", { rules: EVERYTHING }],
  ["patch roles/buildx-runner", { rules: EVERYTHING }],
  ["create rolebindings", BIND_ADMIN],
  ["create clusterrolebindings", BIND_ADMIN],

  // The bounds of the namespace.
  ...rows("delete resourcequotas/builds", "delete limitranges/containers", "list persistentvolumeclaims"),
  ...rows("delete networkpolicies/egress-only", "delete poddisruptionbudgets/warm-builders", "list events"),
  ...rows(`get namespaces/${BUILD_NAMESPACE}`, `delete namespaces/${BUILD_NAMESPACE}`),
  ["patch resourcequotas/builds", { spec: { hard: { pods: "1000" } } }],
  ["create networkpolicies", tried({ spec: { podSelector: {}, ingress: [{}] } })],
  ["create services", tried({ spec: { ports: [{ port: 80 }] } })],
  [
    "create persistentvolumeclaims",
    tried({ spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } }),
  ],
  [`patch namespaces/${BUILD_NAMESPACE}`, LABEL],

  // Other namespaces.
  ...rows("list pods everywhere", "list namespaces"),
  ["create namespaces", tried()],
  ...["default", "kube-system", CONTROLLER_NAMESPACE].flatMap((namespace): Row[] => [
    [`list pods in ${namespace}`],
    [`create pods/target/exec in ${namespace}`],
    [`create deployments in ${namespace}`, workload("tried")],
  ]),

  // Nodes and the cluster.
  ...rows("list nodes", "get nodes/target", "delete nodes/target", "get nodes/target/proxy"),
  ...rows("list persistentvolumes", "list customresourcedefinitions", "get /metrics"),
  ["patch nodes/target", LABEL],
  ["create mutatingwebhookconfigurations", tried()],
  [
    "create certificatesigningrequests",
    tried({
      spec: { request: "", signerName: "kubernetes.io/kube-apiserver-client", usages: ["client auth"] },
    }),
  ],
  ["create tokenreviews", { spec: { token: "tried" } }],

  // Runners. A Runner holds its registration token.
  ...rows("list runners", "get runners/target", "get runnerdeployments/runner"),
  ...rows("delete runnerdeployments/runner"),
  ["patch runnerdeployments/runner", LABEL],
];

/** What a job with warm builders may not do with its own and with the other class's. */
const refusedWarm = (own: string, other: string): Row[] => [
  ...rows(`delete statefulsets/${own}`, `delete pods/${own}-0`, `get statefulsets/${other}`),
  ...rows(`create pods/${other}-0/exec`, `delete statefulsets/${other}`),
  [`patch statefulsets/${own}`, LABEL],
  [`patch statefulsets/${own}/scale`, { spec: { replicas: 0 } }],
  [`patch configmaps/${own}`, { data: { "buildkitd.toml": "" } }],
];

/** All requests that are tried as an identity, in this order. */
export function clusterAccess(mode: BuilderMode, identity: Identity) {
  const builders = ownBuilders(identity);
  const own = WARM[identity];
  const other = WARM[identity === "hosted" ? "runner" : "hosted"];
  return mode === "per-job"
    ? { allowed: [...ALWAYS_ALLOWED, ...builders], refused: REFUSED }
    : {
        allowed: [...ALWAYS_ALLOWED, ...warmBuilder(own)],
        refused: [...REFUSED, ...builders, ...refusedWarm(own, other)],
      };
}
