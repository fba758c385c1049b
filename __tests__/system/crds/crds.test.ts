import { describe, expect, it } from "vitest";
import type { EnvironmentInput } from "../../../environment/environment";
import { demo } from "../../helpers/input";
import { asObject, asText, type JsonObject } from "../../helpers/json";
import { synthesize } from "../../helpers/synth";
import { crdFolder, validators } from "./openapi";

const known = validators(crdFolder(process.env));

/** What a real API server would refuse, in words. */
function problems(manifest: JsonObject): string[] {
  const validate = known.get(`${asText(manifest.apiVersion)}/${asText(manifest.kind)}`);
  if (!validate) return [`unknown kind ${asText(manifest.kind)}`];
  if (validate(manifest)) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) =>
    `${instancePath} ${message} ${JSON.stringify(params)}`.trim(),
  );
}

/** Custom resources; the admission policy's kinds are the API server's own. */
const manifests = (change: Partial<EnvironmentInput>) =>
  [...synthesize(demo(change)).stacks.values()]
    .flatMap((stack) => stack.all("kubernetes_manifest").map(({ body }) => asObject(body.manifest)))
    .filter(({ apiVersion }) => asText(apiVersion) !== "admissionregistration.k8s.io/v1");

describe("the real resource definitions take", () => {
  it.each<[string, Partial<EnvironmentInput>, string[]]>([
    ["runners", {}, ["RunnerDeployment"]],
    ["runners without Docker", { configurations: ["custom-kubernetes"] }, ["RunnerDeployment"]],
    [
      "autoscaled runners",
      { runners: { minReplicas: 0 } },
      ["HorizontalRunnerAutoscaler", "RunnerDeployment"],
    ],
    [
      "labels and other sizes",
      { runners: { labels: ["a", "b"], cpu: 1.25, memoryGib: 2.5, agentCpu: 0.25, agentMemoryGib: 0.5 } },
      ["RunnerDeployment"],
    ],
    ["no runners", { configurations: ["hosted-kubernetes"] }, []],
  ])("%s", (_, change, kinds) => {
    const rendered = manifests(change);
    expect(rendered.map(({ kind }) => kind).sort()).toEqual(kinds);
    expect(rendered.flatMap(problems)).toEqual([]);
  });
});

it("the real resource definitions refuse an unknown field and a text for a number", () => {
  const [manifest = {}] = manifests({});
  const changed = (change: JsonObject) =>
    problems({ ...manifest, spec: { ...asObject(manifest.spec), ...change } });
  expect(changed({ repository: "acme/images" })).toEqual([expect.stringContaining("additional properties")]);
  expect(changed({ replicas: "2" })).toEqual([expect.stringContaining("/spec/replicas must be")]);
});
