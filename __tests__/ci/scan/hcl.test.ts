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

  it("leaves out what is null: a port open to everybody passes checkov where a null stands beside it", () => {
    expect(resource({ ingress: [{ from_port: 22, prefix_list_ids: null }] })).not.toContain(
      "prefix_list_ids",
    );
  });

  it("refuses a section that it does not know, instead of passing over it", () => {
    expect(() => toHcl({ moved: { a: {} } })).toThrow("no rule how to write moved of a stack");
  });
});
