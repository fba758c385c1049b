import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demo } from "../../../helpers/input";
import { isObject, type Json, type JsonObject } from "../../../helpers/json";
import { ApiError, type Sendable } from "../kubectl";
import { Deployment, HOOK_MS } from "./deployment";
import { ENVIRONMENTS, kubernetesStacks, objectCount } from "./environments";
import type { KubernetesObject } from "./objects";

let deployment: Deployment;

beforeAll(async () => {
  deployment = await Deployment.open();
}, HOOK_MS);
afterAll(() => deployment?.close(), HOOK_MS);

/** All but the one that has no cluster. */
const DEPLOYED = ENVIRONMENTS.filter(({ input }) => kubernetesStacks(input).length > 0);

/** All places of an object where a field may be planted. */
function places(value: Json, path: readonly string[] = []): string[][] {
  if (Array.isArray(value)) return value.flatMap((inner: Json, i) => places(inner, [...path, String(i)]));
  if (!isObject(value)) return [];
  return [[...path], ...Object.entries(value).flatMap(([key, inner]) => places(inner, [...path, key]))];
}

/** Maps from names to texts or quantities take any key, and so are no place for a typo. */
const MAPS =
  /(?:^|\/)(?:labels|annotations|matchLabels|nodeSelector|data|stringData|parameters|hard|limits|requests|default|defaultRequest|max)$/;
const isMap = (path: readonly string[], object: KubernetesObject) =>
  MAPS.test(path.join("/")) && !(object.kind === "LimitRange" && path.join("/") === "spec/limits");

function planted(value: Json, [step, ...rest]: readonly string[]): Json {
  if (step === undefined) return { ...(value as JsonObject), typpo: "x" };
  if (Array.isArray(value))
    return value.map((inner: Json, i) => (String(i) === step ? planted(inner, rest) : inner));
  const object = value as JsonObject;
  return { ...object, [step]: planted(object[step] ?? {}, rest) };
}

describe("a real API server takes all objects of", () => {
  it.each(
    DEPLOYED.map(({ name, input }) => {
      const stacks = kubernetesStacks(input);
      const count = stacks.map(objectCount).reduce((sum, one) => sum + one, 0);
      return [`${name}: ${count} objects`, input, count] as const;
    }),
  )("%s", async (_, input, count) => {
    await deployment.apply(input);
    expect(deployment.objects).toHaveLength(count);
    for (const { apiVersion, kind, metadata } of deployment.objects) {
      const namespace = typeof metadata.namespace === "string" ? metadata.namespace : undefined;
      expect(await deployment.admin.get(apiVersion, kind, namespace, metadata.name)).toMatchObject({ kind });
    }
    await deployment.clear();
  });

  it("hosted-default alone has none, and no cluster", () => {
    const none = ENVIRONMENTS.filter((environment) => !DEPLOYED.includes(environment));
    expect(none.map(({ name }) => name)).toEqual(["hosted-default"]);
  });
});

describe("it refuses an unknown field at every place of", () => {
  const KINDS = [
    "ConfigMap",
    "HorizontalRunnerAutoscaler",
    "LimitRange",
    "Namespace",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "ResourceQuota",
    "Role",
    "RoleBinding",
    "RunnerDeployment",
    "Secret",
    "ServiceAccount",
    "StatefulSet",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
  ];

  const all = () =>
    deployment.render(
      demo({ builders: { mode: "warm", rootless: true }, runners: { minReplicas: 0, maxReplicas: 2 } }),
    );

  beforeAll(async () => {
    for (const object of all().filter(({ kind }) => kind === "Namespace"))
      await deployment.admin.apply(object);
  });

  it("every kind that is rendered is in the table", () => {
    expect([...new Set(all().map(({ kind }) => kind))].sort()).toEqual(KINDS);
  });

  it.each(KINDS)("%s", async (kind) => {
    // The one with the most places stands for its kind.
    const [object] = all()
      .filter((one) => one.kind === kind)
      .sort((a, b) => places(b).length - places(a).length);
    if (!object) throw new Error(`no ${kind} is rendered`);
    const found = places(object).filter((path) => !isMap(path, object));
    expect(found.length).toBeGreaterThan(1);
    for (const path of found) {
      const refused = await deployment.admin.apply(planted(object, path) as unknown as Sendable).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(refused, `typo at /${path.join("/")}`).toBeInstanceOf(ApiError);
      expect(String(refused)).toMatch(/typpo.*(?:field not declared in schema)|unknown field ".*typpo"/);
    }
  });
});
