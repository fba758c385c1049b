import { describe, expect, it } from "vitest";
import { BuildAdmission } from "../../constructs/build-admission";
import { BuildNamespace } from "../../constructs/build-namespace";
import { BuilderAccess } from "../../constructs/builder-access";
import { asList, asObject, asText } from "../helpers/json";
import { POD } from "../helpers/parts";
import { synthesizeConstruct } from "../helpers/synth";

const stack = synthesizeConstruct((scope) => {
  const namespace = new BuildNamespace(scope, "builds", { name: "builds", allowances: [POD] });
  const nodeLabel = { key: "example.com/pool", value: "fast" };
  const admission = new BuildAdmission(scope, "admission", { namespace, name: "builds-pods", nodeLabel });
  new BuilderAccess(scope, "access", { namespace, admission, name: "jobs", user: { group: "jobs" } });
});
const manifest = (path: string) => asObject(stack.body("kubernetes_manifest", path).manifest);
const spec = (path: string) => asObject(manifest(path).spec);

// What the expressions let through is tried on a real API server: __tests__/cluster.
describe("BuildAdmission", () => {
  it("asks every pod for the label of the builders' nodes", () => {
    const [selector] = asList(spec("admission/policy").validations).map((entry) => asObject(entry));
    expect(asText(selector?.expression)).toContain(
      "variables.pod.nodeSelector['example.com/pool'] == 'fast'",
    );
    expect(asText(selector?.message)).toBe(
      "pods here run on the builders' nodes: set nodeSelector example.com/pool=fast",
    );
  });

  it("judges pods and what makes them, when they are created and when they change", () => {
    const rules = asList(asObject(spec("admission/policy").matchConstraints).resourceRules);
    expect(rules).toEqual([
      { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["pods"] },
      {
        apiGroups: ["apps"],
        apiVersions: ["v1"],
        operations: ["CREATE", "UPDATE"],
        resources: ["daemonsets", "deployments", "replicasets", "statefulsets"],
      },
    ]);
  });

  it("refuses what breaks it, and everything while it cannot be judged", () => {
    expect(spec("admission/policy").failurePolicy).toBe("Fail");
    expect(spec("admission/binding").validationActions).toEqual(["Deny"]);
  });

  it("comes before the rights of those it holds", () => {
    expect(stack.dependencies("kubernetes_role_binding_v1", "access/binding")).toEqual([
      "kubernetes_manifest.admission/binding",
    ]);
  });

  it("holds in the build namespace and nowhere else", () => {
    expect(spec("admission/binding").matchResources).toEqual({
      namespaceSelector: {
        matchLabels: {
          "kubernetes.io/metadata.name": "<kubernetes_namespace_v1.builds/namespace.metadata[0].name>",
        },
      },
    });
    expect(spec("admission/binding").policyName).toBe(asObject(manifest("admission/policy").metadata).name);
  });
});
