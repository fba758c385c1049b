import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { BuildNamespace } from "../../constructs/build-namespace";
import { GithubAppKey } from "../../constructs/github-app-key";
import { RunnerController, type RunnerControllerProps } from "../../constructs/runner-controller";
import { asList, asText } from "../helpers/json";
import { synthesizeConstruct } from "../helpers/synth";

const synthesized = (change: Partial<RunnerControllerProps> = {}) =>
  synthesizeConstruct((scope) => {
    const allowance = { count: 1, milliCpu: 1000, memoryMib: 1024 };
    const buildNamespace = new BuildNamespace(scope, "builds", {
      name: "buildx",
      allowances: [{ ...allowance, largestContainer: allowance }],
    });
    new RunnerController(scope, "controller", {
      namespace: "actions-runner-system",
      buildNamespace,
      app: { id: 4711, installationId: 815, privateKeyRevision: 3 },
      appKey: new GithubAppKey(scope, "key"),
      ...change,
    });
  });
const stack = synthesized();
const release = stack.body("helm_release");

describe("RunnerController", () => {
  it("installs a pinned chart", () => {
    expect(release).toMatchObject({
      repository: "https://actions-runner-controller.github.io/actions-runner-controller",
      chart: "actions-runner-controller",
      version: "0.23.7",
      namespace: "<kubernetes_namespace_v1.controller/namespace.metadata[0].name>",
    });
  });

  it("is configured by these values", () => {
    const [values, ...others] = asList(release.values).map((text) => parse(asText(text)) as unknown);
    expect(others).toEqual([]);
    expect(values).toEqual({
      replicaCount: 1,
      webhookPort: 9443,
      certManagerEnabled: false,
      authSecret: { enabled: true, create: false, name: "controller-manager" },
      podAnnotations: { "buildx-on-eks/private-key-revision": "3" },
      scope: {
        singleNamespace: true,
        watchNamespace: "<kubernetes_namespace_v1.builds/namespace.metadata[0].name>",
      },
      image: { dindSidecarRepositoryAndTag: expect.stringMatching(/^docker:\d+\.\d+\.\d+-dind$/) as string },
      metrics: { proxy: { enabled: false } },
      podSecurityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      },
      resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "256Mi" } },
    });
  });

  it("stands in a namespace that admits restricted pods only", () => {
    expect(stack.body("kubernetes_namespace_v1", "controller/namespace").metadata).toEqual({
      name: "actions-runner-system",
      labels: { "pod-security.kubernetes.io/enforce": "restricted" },
    });
  });

  it("can be reached at its webhooks' port only", () => {
    expect(stack.body("kubernetes_network_policy_v1", "controller/network-policy").spec).toEqual({
      pod_selector: {},
      policy_types: ["Ingress"],
      ingress: [{ ports: [{ port: "9443", protocol: "TCP" }] }],
    });
  });

  it("starts after its secret and policy, and is gone before them", () => {
    expect(stack.dependencies("helm_release", "controller/release").sort()).toEqual([
      "kubernetes_network_policy_v1.controller/network-policy",
      "kubernetes_secret_v1.controller/github-app",
    ]);
  });

  it("takes the App's key from the ephemeral variable into a write-only attribute", () => {
    expect(stack.body("kubernetes_secret_v1")).toEqual({
      metadata: {
        name: "controller-manager",
        namespace: "<kubernetes_namespace_v1.controller/namespace.metadata[0].name>",
      },
      type: "Opaque",
      data_wo: {
        github_app_id: "4711",
        github_app_installation_id: "815",
        github_app_private_key: "<var.github_app_private_key>",
      },
      data_wo_revision: 3,
      lifecycle: {
        precondition: [
          {
            condition:
              '<!terraform.applying || startswith(trimspace(var.github_app_private_key), "-----BEGIN")>',
            error_message: expect.stringContaining("export TF_VAR_github_app_private_key=") as string,
          },
        ],
      },
    });
  });
});
