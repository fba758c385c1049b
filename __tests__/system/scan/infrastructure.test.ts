import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { StatefulSetV1 } from "@cdktf/provider-kubernetes/lib/stateful-set-v1";
import { App, TerraformStack } from "cdktf";
import { describe, expect, it } from "vitest";
import { findCheckov, runCheckov } from "../../../.ci/scan/checkov";
import { renderAll, scanInfrastructure } from "../../../.ci/scan/infrastructure";
import { renderApp } from "../../../.ci/scan/render";

const PROJECT = resolve(__dirname, "../../..");

const CHECKOV = findCheckov(process.env);
const all = renderAll();

describe("what is rendered for the scan", () => {
  it("holds every kind of resource that a construct or stack can make", () => {
    const imports = ["constructs", "stacks"].flatMap((folder) =>
      readdirSync(join(PROJECT, folder))
        .filter((file) => file.endsWith(".ts"))
        .flatMap((file) => [
          ...readFileSync(join(PROJECT, folder, file), "utf8").matchAll(
            /from "@cdktf\/provider-(aws|kubernetes|helm)\/lib\/([\w-]+)"/g,
          ),
        ]),
    );
    const made = new Set(
      imports
        .map(([, provider = "", name = ""]) => `${provider}_${name.replaceAll("-", "_")}`)
        .filter((type) => !/_provider$/.test(type)),
    );
    const rendered = new Set(
      all.flatMap(({ paths }) => [...paths.keys()].map((address) => address.split(".")[0])),
    );
    expect(made.size).toBeGreaterThan(30);
    expect([...made].filter((type) => !rendered.has(type))).toEqual([]);
  });
});

it("finds what an exception was for, without the exception", async () => {
  const bare = all.filter(({ app }) => app === "retain").map((stack) => ({ ...stack, placements: [] }));
  const { status, problems } = await scanInfrastructure(CHECKOV, bare);
  expect(status).toBe("failed");
  expect(problems).toContainEqual(
    expect.stringMatching(/^CKV_AWS_39: .*\ncluster: cluster\/cluster \(aws_eks_cluster\)\nin retain$/),
  );
});

describe("a planted stack", () => {
  it("is found in every kind of block", async () => {
    const planted = renderApp("planted", (outdir) => {
      const app = new App({ outdir });
      const stack = new TerraformStack(app, "demo-planted");
      new AwsProvider(stack, "aws", { region: "us-west-2" });
      new KubernetesProvider(stack, "kubernetes", {});
      new LaunchTemplate(stack, "template", { metadataOptions: { httpTokens: "optional" } });
      new SecurityGroup(stack, "group", {
        ingress: [{ fromPort: 22, toPort: 22, protocol: "tcp", cidrBlocks: ["0.0.0.0/0"] }],
      });
      new IamRolePolicy(stack, "everything", {
        role: "demo",
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: ["ec2:*"], Resource: ["*"] }],
        }),
      });
      new StatefulSetV1(stack, "privileged", {
        metadata: { name: "privileged" },
        spec: {
          serviceName: "privileged",
          selector: { matchLabels: { app: "privileged" } },
          template: {
            metadata: { labels: { app: "privileged" } },
            spec: { container: [{ name: "one", image: "busybox", securityContext: { privileged: true } }] },
          },
        },
      });
      return app;
    });
    const { problems } = await scanInfrastructure(CHECKOV, planted);
    const expected = [
      "CKV_AWS_79 template (aws_launch_template)",
      "CKV_AWS_24 group (aws_security_group)",
      "CKV_AWS_355 everything (aws_iam_role_policy)",
      "CKV_K8S_16 privileged (kubernetes_stateful_set_v1)",
    ];
    const found = problems.map((problem) => problem.replace(/^(\w+): .*\nplanted: (.*)\n.*$/, "$1 $2"));
    expect(found).toEqual(expect.arrayContaining(expected));
  });
});

it("a configuration that cannot be read is no pass", async () => {
  await expect(runCheckov(CHECKOV, ['resource "aws_vpc" "one" {'])).rejects.toThrow("checkov cannot read");
});
