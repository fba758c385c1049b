import { describe, expect, it } from "vitest";
import type { Configuration } from "../../environment/configurations";
import { demoWith, SUBSETS } from "../helpers/input";
import { asObject } from "../helpers/json";
import { synthesize } from "../helpers/synth";

/** Short for the configurations: hosted or custom, default or kubernetes. */
const SHORT: Readonly<Record<string, Configuration>> = {
  hd: "hosted-default",
  hk: "hosted-kubernetes",
  cd: "custom-default",
  ck: "custom-kubernetes",
};

/**
 * What each set of configurations needs, written down by hand:
 *
 * - stacks: R registry, C cluster, P platform, N runners
 * - role: the role that hosted jobs assume; find: its right to find the cluster
 * - public: the public API endpoint, and the cluster's entry for hosted jobs
 * - arc: actions-runner-controller with secret, service account and push rights of runners
 * - docker: the runners' Docker sidecar; token: the runners' access to the Kubernetes API
 * - bound: who may use builders, g the group of hosted jobs, s the runners' service account
 * - pods: quota of pods, by two runners (twice, for a rollout) and two builders
 */
const EXPECTED = `
  set          stacks  role  find  public  arc  docker  token  bound  pods
  hd           R       yes   no    -       -    -       -      -      -
  hk           RCP     yes   yes   yes     no   -       -      g      2
  hd,hk        RCP     yes   yes   yes     no   -       -      g      2
  cd           RCPN    no    -     no      yes  yes     no     none   4
  hd,cd        RCPN    yes   no    no      yes  yes     no     none   4
  hk,cd        RCPN    yes   yes   yes     yes  yes     no     g      6
  hd,hk,cd     RCPN    yes   yes   yes     yes  yes     no     g      6
  ck           RCPN    no    -     no      yes  no      yes    s      6
  hd,ck        RCPN    yes   no    no      yes  no      yes    s      6
  hk,ck        RCPN    yes   yes   yes     yes  no      yes    gs     6
  hd,hk,ck     RCPN    yes   yes   yes     yes  no      yes    gs     6
  cd,ck        RCPN    no    -     no      yes  yes     yes    s      6
  hd,cd,ck     RCPN    yes   no    no      yes  yes     yes    s      6
  hk,cd,ck     RCPN    yes   yes   yes     yes  yes     yes    gs     6
  hd,hk,cd,ck  RCPN    yes   yes   yes     yes  yes     yes    gs     6
`;

interface Row {
  readonly set: string;
  readonly stacks: string;
  readonly role: string;
  readonly find: string;
  readonly public: string;
  readonly arc: string;
  readonly docker: string;
  readonly token: string;
  readonly bound: string;
  readonly pods: string;
}

function rows(): Row[] {
  const [head = [], ...lines] = EXPECTED.trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  return lines.map((cells) => Object.fromEntries(head.map((name, i) => [name, cells[i]])) as unknown as Row);
}

const LETTERS: readonly (readonly [string, string])[] = [
  ["R", "demo-registry"],
  ["C", "demo-cluster"],
  ["P", "demo-platform"],
  ["N", "demo-runners"],
];
const yes = (value: boolean) => (value ? "yes" : "no");

/** The same row, read from what is rendered. */
function rendered(set: string): Row {
  const configurations = set.split(",").map((short) => {
    const configuration = SHORT[short];
    if (!configuration) throw new Error(`no configuration ${short}`);
    return configuration;
  });
  const { stacks } = synthesize(demoWith(...configurations));
  const registry = stacks.get("demo-registry");
  const cluster = stacks.get("demo-cluster");
  const platform = stacks.get("demo-platform");
  const runners = stacks.get("demo-runners");

  const role = registry?.types.includes("aws_iam_role") ?? false;
  const paths = (stack: typeof registry, type: string) => stack?.all(type).map(({ path }) => path) ?? [];
  const isPublic =
    cluster && asObject(cluster.body("aws_eks_cluster").vpc_config).endpoint_public_access === true;
  const admitted = paths(cluster, "aws_eks_access_entry").includes("cluster/hosted-jobs");
  if (cluster) expect(admitted).toBe(isPublic);
  const arc = platform?.types.includes("helm_release");
  if (platform) {
    expect(platform.types.includes("kubernetes_secret_v1")).toBe(arc);
    expect(platform.types.includes("kubernetes_service_account_v1")).toBe(arc);
    expect(cluster?.types.includes("aws_eks_pod_identity_association")).toBe(arc);
    expect(paths(cluster, "aws_iam_role_policy").includes("runner-push")).toBe(arc);
  }
  const manifest = runners && asObject(runners.body("kubernetes_manifest").manifest);
  const pod = manifest && asObject(asObject(asObject(manifest.spec).template).spec);
  const bound = paths(platform, "kubernetes_role_binding_v1")
    .map((path) => (path.startsWith("builder-access-hosted/") ? "g" : "s"))
    .sort()
    .join("");
  const quota = platform && asObject(asObject(platform.body("kubernetes_resource_quota_v1").spec).hard);
  const findsCluster = paths(registry, "aws_iam_role_policy").includes("hosted-jobs-cluster");
  return {
    set,
    stacks: LETTERS.filter(([, name]) => stacks.has(name))
      .map(([letter]) => letter)
      .join(""),
    role: yes(role),
    find: role ? yes(findsCluster) : "-",
    public: isPublic === undefined ? "-" : yes(isPublic),
    arc: arc === undefined || !cluster ? "-" : yes(arc),
    docker: pod ? yes(pod.dockerEnabled === true) : "-",
    token: pod ? yes(pod.automountServiceAccountToken === true) : "-",
    bound: platform ? bound || "none" : "-",
    pods: quota ? String(quota.pods) : "-",
  };
}

describe("a set of configurations", () => {
  it("is one of fifteen, and each is in the table", () => {
    const sets = rows().map(({ set }) =>
      set
        .split(",")
        .map((short) => SHORT[short])
        .sort()
        .join(),
    );
    expect(sets.sort()).toEqual(SUBSETS.map((subset) => [...subset].sort().join()).sort());
  });

  it.each(rows())("provisions exactly its share: $set", (row) => {
    expect(rendered(row.set)).toEqual(row);
  });

  it.each(rows().filter(({ stacks }) => stacks === "R"))(
    "has no VPC, no cluster and no Kubernetes provider without need: $set",
    ({ set }) => {
      const files = [...synthesize(demoWith(SHORT[set] ?? "hosted-default")).files.values()].join("");
      expect(files).not.toMatch(/aws_vpc|aws_eks|kubernetes_|helm_release/);
    },
  );

  it("builds the same things whatever the order in which it is written", () => {
    const forwards = synthesize(demoWith("hosted-kubernetes", "custom-default"));
    const backwards = synthesize(demoWith("custom-default", "hosted-kubernetes"));
    for (const name of ["demo-cluster", "demo-platform", "demo-runners"]) {
      expect(backwards.stack(name).text).toBe(forwards.stack(name).text);
    }
  });
});
