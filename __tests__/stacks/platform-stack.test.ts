import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Configuration } from "../../environment/configurations";
import type { EnvironmentInput } from "../../environment/environment";
import { DEMO, demo, demoWith } from "../helpers/input";
import { asList, asObject, asText } from "../helpers/json";
import { synthesize } from "../helpers/synth";

const platform = (change: Partial<EnvironmentInput> = {}) => synthesize(demo(change)).stack("demo-platform");
const only = (...configurations: Configuration[]) =>
  synthesize(demoWith(...configurations)).stack("demo-platform");
const stack = platform();
const hard = (change: Partial<EnvironmentInput>) =>
  asObject(asObject(platform(change).body("kubernetes_resource_quota_v1").spec).hard);
const limits = (change: Partial<EnvironmentInput>) => platform(change).body("kubernetes_limit_range_v1").spec;

describe("platform: the quota", () => {
  it("holds twice the runners, so that new ones start before old ones end, and the builders", () => {
    // 2 x 2 x (0.5 + 2 CPU, 1 + 7 GiB) + 2 x (2 CPU, 7 GiB)
    expect(hard({})).toMatchObject({
      pods: "6",
      "requests.cpu": "14",
      "limits.cpu": "14",
      "requests.memory": "46Gi",
      "limits.memory": "46Gi",
    });
  });

  it("counts no Docker sidecar where nothing builds in a runner", () => {
    // 2 x 2 x (0.5 CPU, 1 GiB) + 2 x (2 CPU, 7 GiB)
    expect(hard({ configurations: ["custom-kubernetes"] })).toMatchObject({
      pods: "6",
      "limits.cpu": "6",
      "limits.memory": "18Gi",
    });
  });

  it("counts no builder where nothing uses one", () => {
    expect(hard({ configurations: ["custom-default"] })).toMatchObject({
      pods: "4",
      "limits.cpu": "10",
      "limits.memory": "32Gi",
    });
  });

  it("counts no runner where there is none", () => {
    expect(hard({ configurations: ["hosted-kubernetes"] })).toMatchObject({
      pods: "2",
      "limits.cpu": "4",
      "limits.memory": "14Gi",
    });
  });

  it("counts the largest number of runners, not the least", () => {
    const runners = { minReplicas: 0, maxReplicas: 3 };
    expect(hard({ runners, configurations: ["custom-default"] }).pods).toBe("6");
  });

  it("lets no volume be claimed, and as many as builders where those stay", () => {
    expect(hard({}).persistentvolumeclaims).toBe("0");
    expect(hard({ builders: { mode: "warm", volumeGib: 50 } })).toMatchObject({
      persistentvolumeclaims: "2",
      "requests.storage": "100Gi",
    });
  });
});

describe("platform: the limit of a container", () => {
  const max = (cpu: string, memory: string) => ({ limit: [{ type: "Container", max: { cpu, memory } }] });

  it("is the larger of sidecar and builder", () => {
    expect(limits({ builders: { cpu: 3, memoryGib: 5 } })).toMatchObject(max("3", "7Gi"));
  });

  it("is the builder where the sidecar is not used, however large", () => {
    const change = { runners: { cpu: 6, memoryGib: 12 }, builders: { cpu: 1, memoryGib: 2 } };
    expect(limits({ ...change, configurations: ["custom-kubernetes"] })).toMatchObject(max("1", "2Gi"));
  });

  it("is the runner's own where that is the largest", () => {
    const runners = { agentCpu: 4, agentMemoryGib: 8 };
    expect(limits({ runners, configurations: ["custom-kubernetes"] })).toMatchObject(max("4", "8Gi"));
  });
});

describe("platform: volumes", () => {
  it("have none where volumes are asked for and nothing builds in builders", () => {
    const unused = platform({
      builders: { mode: "warm", volumeGib: 50 },
      configurations: ["custom-default"],
    });
    expect(unused.types).not.toContain("kubernetes_storage_class_v1");
  });
});

describe("platform: the controller", () => {
  it("is not there without runners: no chart, no secret, no variable, no Helm", () => {
    const without = only("hosted-kubernetes");
    expect(without.types.filter((type) => /helm|secret|service_account_v1/.test(type))).toEqual([
      "kubernetes_default_service_account_v1",
    ]);
    expect(without.json).not.toHaveProperty("variable");
    expect(without.json.provider).not.toHaveProperty("helm");
  });

  it.each([
    ["https://token.actions.githubusercontent.com/acme", undefined],
    ["https://token.actions.acme.ghe.com", "https://acme.ghe.com"],
    ["https://github.example.com/_services/token", "https://github.example.com"],
  ])("registers runners where tokens of %s come from", (issuer, url) => {
    const github = { ...DEMO.github, issuer };
    const [values] = asList(platform({ github }).body("helm_release").values);
    expect(parse(asText(values)).githubEnterpriseServerURL).toBe(url);
  });

  it("finds the runners' service account without a token by default", () => {
    expect(stack.body("kubernetes_service_account_v1")).toEqual({
      metadata: {
        name: "runner",
        namespace: "<kubernetes_namespace_v1.builds/namespace.metadata[0].name>",
      },
      automount_service_account_token: false,
    });
  });
});

describe("platform: its providers", () => {
  it("reach this environment's cluster", () => {
    expect(stack.provider("kubernetes").host).toBe("<demo-cluster:aws_eks_cluster.cluster/cluster.endpoint>");
    expect(stack.provider("helm").kubernetes).toMatchObject({
      host: "<demo-cluster:aws_eks_cluster.cluster/cluster.endpoint>",
      exec: { command: "aws" },
    });
  });
});

describe("platform: outputs", () => {
  it("say in which namespace builds run", () => {
    expect(Object.keys(stack.outputs)).toEqual(["namespace"]);
    expect(stack.outputs.namespace?.value).toBe(
      "<kubernetes_namespace_v1.builds/namespace.metadata[0].name>",
    );
  });
});
