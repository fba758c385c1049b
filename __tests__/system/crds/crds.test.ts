import { describe, expect, it } from "vitest";
import type { EnvironmentInput } from "../../../environment/environment";
import { demo, SUBSETS } from "../../helpers/input";
import { asObject, asText, type Json, type JsonObject } from "../../helpers/json";
import { synthesize } from "../../helpers/synth";
import { crdFolder, strict, validators } from "./openapi";

const known = validators(crdFolder(process.env));

/** What a real API server would say, in words; none when it would take the resource whole. */
function problems(manifest: JsonObject): string[] {
  const validate = known.get(`${asText(manifest.apiVersion)}/${asText(manifest.kind)}`);
  if (!validate) return [`unknown kind ${asText(manifest.apiVersion)}/${asText(manifest.kind)}`];
  if (validate(manifest)) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) =>
    `${instancePath} ${message} ${JSON.stringify(params)}`.trim(),
  );
}

/** Custom resources; the API server's own, the admission policy's, are applied to a real one in __tests__/cluster. */
const manifests = (input: EnvironmentInput) =>
  [...synthesize(input).stacks.values()]
    .flatMap((stack) => stack.all("kubernetes_manifest").map(({ body }) => asObject(body.manifest)))
    .filter(({ apiVersion }) => asText(apiVersion) !== "admissionregistration.k8s.io/v1");

const CASES = SUBSETS.flatMap((subset) =>
  [false, true].map((scales) => ({
    name: `${subset.join(", ")}${scales ? ", autoscaled" : ""}`,
    runners: subset.some((configuration) => configuration.startsWith("custom-")),
    scales,
    input: demo({ configurations: [...subset], runners: { minReplicas: scales ? 0 : 2 } }),
  })),
);

describe("what is rendered is taken by the real resource definitions", () => {
  it.each(CASES)("$name", ({ runners, scales, input }) => {
    const rendered = manifests(input);
    const kinds = rendered.map(({ kind }) => kind).sort();
    const expected = scales ? ["HorizontalRunnerAutoscaler", "RunnerDeployment"] : ["RunnerDeployment"];
    expect(kinds).toEqual(runners ? expected : []);
    expect(rendered.flatMap(problems)).toEqual([]);
  });

  it("with labels, resources and another size", () => {
    const runners = { labels: ["a", "b"], cpu: 1.25, memoryGib: 2.5, agentCpu: 0.25, agentMemoryGib: 0.5 };
    expect(manifests(demo({ runners })).flatMap(problems)).toEqual([]);
  });
});

describe("the validation itself", () => {
  const [good] = manifests(demo());
  if (!good) throw new Error("nothing is rendered");
  const [autoscaler] = manifests(demo({ runners: { minReplicas: 0 } })).filter(
    ({ kind }) => kind === "HorizontalRunnerAutoscaler",
  );
  if (!autoscaler) throw new Error("no autoscaler is rendered");

  /** The manifest with one value changed. */
  const changed = (manifest: JsonObject, path: readonly string[], value: Json): JsonObject => {
    const [key, ...rest] = path;
    if (key === undefined) throw new Error("an empty path");
    const inner = rest.length > 0 ? changed(asObject(manifest[key]), rest, value) : value;
    return { ...manifest, [key]: inner };
  };
  const SPEC = ["spec", "template", "spec"];

  it.each([
    ["a typo in a runner's field", good, [...SPEC, "dockerEnable"], true],
    ["a field in the wrong place", good, ["spec", "repository"], "acme/images"],
    ["a typo in a container's resources", good, [...SPEC, "resources", "limit"], {}],
    ["a typo in an autoscaler's field", autoscaler, ["spec", "minReplica"], 1],
  ])("sees %s", (_, manifest, path, value) => {
    const field = path[path.length - 1];
    expect(problems(changed(manifest, path, value))).toEqual([
      expect.stringContaining(`must NOT have additional properties {"additionalProperty":"${field}"}`),
    ]);
  });

  it.each([
    ["a text for a number", good, ["spec", "replicas"], "2"],
    ["a text for a boolean", good, [...SPEC, "dockerEnabled"], "true"],
    ["a text for a list", good, [...SPEC, "labels"], "custom-runner"],
    ["a number with a fraction", autoscaler, ["spec", "maxReplicas"], 1.5],
  ])("sees %s", (_, manifest, path, value) => {
    expect(problems(changed(manifest, path, value))).toEqual([
      expect.stringContaining(`/${path.join("/")} must be`),
    ]);
  });

  it("takes a quantity as a number or a text", () => {
    for (const cpu of [2, "2", "500m"]) {
      expect(problems(changed(good, [...SPEC, "resources", "limits", "cpu"], cpu))).toEqual([]);
    }
  });

  it("sees a kind that is not defined", () => {
    expect(problems(changed(good, ["kind"], "RunnerDeploymnt"))).toEqual([
      "unknown kind actions.summerwind.dev/v1alpha1/RunnerDeploymnt",
    ]);
  });

  it("keeps fields that a definition keeps", () => {
    expect(strict({ type: "object", properties: {}, "x-kubernetes-preserve-unknown-fields": true })).toEqual({
      type: "object",
      properties: {},
      additionalProperties: true,
    });
  });

  it.each([
    ["is not given", {}, "CRDS is not set: set CRDS to a folder"],
    ["is not there", { CRDS: "/nowhere" }, "CRDS names /nowhere, which is not there: set CRDS to a folder"],
  ])("says how to give the folder when it %s", (_, env, message) => {
    expect(() => crdFolder(env)).toThrow(message);
  });

  it("says so when the folder holds no definition", () => {
    expect(() => validators(__dirname)).toThrow("holds no resource definitions: set CRDS to a folder");
  });
});
