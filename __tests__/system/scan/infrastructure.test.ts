import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { StatefulSetV1 } from "@cdktf/provider-kubernetes/lib/stateful-set-v1";
import { App, TerraformStack } from "cdktf";
import { beforeAll, describe, expect, it } from "vitest";
import { type CheckovFinding, findCheckov, runCheckov } from "../../../.ci/scan/checkov";
import { toHcl } from "../../../.ci/scan/hcl";
import { renderAll, scanInfrastructure } from "../../../.ci/scan/infrastructure";
import { withPodTwins } from "../../../.ci/scan/pod-twins";
import { renderApp } from "../../../.ci/scan/render";
import type { Values } from "../../../constructs/policy/values";

const PROJECT = resolve(__dirname, "../../..");

const CHECKOV = findCheckov(process.env);
const all = renderAll();

const stackNamed = (name: string) => {
  const stack = all.find((rendered) => rendered.name === name);
  if (!stack) throw new Error(`nothing rendered ${name}`);
  return stack;
};

describe("what is rendered for the scan", () => {
  it("holds every kind of resource that a construct or stack can make", () => {
    const imports = ["constructs", "stacks"].flatMap((folder) =>
      readdirSync(join(PROJECT, folder)).flatMap((file) => [
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

describe("the scan of everything that is rendered", () => {
  it("finds nothing that is not excepted, and every exception of use", async () => {
    const { status, problems, exceptions } = await scanInfrastructure(CHECKOV, all);
    expect(problems).toEqual([]);
    expect(status).toBe("passed");
    expect(exceptions?.every(({ resources }) => resources.length > 0)).toBe(true);
  });

  it("finds what an exception stood for, where it does not stand", async () => {
    const bare = all
      .filter(({ app }) => app === "environments/")
      .map((stack) => ({ ...stack, placements: [] }));
    const { status, problems } = await scanInfrastructure(CHECKOV, bare);
    expect(status).toBe("failed");
    expect(problems).toContainEqual(
      expect.stringMatching(
        /^CKV_AWS_39: .*\ncluster: cluster\/cluster \(aws_eks_cluster\)\nin environments\/$/,
      ),
    );
  });
});

describe("a planted stack", () => {
  it("is found out, whatever its parts are written with", async () => {
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
    for (const [check, resource] of [
      ["CKV_AWS_79", "template (aws_launch_template)"],
      ["CKV_AWS_24", "group (aws_security_group)"],
      ["CKV_AWS_23", "group (aws_security_group)"],
      ["CKV_AWS_355", "everything (aws_iam_role_policy)"],
      ["CKV_AWS_289", "everything (aws_iam_role_policy)"],
      ["CKV_K8S_16", "privileged (kubernetes_stateful_set_v1)"],
      ["CKV_K8S_14", "privileged (kubernetes_stateful_set_v1)"],
      ["CKV_K8S_21", "privileged (kubernetes_stateful_set_v1)"],
    ]) {
      expect(problems, check).toContainEqual(expect.stringMatching(new RegExp(`^${check}: `)));
      expect(problems.find((problem) => problem.startsWith(`${check}: `))).toContain(
        `\nplanted: ${resource}\n`,
      );
    }
  });
});

/** One change of a real stack that checkov must see, in the file as cdktf wrote it. */
const MUTATIONS: readonly (readonly [
  check: string,
  stack: string,
  what: string,
  from: RegExp,
  to: string,
])[] = [
  ["CKV_AWS_79", "c5n-cluster", "IMDSv1", /"http_tokens": "required"/, '"http_tokens": "optional"'],
  [
    "CKV_AWS_341",
    "c5n-cluster",
    "credentials for pods",
    /"http_put_response_hop_limit": 1/,
    '"http_put_response_hop_limit": 2',
  ],
  ["CKV_AWS_58", "c5n-cluster", "secrets in the clear", /"encryption_config": \{/, '"timeouts": {'],
  [
    "CKV_AWS_7",
    "c5n-cluster",
    "a key that never rotates",
    /"enable_key_rotation": true/,
    '"enable_key_rotation": false',
  ],
  [
    "CKV_AWS_130",
    "c5n-cluster",
    "public addresses",
    /"map_public_ip_on_launch": false/,
    '"map_public_ip_on_launch": true',
  ],
  [
    "CKV_AWS_24",
    "c5n-cluster",
    "an open port",
    /"cidr_ipv4": "[\d./]+"(,\s+"description": "HTTPS from the VPC",\s+"from_port": )443/,
    '"cidr_ipv4": "0.0.0.0/0"$1 22',
  ],
  ["CKV2_AWS_12", "c5n-cluster", "an open default group", /"aws_default_security_group"/, '"aws_other"'],
  [
    "CKV_AWS_60",
    "c5n-cluster",
    "a role for everybody",
    /\{\\"Service\\":\\"ec2\.amazonaws\.com\\"\}/,
    '{\\"AWS\\":\\"*\\"}',
  ],
  [
    "CKV_AWS_163",
    "c5n-registry",
    "images that nobody scans",
    /"scan_on_push": true/,
    '"scan_on_push": false',
  ],
  [
    "CKV_AWS_355",
    "c5n-registry",
    "pushes to every repository",
    /\\"Resource\\":\[\\"\$\{aws_ecr_repository[^\]]+\]/,
    '\\"Resource\\":[\\"*\\"]',
  ],
  [
    "CKV_AWS_63",
    "c5n-registry",
    "every action",
    /\\"Action\\":\[\\"ecr:Batch[^\]]+\]/,
    '\\"Action\\":[\\"*\\"]',
  ],
  [
    "CKV_K8S_49",
    "c5n-platform",
    "a role that may do everything",
    /"verbs": \[\s+"get",\s+"create",\s+"delete"\s+\]/,
    '"verbs": ["*"]',
  ],
  [
    "CKV_K8S_21",
    "c5n-platform",
    "the default namespace",
    /"name": "runner",\s+"namespace": "[^"]+"\s+\}\s+\}/,
    '"name": "runner", "namespace": "default" } }',
  ],
];

describe("a change of one stack", () => {
  const changed = MUTATIONS.map(([check, name, what, from, to]) => {
    const { text } = stackNamed(name);
    return { check, what, name, text, mutated: text.replace(from, to) };
  });
  const hcl = (text: string) => toHcl(withPodTwins(JSON.parse(text) as Values));
  /** Each stack as it is beside its change: neither may cover for the other. */
  let findings: readonly CheckovFinding[];
  beforeAll(async () => {
    const texts = changed.flatMap(({ text, mutated }) => [text, mutated]);
    ({ findings } = await runCheckov(CHECKOV, texts.map(hcl)));
  }, 300_000);

  it.each(changed)("is found by $check in $name: $what", ({ check, text, mutated }) => {
    expect(mutated).not.toBe(text);
    const first = changed.findIndex((change) => change.mutated === mutated) * 2;
    const found = (index: number) => findings.filter((f) => f.index === index && f.check === check).length;
    expect(found(first)).toBe(0);
    expect(found(first + 1)).toBeGreaterThan(0);
  });

  it("that makes it unreadable is no pass", async () => {
    await expect(runCheckov(CHECKOV, ['resource "aws_vpc" "one" {'])).rejects.toThrow("checkov cannot read");
  });
});
