import { describe, expect, it } from "vitest";
import { BuildNamespace } from "../../constructs/build-namespace";
import { BuilderAccess, type BuilderUser } from "../../constructs/builder-access";
import { POD } from "../helpers/parts";
import { synthesizeConstruct } from "../helpers/synth";

describe("BuilderAccess", () => {
  const access = (user: BuilderUser, warmBuilders?: readonly string[]) =>
    synthesizeConstruct((scope) => {
      const namespace = new BuildNamespace(scope, "builds", { name: "buildx", allowances: [POD] });
      new BuilderAccess(scope, "access", { namespace, name: "buildx-jobs", user, warmBuilders });
    });
  const JOBS: BuilderUser = { group: "buildx:jobs" };
  const pods = { api_groups: [""], resources: ["pods"], verbs: ["list"] };
  const exec = { api_groups: [""], resources: ["pods/exec"], verbs: ["create"] };

  it("allows what buildx asks for, and nothing else", () => {
    expect(access(JOBS).body("kubernetes_role_v1").rule).toEqual([
      { api_groups: ["apps"], resources: ["deployments"], verbs: ["get", "create", "delete"] },
      pods,
      exec,
    ]);
  });

  it("allows to use the warm builders that are named, and neither others nor to make any", () => {
    expect(access(JOBS, ["warm-a"]).body("kubernetes_role_v1").rule).toEqual([
      { api_groups: ["apps"], resources: ["statefulsets"], resource_names: ["warm-a0"], verbs: ["get"] },
      pods,
      { ...exec, resource_names: ["warm-a0-0"] },
    ]);
  });

  it("holds in its namespace, and not in the whole cluster", () => {
    const bound = access(JOBS);
    expect(bound.body("kubernetes_role_v1").metadata).toEqual({
      name: "buildx-jobs",
      namespace: "<kubernetes_namespace_v1.builds/namespace.metadata[0].name>",
    });
    expect(bound.types.filter((type) => type.includes("cluster_role"))).toEqual([]);
  });

  it("is given to a group", () => {
    expect(access(JOBS).body("kubernetes_role_binding_v1")).toMatchObject({
      role_ref: {
        api_group: "rbac.authorization.k8s.io",
        kind: "Role",
        name: "<kubernetes_role_v1.access/role.metadata[0].name>",
      },
      subject: [{ kind: "Group", name: "buildx:jobs", api_group: "rbac.authorization.k8s.io" }],
    });
  });

  it("is given to a service account of the same namespace", () => {
    expect(access({ serviceAccount: "runner" }).body("kubernetes_role_binding_v1").subject).toEqual([
      {
        kind: "ServiceAccount",
        name: "runner",
        namespace: "<kubernetes_namespace_v1.builds/namespace.metadata[0].name>",
      },
    ]);
  });
});
