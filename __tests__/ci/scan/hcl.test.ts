import { describe, expect, it } from "vitest";
import { toHcl } from "../../../.ci/scan/hcl";
import type { Values } from "../../../constructs/policy/values";

/** A reference as Terraform writes it. */
const ref = (inner: string) => ["$", "{", inner, "}"].join("");

const resource = (body: Values) => toHcl({ resource: { aws_thing: { one: body } } });

describe("a rendered stack in Terraform's own language", () => {
  it("writes objects and lists of objects as blocks, and maps as attributes", () => {
    expect(
      resource({
        metadata_options: { http_tokens: "required" },
        ingress: [{ from_port: 22 }, { from_port: 80 }],
        tags: { "a/b": "c" },
      }),
    ).toBe(
      [
        'resource "aws_thing" "one" {',
        "  metadata_options {",
        '    http_tokens = "required"',
        "  }",
        "  ingress {",
        "    from_port = 22",
        "  }",
        "  ingress {",
        "    from_port = 80",
        "  }",
        '  tags = {"a/b" = "c"}',
        "}",
        "",
      ].join("\n"),
    );
  });

  it("writes a policy as what it says, not as a text", () => {
    const policy = JSON.stringify({ Statement: [{ Action: ["*"], Resource: ref("aws_kms_key.one.arn") }] });
    expect(resource({ policy })).toContain(
      `policy = jsonencode({"Statement" = [{"Action" = ["*"], "Resource" = "${ref("aws_kms_key.one.arn")}"}]})`,
    );
  });

  it("leaves a text alone that only begins like JSON", () => {
    expect(resource({ description: "[worker.oci]\n  gc = true" })).toContain(
      'description = "[worker.oci]\\n  gc = true"',
    );
  });

  it("keeps quotes inside of references", () => {
    expect(resource({ name: `${ref('join(", ", local.names)')} and "this"` })).toContain(
      `name = "${ref('join(", ", local.names)')} and \\"this\\""`,
    );
  });

  it("leaves out what is null: a port open to everybody passes checkov where a null stands beside it", () => {
    expect(resource({ ingress: [{ from_port: 22, prefix_list_ids: null }] })).not.toContain(
      "prefix_list_ids",
    );
  });

  it("leaves out cdktf's comments", () => {
    expect(resource({ "//": { metadata: { path: "a/b" } }, name: "x" })).not.toContain("metadata");
  });

  it("writes each provider of a kind, labelled backends, locals, variables, data and outputs", () => {
    const text = toHcl({
      "//": { metadata: {} },
      provider: { aws: [{ region: "a" }, { region: "b", alias: "second" }] },
      terraform: {
        required_version: ">= 1.11",
        backend: { s3: { encrypt: true } },
        required_providers: { aws: { source: "aws", version: "6.25.0" } },
      },
      locals: { names: ["a", "b"] },
      variable: { key: { type: "string", sensitive: true } },
      data: { terraform_remote_state: { other: { backend: "local", config: { path: "x" } } } },
      output: { names: { value: { a: "b" } } },
    });
    for (const part of [
      'provider "aws" {\n  region = "a"\n}\nprovider "aws" {\n  region = "b"',
      '  backend "s3" {\n    encrypt = true\n  }',
      '  required_providers {\n  aws = {"source" = "aws", "version" = "6.25.0"}\n  }',
      'locals {\nnames = ["a", "b"]\n}',
      'variable "key" {\n  type = "string"\n  sensitive = true\n}',
      'data "terraform_remote_state" "other" {\n  backend = "local"',
      'output "names" {\nvalue = {"a" = "b"}\n}',
    ]) {
      expect(text).toContain(part);
    }
  });

  it("refuses a section that it does not know, instead of passing over it", () => {
    expect(() => toHcl({ moved: { a: {} } })).toThrow("no rule how to write moved of a stack");
  });
});
