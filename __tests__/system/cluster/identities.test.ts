import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  BUILD_NAMESPACE,
  BUILDERS_LABEL,
  HOSTED_GROUP,
  RUNNER_SERVICE_ACCOUNT,
} from "../../../environment/names";
import { demo } from "../../helpers/input";
import { asObject } from "../../helpers/json";
import { synthesize } from "../../helpers/synth";
import { type Api, MERGE, named, type Reply, until } from "./api";
import { type BuilderMode, Cluster, HOOK_MS, IDENTITIES, type Identity } from "./cluster";
import { clusterAccess, type Row, TARGET, WARM } from "./cluster-access";

const METHODS: Readonly<Record<string, string>> = {
  get: "GET",
  list: "GET",
  watch: "GET",
  create: "POST",
  update: "PUT",
  patch: "PATCH",
  delete: "DELETE",
  deletecollection: "DELETE",
};
/** Groups of resources; the others are in the core group. */
const GROUPS: readonly (readonly [RegExp, string])[] = [
  [/^(?:deployments|statefulsets|replicasets|daemonsets)$/, "apps/v1"],
  [/^jobs$/, "batch/v1"],
  [/role/, "rbac.authorization.k8s.io/v1"],
  [/^networkpolicies$/, "networking.k8s.io/v1"],
  [/^poddisruptionbudgets$/, "policy/v1"],
  [/^runner/, "actions.summerwind.dev/v1alpha1"],
  [/webhook/, "admissionregistration.k8s.io/v1"],
  [/^customresource/, "apiextensions.k8s.io/v1"],
  [/^certificate/, "certificates.k8s.io/v1"],
  [/^tokenreviews$/, "authentication.k8s.io/v1"],
  [/^selfsubjectrulesreviews$/, "authorization.k8s.io/v1"],
];
const CLUSTER_WIDE =
  /^(?:namespaces|nodes|persistentvolumes|clusterrole\w*|customresource\w*|certificate\w*|.*reviews|.*webhookconfigurations)$/;
/** What a request to a subresource needs. */
const SUBRESOURCES: Readonly<Record<string, string>> = {
  exec: "?command=true&stdout=1",
  attach: "?stdout=1",
  portforward: "?ports=80",
  proxy: "/healthz",
};

function pathOf(request: string, dryRun: boolean): string {
  const [verb = "", what = "", place, namespace = BUILD_NAMESPACE] = request.replace(/ #.*/, "").split(" ");
  if (what.startsWith("/")) return what;
  const [plural = "", name, subresource] = what.split("/");
  const group = GROUPS.find(([of]) => of.test(plural))?.[1];
  const isCluster = place === "everywhere" || CLUSTER_WIDE.test(plural);
  const parts = [group ? `/apis/${group}` : "/api/v1", isCluster ? [] : ["namespaces", namespace], plural];
  const path = [...parts.flat(), name, subresource].filter((part) => part !== undefined).join("/");
  const suffix = SUBRESOURCES[subresource ?? ""];
  if (suffix !== undefined) return path + suffix;
  if (verb === "watch") return `${path}?watch=1&timeoutSeconds=1`;
  return dryRun && METHODS[verb] !== "GET" ? `${path}?dryRun=All` : path;
}

function attempt(
  who: Api,
  [request, body, as]: Row,
  { dryRun }: { readonly dryRun: boolean },
): Promise<Reply> {
  const verb = request.slice(0, request.indexOf(" "));
  return who.request(METHODS[verb] ?? verb, pathOf(request, dryRun), body, {
    ...(verb === "patch" && MERGE),
    ...(as && { "impersonate-user": as[0], "impersonate-group": as[1] }),
  });
}

const REFUSED_BY_ROLE = /forbidden: User ".*" cannot /;
const REFUSED_BY_POLICY = /ValidatingAdmissionPolicy '.*' denied request/;

/** What a reply says about rights. A command that may run ends in an error about the missing stream. */
function verdict({ status, body }: Reply): string {
  const message = String(body.message ?? body.text ?? "");
  if (status < 400 || (status === 400 && /upgrade/i.test(message))) return "allowed";
  if (status === 403 && REFUSED_BY_ROLE.test(message)) return "refused";
  if (status === 422 && REFUSED_BY_POLICY.test(message)) return "refused";
  return `${status} ${message}`;
}

/** Whether the API server knows such a request: it also refuses rights to what does not exist. */
function isKnown({ status, body }: Reply): boolean {
  if (status === 404) return asObject(body.details ?? {}).name !== undefined;
  return status !== 405 && !REFUSED_BY_ROLE.test(String(body.message));
}

let cluster: Cluster;

const place = {
  nodeSelector: { [BUILDERS_LABEL.key]: BUILDERS_LABEL.value },
  tolerations: [{ operator: "Exists" as const }],
  containers: [{ name: "main", image: "main:1" }],
};

async function start(mode: BuilderMode): Promise<void> {
  await cluster.empty();
  await cluster.apply(demo({ builders: { mode } }));
  for (const name of [TARGET, "other"]) await cluster.addBuilderNode(name);
  const pod = named("v1", "Pod", TARGET, BUILD_NAMESPACE);
  await cluster.admin.create({ ...pod, spec: place });
  await cluster.admin.create({
    ...named("apps/v1", "Deployment", TARGET, BUILD_NAMESPACE),
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: TARGET } },
      template: { metadata: { labels: { app: TARGET } }, spec: place },
    },
  });
  await until(
    "the target pod has a node",
    async () => asObject((await cluster.admin.get(pod))?.spec).nodeName,
  );
  if (mode === "warm") for (const name of Object.values(WARM)) await cluster.readyStatefulSet(name);
}

beforeAll(async () => {
  cluster = await Cluster.open();
}, HOOK_MS);
afterAll(() => cluster?.close());

it("the access entry of hosted jobs names the group that is tried", () => {
  const entries = synthesize(demo()).stack("demo-cluster").all("aws_eks_access_entry");
  expect(entries.flatMap(({ body }) => body.kubernetes_groups ?? [])).toEqual([HOSTED_GROUP]);
});

describe.each<BuilderMode>(["per-job", "warm"])("with builders %s", (mode) => {
  beforeAll(() => start(mode), HOOK_MS);

  const modes = IDENTITIES.map((identity) => [identity, clusterAccess(mode, identity)] as const);

  it.each(modes)("%s may do what the table says, and nothing else", async (identity: Identity, access) => {
    const who = await cluster.as(identity);
    const rows = [...access.allowed, ...access.refused];
    const unknown: string[] = [];
    const said: Record<string, string> = {};
    for (const row of rows) {
      if (!isKnown(await attempt(cluster.admin, row, { dryRun: true }))) unknown.push(row[0]);
      said[row[0]] = verdict(await attempt(who, row, { dryRun: false }));
    }
    expect(unknown).toEqual([]);
    const expected = (list: readonly Row[], word: string) => list.map(([request]) => [request, word]);
    expect(said).toEqual(
      Object.fromEntries([...expected(access.allowed, "allowed"), ...expected(access.refused, "refused")]),
    );
    expect(Object.keys(said)).toHaveLength(rows.length);
  });

  it("each identity is the one it is meant to be", async () => {
    const userOf = async (identity: Identity) => {
      const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
      const { status } = await (await cluster.as(identity)).must("POST", path, {});
      return asObject(asObject(status).userInfo);
    };
    expect(await userOf("hosted")).toMatchObject({ groups: [HOSTED_GROUP, "system:authenticated"] });
    expect(await userOf("runner")).toMatchObject({
      username: `system:serviceaccount:${BUILD_NAMESPACE}:${RUNNER_SERVICE_ACCOUNT}`,
    });
  });
});
