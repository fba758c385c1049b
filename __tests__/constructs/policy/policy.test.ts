import { Eip } from "@cdktf/provider-aws/lib/eip";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Aspects, type IAspect, Lazy, TerraformHclModule, type TerraformStack } from "cdktf";
import { describe, expect, it } from "vitest";
import { POLICY_RULES } from "../../../constructs/policy";
import { except, SECURITY_EXCEPTIONS, type SecurityException } from "../../../constructs/security-exception";
import { refusals } from "../../helpers/refusals";

const template = (stack: TerraformStack) =>
  new LaunchTemplate(stack, "template", {
    blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: { encrypted: "true" } }],
    metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
  });
const OPTIONAL =
  'policy/instance-metadata: metadata_options.http_tokens is "optional". Set it to "required".';

describe("the policy's rules", () => {
  it("have ids of their own", () => {
    const ids = POLICY_RULES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^policy\/[a-z-]+$/);
  });

  it.each(POLICY_RULES)("say what they demand in a sentence: $id", ({ demands }) => {
    expect(demands).toMatch(/^[A-Z].{20,}[.)]$/);
  });

  it("are what exceptions name", () => {
    const ids = POLICY_RULES.map(({ id }): string => id);
    const named = Object.values<SecurityException>(SECURITY_EXCEPTIONS)
      .flatMap(({ checks }) => checks)
      .filter((check) => check.startsWith("policy/"));
    expect(named.filter((check) => !ids.includes(check))).toEqual([]);
  });
});

describe("the policy sees the value that is written", () => {
  it("after an override of the resource", () => {
    const build = (stack: TerraformStack) =>
      template(stack).addOverride("metadata_options.http_tokens", "optional");
    expect(refusals(build)).toEqual([`test/template: ${OPTIONAL}`]);
  });

  it("after an override of the stack", () => {
    const build = (stack: TerraformStack) => {
      const { friendlyUniqueId } = template(stack);
      stack.addOverride(
        `resource.aws_launch_template.${friendlyUniqueId}.metadata_options.http_tokens`,
        "optional",
      );
    };
    expect(refusals(build)).toEqual([`test/template: ${OPTIONAL}`]);
  });

  it("of a resource that only an override of the stack adds", () => {
    const build = (stack: TerraformStack) => stack.addOverride("resource.aws_eip.extra", { domain: "vpc" });
    expect(refusals(build)).toEqual([
      "test: policy/public-address: aws_eip.extra: is a public address. Leave it out.",
    ]);
  });

  it("behind a token", () => {
    const build = (stack: TerraformStack) => {
      const policy = Lazy.stringValue({
        produce: () =>
          JSON.stringify({
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "arn:aws:s3:::cache" }],
          }),
      });
      new IamRolePolicy(stack, "policy", { role: "jobs", policy });
    };
    expect(refusals(build)).toEqual([
      "test/policy: policy/iam-wildcard-action: statement 1 of policy allows the actions s3:*. Name each action.",
    ]);
  });

  it("after every other aspect, wherever it stands", () => {
    const weaken: IAspect = {
      visit(node) {
        if (node instanceof LaunchTemplate) node.addOverride("metadata_options.http_tokens", "optional");
      },
    };
    expect(refusals((stack) => Aspects.of(template(stack)).add(weaken))).toEqual([
      `test/template: ${OPTIONAL}`,
    ]);
  });

  it("and does not refuse what another aspect makes right", () => {
    const repair: IAspect = {
      visit(node) {
        if (node instanceof LaunchTemplate) node.addOverride("metadata_options.http_tokens", "required");
      },
    };
    const build = (stack: TerraformStack) => {
      const made = template(stack);
      made.addOverride("metadata_options.http_tokens", "optional");
      Aspects.of(made).add(repair);
    };
    expect(refusals(build)).toEqual([]);
  });

  it("but not inside of a module, and so refuses that", () => {
    const build = (stack: TerraformStack) => {
      new TerraformHclModule(stack, "vpc", { source: "terraform-aws-modules/vpc/aws", version: "6.0.0" });
    };
    expect(refusals(build)).toEqual([
      "test/vpc: policy/readable: uses the module terraform-aws-modules/vpc/aws. Write its resources as constructs.",
    ]);
  });
});

describe("an exception", () => {
  const address = (stack: TerraformStack, id = "address") => new Eip(stack, id, { domain: "vpc" });

  it("holds for its own resource alone", () => {
    const build = (stack: TerraformStack) => {
      except(address(stack), "nat-address");
      address(stack, "other");
    };
    expect(refusals(build)).toEqual([
      "test/other: policy/public-address: is a public address. Leave it out.",
    ]);
  });

  it("holds for its own check alone", () => {
    const build = (stack: TerraformStack) => except(address(stack), "privileged-builder");
    expect(refusals(build)).toEqual([
      "test/address: policy/public-address: is a public address. Leave it out.",
      'test/address: policy/privileged: the exception privileged-builder excepts nothing here. Take except(..., "privileged-builder") away.',
    ]);
  });

  it("that excepts nothing is refused", () => {
    const build = (stack: TerraformStack) =>
      except(new Subnet(stack, "subnet", { vpcId: "vpc-1" }), "nat-address");
    expect(refusals(build)).toEqual([
      'test/subnet: policy/public-address: the exception nat-address excepts nothing here. Take except(..., "nat-address") away.',
    ]);
  });
});
