import { Release } from "@cdktf/provider-helm/lib/release";
import { DeploymentV1 } from "@cdktf/provider-kubernetes/lib/deployment-v1";
import { Manifest } from "@cdktf/provider-kubernetes/lib/manifest";
import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1";
import { PodV1, type PodV1Spec, type PodV1SpecContainer } from "@cdktf/provider-kubernetes/lib/pod-v1";
import { type TerraformStack, TerraformVariable } from "cdktf";
import { describe, expect, it } from "vitest";
import { except } from "../../../constructs/security-exception";
import { type PolicyCase, put, refusals, testPolicy } from "../../helpers/refusals";

const IMAGE = "moby/buildkit:v0.31.2";
const pod = (spec: Omit<PodV1Spec, "container">) =>
  put(PodV1, "pod", {
    metadata: { name: "pod" },
    spec: { container: [{ name: "c", image: IMAGE }], ...spec },
  });
const container = (props: Partial<PodV1SpecContainer>) =>
  put(PodV1, "pod", {
    metadata: { name: "pod" },
    spec: { container: [{ name: "c", image: IMAGE, ...props }] },
  });
const PLAIN = container({});
const manifest = (value: Record<string, unknown>) => put(Manifest, "manifest", { manifest: value });
const runner = (spec: Record<string, unknown>, kind = "RunnerDeployment") =>
  manifest({
    apiVersion: "actions.summerwind.dev/v1alpha1",
    kind,
    spec: kind === "Runner" ? { image: IMAGE, ...spec } : { template: { spec: { image: IMAGE, ...spec } } },
  });
const chart = (values: string) =>
  put(Release, "chart", { name: "chart", chart: "some-chart", version: "1.2.3", values: [values] });
const namespace = (labels?: Record<string, string>) =>
  put(NamespaceV1, "namespace", { metadata: { name: "builds", ...(labels && { labels }) } });
const ENFORCE = "pod-security.kubernetes.io/enforce";
("policy/privileged: the Docker sidecar of runners is privileged. Set dockerEnabled to false.");

const CASES: readonly PolicyCase[] = [
  [
    "a privileged container",
    container({ securityContext: { privileged: true } }),
    container({ securityContext: { privileged: false } }),
  ],
  [
    "a privileged init container of a deployment, by text",
    (stack) => {
      const deployment = deploymentOf(stack);
      deployment.addOverride("spec.template.spec.init_container", [
        { name: "i", image: IMAGE, security_context: { privileged: "true" } },
      ]);
    },
    (stack) => {
      deploymentOf(stack);
    },
  ],
  [
    "a container that a variable makes privileged",
    (stack) => {
      const variable = new TerraformVariable(stack, "privileged", { type: "bool" });
      container({ securityContext: { privileged: variable.booleanValue } })(stack);
    },
    PLAIN,
  ],
  [
    "a privileged container in a manifest",
    manifest({
      kind: "DaemonSet",
      spec: { template: { spec: { containers: [{ securityContext: { privileged: true } }] } } },
    }),
    manifest({ kind: "DaemonSet", spec: { template: { spec: { containers: [{ image: IMAGE }] } } } }),
  ],
  [
    "a privileged container in a chart's values",
    chart("controller:\n  securityContext:\n    privileged: true\n"),
    chart("controller:\n  securityContext:\n    privileged: false\n"),
  ],
  [
    "a privileged container by a chart's set",
    put(Release, "chart", {
      name: "chart",
      chart: "some-chart",
      version: "1.2.3",
      set: [{ name: "securityContext.privileged", value: "true" }],
    }),
    chart("{}"),
  ],
  [
    "a chart's values that cannot be read",
    (stack) => {
      const variable = new TerraformVariable(stack, "values", { type: "string" });
      chart(variable.stringValue)(stack);
    },
    chart("{}"),
  ],
  [
    "a runner with a Docker daemon beside it, which is the controller's default",
    runner({}),
    runner({ dockerEnabled: false }),
  ],
  [
    "a single runner with a Docker daemon",
    runner({ dockerEnabled: true }, "Runner"),
    runner({ dockerEnabled: false }, "Runner"),
  ],
  [
    "a scale set with a Docker daemon",
    chart("containerMode:\n  type: dind\n"),
    chart("containerMode:\n  type: kubernetes\n"),
  ],
  ["the node's network", pod({ hostNetwork: true }), pod({ hostNetwork: false })],
  ["the node's processes", pod({ hostPid: true, hostIpc: true }), PLAIN],
  [
    "a folder of the node",
    pod({ volume: [{ name: "docker", hostPath: { path: "/var/run" } }] }),
    pod({ volume: [{ name: "scratch", emptyDir: {} }] }),
  ],
  [
    "a setting of the node's kernel",
    pod({ securityContext: { sysctl: [{ name: "kernel.msgmax", value: "65536" }] } }),
    PLAIN,
  ],
  [
    "a port of the node",
    container({ port: [{ containerPort: 80, hostPort: 80 }] }),
    container({ port: [{ containerPort: 80 }] }),
  ],
  [
    "a further capability",
    container({ securityContext: { capabilities: { add: ["SYS_ADMIN"] } } }),
    container({ securityContext: { capabilities: { add: ["CHOWN"], drop: ["ALL"] } } }),
  ],
  [
    "no seccomp profile",
    container({ securityContext: { seccompProfile: { type: "Unconfined" } } }),
    container({ securityContext: { seccompProfile: { type: "RuntimeDefault" } } }),
  ],
  [
    "a namespace for every pod",
    namespace({ [ENFORCE]: "privileged" }),
    namespace({ [ENFORCE]: "restricted" }),
  ],
  ["a namespace that says nothing about its pods", namespace(), namespace({ [ENFORCE]: "baseline" })],
  [
    "a namespace for every pod as a manifest",
    manifest({ kind: "Namespace", metadata: { name: "builds" } }),
    manifest({ kind: "Namespace", metadata: { labels: { [ENFORCE]: "baseline" } } }),
  ],
];

function deploymentOf(stack: TerraformStack): DeploymentV1 {
  return new DeploymentV1(stack, "deployment", {
    metadata: { name: "deployment" },
    spec: {
      template: { metadata: {}, spec: { container: [{ name: "c", image: IMAGE }] } },
    },
  });
}

describe("the policy on pods", () => {
  testPolicy("pods", CASES);

  it("lets a builder be privileged where that is said", () => {
    const builder = (stack: TerraformStack) => {
      const made = new PodV1(stack, "builder", {
        metadata: { name: "builder" },
        spec: { container: [{ name: "c", image: IMAGE, securityContext: { privileged: true } }] },
      });
      except(made, "privileged-builder");
    };
    expect(refusals(builder)).toEqual([]);
  });
});
