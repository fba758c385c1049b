import { ClusterRoleV1 } from "@cdktf/provider-kubernetes/lib/cluster-role-v1";
import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import { Manifest } from "@cdktf/provider-kubernetes/lib/manifest";
import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1";
import { SecretV1 } from "@cdktf/provider-kubernetes/lib/secret-v1";
import { type TerraformStack, TerraformVariable } from "cdktf";
import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../../helpers/json";
import { synthesizeConstruct } from "../../../helpers/synth";
import { Converter } from "./convert";
import { objectsOf } from "./objects";
import { ApiSchemas } from "./openapi";
import { inOrder, resolve } from "./references";

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const allOf = (name: string) => ({ allOf: [ref(name)], default: {} });
const kind = (group: string, name: string, properties: JsonObject): JsonObject => ({
  type: "object",
  properties: { metadata: allOf("ObjectMeta"), ...properties },
  "x-kubernetes-group-version-kind": [{ group, kind: name, version: "v1" }],
});
const texts = { type: "object", additionalProperties: { type: "string" } };

/** Written as an API server writes them: references, `allOf` around them, numbers that may be texts. */
const SCHEMAS: JsonObject = {
  ObjectMeta: {
    type: "object",
    properties: { name: { type: "string" }, namespace: { type: "string" }, labels: texts },
  },
  IntOrString: { format: "int-or-string", oneOf: [{ type: "integer" }, { type: "string" }] },
  Quantity: { oneOf: [{ type: "string" }, { type: "number" }] },
  Namespace: kind("", "Namespace", {}),
  ConfigMap: kind("", "ConfigMap", { data: texts }),
  Secret: kind("", "Secret", { data: texts, stringData: texts, type: { type: "string" } }),
  ServiceAccount: kind("", "ServiceAccount", { automountServiceAccountToken: { type: "boolean" } }),
  ClusterRole: kind("rbac.authorization.k8s.io", "ClusterRole", {
    rules: { type: "array", items: allOf("Rule") },
  }),
  Rule: {
    type: "object",
    properties: {
      apiGroups: { type: "array", items: { type: "string" } },
      verbs: { type: "array", items: { type: "string" } },
    },
  },
  Twin: kind("a", "Twin", {}),
  OtherTwin: kind("b", "Twin", {}),
  Spec: {
    type: "object",
    properties: {
      clusterIP: { type: "string" },
      clusterIPs: { type: "array", items: { type: "string" } },
      fsGroup: { type: "integer", format: "int64" },
      readOnlyRootFilesystem: { type: "boolean" },
      port: allOf("IntOrString"),
      storage: allOf("Quantity"),
      lifecycle: { type: "object" },
      tolerations: { type: "array", items: allOf("Rule") },
      limits: { type: "object", additionalProperties: allOf("Quantity") },
      nested: allOf("Spec"),
    },
  },
};
const schemas = new ApiSchemas([{ components: { schemas: SCHEMAS } }]);
const convert = (value: Json) => new Converter(schemas).convert(value, ref("Spec"), "Spec");
/** A reference as Terraform writes it. */
const to = (expression: string) => `\${${expression}}`;
const objects = (build: (stack: TerraformStack) => void) => objectsOf(synthesizeConstruct(build), schemas);

describe("a block becomes what the API's schema says", () => {
  it.each<[string, JsonObject, JsonObject]>([
    ["an initialism", { cluster_ip: "None" }, { clusterIP: "None" }],
    ["a name of several words", { read_only_root_filesystem: true }, { readOnlyRootFilesystem: true }],
    ["the plural of one that is there itself", { cluster_ips: ["None"] }, { clusterIPs: ["None"] }],
    ["a number that Terraform keeps as a text", { fs_group: "1000" }, { fsGroup: 1000 }],
    ["a port, number or name", { port: "9443" }, { port: 9443 }],
    ["a port's name", { port: "https" }, { port: "https" }],
    ["a quantity, which stays a text", { storage: "200" }, { storage: "200" }],
    [
      "repeated blocks, named in the singular",
      { toleration: [{ verbs: ["a"] }] },
      { tolerations: [{ verbs: ["a"] }] },
    ],
    [
      "a repeated block that is there once",
      { toleration: { verbs: ["a"] } },
      { tolerations: [{ verbs: ["a"] }] },
    ],
    ["a single block in a list", { nested: [{ fs_group: 1 }] }, { nested: { fsGroup: 1 } }],
    ["a map, whose keys stay", { limits: { some_key: "1" } }, { limits: { some_key: "1" } }],
    ["an object of any shape", { lifecycle: { a_b: 1 } }, { lifecycle: { a_b: 1 } }],
  ])("%s", (_, block, expected) => {
    expect(convert(block)).toEqual(expected);
  });
});

describe("what has no place is an error that names it", () => {
  it.each<[string, JsonObject, string]>([
    ["a name that the API does not know", { fs_groupp: 1 }, "Spec.fs_groupp: the API knows no such field"],
    [
      "the same deeper",
      { nested: [{ nested: { a: 1 } }] },
      "Spec.nested.nested.a: the API knows no such field",
    ],
    ["the singular of what is no list", { limit: {} }, "Spec.limit: the API knows no such field"],
    ["a field twice", { fs_group: 1, fsGroup: 1 }, "Spec.fsGroup is given twice"],
    ["two blocks for one object", { nested: [{}, {}] }, "Spec.nested must be one object"],
    ["no block for one object", { nested: [] }, "Spec.nested must be one object"],
    ["a text for a number", { fs_group: "many" }, 'Spec.fsGroup must be integer; got "many"'],
    ["a number for a text", { cluster_ip: 1 }, "Spec.clusterIP must be string; got 1"],
    [
      "a text for a boolean",
      { read_only_root_filesystem: "true" },
      "Spec.readOnlyRootFilesystem must be boolean",
    ],
    ["a text for a list", { cluster_ips: "None" }, "Spec.clusterIPs must be a list"],
    ["a null", { cluster_ip: null }, "Spec.clusterIP must be string; got null"],
  ])("%s", (_, block, message) => {
    expect(() => convert(block)).toThrow(message);
  });
});

describe("objects of a stack", () => {
  it("come after those they refer to, with names in place of references", () => {
    const rendered = objects((stack) => {
      const namespace = new NamespaceV1(stack, "z-namespace", { metadata: { name: "buildx" } });
      new ConfigMapV1(stack, "a-config", {
        metadata: { name: "config", namespace: namespace.metadata.name },
        data: { text: `in ${namespace.metadata.name}` },
      });
    });
    expect(rendered).toEqual([
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "buildx" } },
      {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "config", namespace: "buildx" },
        data: { text: "in buildx" },
      },
    ]);
  });

  it("have the group that the API server gives their kind", () => {
    const [role] = objects((stack) => {
      new ClusterRoleV1(stack, "role", {
        metadata: { name: "reader" },
        rule: [{ apiGroups: [""], verbs: ["get"] }],
      });
    });
    expect(role).toMatchObject({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      rules: [{ apiGroups: [""], verbs: ["get"] }],
    });
  });

  it("hold a placeholder for what only a variable knows", () => {
    const [secret] = objects((stack) => {
      const key = new TerraformVariable(stack, "key", { type: "string" });
      new SecretV1(stack, "secret", {
        metadata: { name: "app" },
        dataWo: { id: "1", key: key.stringValue },
        dataWoRevision: 1,
      });
    });
    expect(secret).toMatchObject({ stringData: { id: "1", key: "placeholder" } });
  });

  it("are a manifest as it is written", () => {
    const manifest = {
      apiVersion: "a/v1",
      kind: "Any",
      metadata: { name: "any" },
      spec: { some_key: [1, true] },
    };
    expect(objects((stack) => new Manifest(stack, "any", { manifest, timeouts: { delete: "1m" } }))).toEqual([
      manifest,
    ]);
  });

  it.each<[string, (stack: TerraformStack) => void, string]>([
    [
      "a resource that is no Kubernetes object",
      (stack) => new Manifest(stack, "any", { manifest: {} }).addOverride("computed_fields", ["spec"]),
      "kubernetes_manifest with computed_fields is not known",
    ],
    [
      "a typo",
      (stack) =>
        new ConfigMapV1(stack, "a", { metadata: { name: "a" } }).addOverride("metadata.lables", { a: "b" }),
      "test, kubernetes_config_map_v1.a: ConfigMap.metadata.lables: the API knows no such field",
    ],
    [
      "a reference to nothing",
      (stack) =>
        new ConfigMapV1(stack, "a", {
          metadata: { name: to("kubernetes_namespace_v1.none.metadata[0].name") },
        }),
      `cannot resolve ${to("kubernetes_namespace_v1.none.metadata[0].name")}`,
    ],
    [
      "a call",
      (stack) => new ConfigMapV1(stack, "a", { metadata: { name: to('upper("a")') } }),
      `cannot resolve ${to('upper("a")')}`,
    ],
  ])("are refused whole for %s", (_, build, message) => {
    expect(() => objects(build)).toThrow(message);
  });
});

describe("kinds and references", () => {
  it.each([
    ["one that the server does not know", "nothing", "knows 0 kinds nothing"],
    ["one that two groups have", "twin", "knows 2 kinds twin in v1 instead of one: a/v1 Twin, b/v1 Twin"],
  ])("refuse %s", (_, name, message) => {
    expect(() => schemas.kind(name)).toThrow(message);
  });

  it("refuse a cycle", () => {
    const resources = new Map([
      ["kubernetes_a.x", { on: to("kubernetes_a.y.metadata[0].name") }],
      ["kubernetes_a.y", { depends_on: ["kubernetes_a.x"] }],
    ]);
    expect(() => inOrder(resources)).toThrow("kubernetes_a.x -> kubernetes_a.y -> kubernetes_a.x is a cycle");
  });

  it("follow a reference to a reference", () => {
    const resources = new Map([
      ["kubernetes_a.x", { metadata: { name: to("kubernetes_a.y.metadata[0].name") } }],
      ["kubernetes_a.y", { metadata: [{ name: "found" }] }],
    ]);
    expect(resolve(to("kubernetes_a.x.metadata[0].name"), resources)).toBe("found");
  });

  it("refuse a template that they cannot read", () => {
    expect(() => resolve("%{ if true }a%{ endif }", new Map())).toThrow("cannot read Terraform's template");
  });
});

describe("what the Kubernetes provider adds by itself", () => {
  it("is a token for a service account that does not say otherwise", () => {
    const account = (value: JsonObject) =>
      new Converter(schemas).convert(value, ref("ServiceAccount"), "ServiceAccount");
    expect(account({ metadata: { name: "a" } })).toMatchObject({ automountServiceAccountToken: true });
    expect(account({ automount_service_account_token: false })).toEqual({
      automountServiceAccountToken: false,
    });
  });
});
