import { Release } from "@cdktf/provider-helm/lib/release";
import { DeploymentV1 } from "@cdktf/provider-kubernetes/lib/deployment-v1";
import { Manifest } from "@cdktf/provider-kubernetes/lib/manifest";
import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1";
import { PodV1, type PodV1Spec, type PodV1SpecContainer } from "@cdktf/provider-kubernetes/lib/pod-v1";
import { type TerraformStack, TerraformVariable } from "cdktf";
import { describe, expect, it } from "vitest";
import { except } from "../../../constructs/security-exception";
import { type PolicyCase, refusals, testPolicy } from "../../helpers/refusals";

const IMAGE = "moby/buildkit:v0.31.2";
const pod = (spec: Omit<PodV1Spec, "container">) => (stack: TerraformStack) => {
  new PodV1(stack, "pod", {
    metadata: { name: "pod" },
    spec: { container: [{ name: "c", image: IMAGE }], ...spec },
  });
};
const container = (props: Partial<PodV1SpecContainer>) => (stack: TerraformStack) => {
  new PodV1(stack, "pod", {
    metadata: { name: "pod" },
    spec: { container: [{ name: "c", image: IMAGE, ...props }] },
  });
};
const PLAIN = container({});
const manifest = (value: Record<string, unknown>) => (stack: TerraformStack) => {
  new Manifest(stack, "manifest", { manifest: value });
};
const runner = (spec: Record<string, unknown>, kind = "RunnerDeployment") =>
  manifest({
    apiVersion: "actions.summerwind.dev/v1alpha1",
    kind,
    spec: kind === "Runner" ? { image: IMAGE, ...spec } : { template: { spec: { image: IMAGE, ...spec } } },
  });
const chart = (values: string) => (stack: TerraformStack) => {
  new Release(stack, "chart", { name: "chart", chart: "some-chart", version: "1.2.3", values: [values] });
};
const namespace = (labels?: Record<string, string>) => (stack: TerraformStack) => {
  new NamespaceV1(stack, "namespace", { metadata: { name: "builds", ...(labels && { labels }) } });
};
const ENFORCE = "pod-security.kubernetes.io/enforce";
("policy/privileged: the Docker sidecar of runners is privileged. Set dockerEnabled to false.");

const CASES: readonly PolicyCase[] = [
  {
    name: "a privileged container",
    bad: container({ securityContext: { privileged: true } }),
    good: container({ securityContext: { privileged: false } }),
  },
  {
    name: "a privileged init container of a deployment, by text",
    bad: (stack) => {
      const deployment = deploymentOf(stack);
      deployment.addOverride("spec.template.spec.init_container", [
        { name: "i", image: IMAGE, security_context: { privileged: "true" } },
      ]);
    },
    good: (stack) => {
      deploymentOf(stack);
    },
  },
  {
    name: "a container that a variable makes privileged",
    bad: (stack) => {
      const variable = new TerraformVariable(stack, "privileged", { type: "bool" });
      container({ securityContext: { privileged: variable.booleanValue } })(stack);
    },
    good: PLAIN,
  },
  {
    name: "a privileged container in a manifest",
    bad: manifest({
      kind: "DaemonSet",
      spec: { template: { spec: { containers: [{ securityContext: { privileged: true } }] } } },
    }),
    good: manifest({ kind: "DaemonSet", spec: { template: { spec: { containers: [{ image: IMAGE }] } } } }),
  },
  {
    name: "a privileged container in a chart's values",
    bad: chart("controller:\n  securityContext:\n    privileged: true\n"),
    good: chart("controller:\n  securityContext:\n    privileged: false\n"),
  },
  {
    name: "a privileged container by a chart's set",
    bad: (stack) => {
      new Release(stack, "chart", {
        name: "chart",
        chart: "some-chart",
        version: "1.2.3",
        set: [{ name: "securityContext.privileged", value: "true" }],
      });
    },
    good: chart("{}"),
  },
  {
    name: "a chart's values that cannot be read",
    bad: (stack) => {
      const variable = new TerraformVariable(stack, "values", { type: "string" });
      chart(variable.stringValue)(stack);
    },
    good: chart("{}"),
  },
  {
    name: "a runner with a Docker daemon beside it, which is the controller's default",
    bad: runner({}),
    good: runner({ dockerEnabled: false }),
  },
  {
    name: "a single runner with a Docker daemon",
    bad: runner({ dockerEnabled: true }, "Runner"),
    good: runner({ dockerEnabled: false }, "Runner"),
  },
  {
    name: "a scale set with a Docker daemon",
    bad: chart("containerMode:\n  type: dind\n"),
    good: chart("containerMode:\n  type: kubernetes\n"),
  },
  {
    name: "the node's network",
    bad: pod({ hostNetwork: true }),
    good: pod({ hostNetwork: false }),
  },
  {
    name: "the node's processes",
    bad: pod({ hostPid: true, hostIpc: true }),
    good: PLAIN,
  },
  {
    name: "a folder of the node",
    bad: pod({ volume: [{ name: "docker", hostPath: { path: "/var/run" } }] }),
    good: pod({ volume: [{ name: "scratch", emptyDir: {} }] }),
  },
  {
    name: "a setting of the node's kernel",
    bad: pod({ securityContext: { sysctl: [{ name: "kernel.msgmax", value: "65536" }] } }),
    good: PLAIN,
  },
  {
    name: "a port of the node",
    bad: container({ port: [{ containerPort: 80, hostPort: 80 }] }),
    good: container({ port: [{ containerPort: 80 }] }),
  },
  {
    name: "a further capability",
    bad: container({ securityContext: { capabilities: { add: ["SYS_ADMIN"] } } }),
    good: container({ securityContext: { capabilities: { add: ["CHOWN"], drop: ["ALL"] } } }),
  },
  {
    name: "no seccomp profile",
    bad: container({ securityContext: { seccompProfile: { type: "Unconfined" } } }),
    good: container({ securityContext: { seccompProfile: { type: "RuntimeDefault" } } }),
  },
  {
    name: "a namespace for every pod",
    bad: namespace({ [ENFORCE]: "privileged" }),
    good: namespace({ [ENFORCE]: "restricted" }),
  },
  {
    name: "a namespace that says nothing about its pods",
    bad: namespace(),
    good: namespace({ [ENFORCE]: "baseline" }),
  },
  {
    name: "a namespace for every pod as a manifest",
    bad: manifest({ kind: "Namespace", metadata: { name: "builds" } }),
    good: manifest({ kind: "Namespace", metadata: { labels: { [ENFORCE]: "baseline" } } }),
  },
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
