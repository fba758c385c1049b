import { describe, expect, it } from "vitest";
import { policyDocument, serviceTrust } from "../../constructs/policy-document";

describe("policyDocument", () => {
  it("writes a statement with all of its parts", () => {
    const text = policyDocument({
      sid: "One",
      actions: ["s3:GetObject"],
      resources: ["arn:aws:s3:::bucket/*"],
      conditions: { StringEquals: { "aws:SourceAccount": ["444455556666"] } },
    });
    expect(JSON.parse(text)).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "One",
          Effect: "Allow",
          Action: ["s3:GetObject"],
          Resource: ["arn:aws:s3:::bucket/*"],
          Condition: { StringEquals: { "aws:SourceAccount": ["444455556666"] } },
        },
      ],
    });
  });
});

describe("serviceTrust", () => {
  it("lets one service assume the role, and nobody else", () => {
    expect(JSON.parse(serviceTrust("ec2.amazonaws.com"))).toEqual({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: ["sts:AssumeRole"] },
      ],
    });
  });
});
