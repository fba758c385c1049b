import { describe, expect, it } from "vitest";
import { type JudgedStack, judge } from "../../../.ci/scan/judge";
import type { SecurityException } from "../../../constructs/security-exceptions";

const ENTRIES: Record<string, SecurityException> = {
  "open-door": { checks: ["CKV_1", "CKV_2"], reason: "Because." },
};
const VPC = "aws_vpc.network_vpc_1";
const KEY = "aws_kms_key.key_2";
const finding = (check: string, address = VPC) => ({ check, title: `Title of ${check}`, address });

const stack = (change: Partial<JudgedStack> = {}): JudgedStack => ({
  app: "one",
  kind: "cluster",
  paths: new Map([
    [VPC, "network/vpc"],
    [KEY, "key"],
  ]),
  placements: [{ exception: "open-door", address: VPC }],
  findings: [finding("CKV_1"), finding("CKV_2")],
  ...change,
});

describe("findings against exceptions", () => {
  it("are covered where an exception for the check stands at the resource, and every use is counted", () => {
    const { open, exceptions, unused } = judge([stack(), stack({ app: "two" })], ENTRIES);
    expect([open, unused]).toEqual([[], []]);
    expect(exceptions).toEqual([
      {
        name: "open-door",
        checks: ["CKV_1", "CKV_2"],
        reason: "Because.",
        resources: [{ resource: "cluster: network/vpc (aws_vpc)", uses: 4 }],
      },
    ]);
  });

  it("stay open at another resource, for another check, and in another stack, each with where it was seen", () => {
    const other = stack({ app: "two", placements: [], findings: [finding("CKV_1")] });
    const first = stack({ findings: [...stack().findings, finding("CKV_1", KEY), finding("CKV_3")] });
    expect(judge([first, other, { ...other, app: "three" }], ENTRIES).open).toEqual([
      { check: "CKV_1", title: "Title of CKV_1", resource: "cluster: key (aws_kms_key)", apps: ["one"] },
      { check: "CKV_3", title: "Title of CKV_3", resource: "cluster: network/vpc (aws_vpc)", apps: ["one"] },
      {
        check: "CKV_1",
        title: "Title of CKV_1",
        resource: "cluster: network/vpc (aws_vpc)",
        apps: ["two", "three"],
      },
    ]);
  });

  it("name an address that no construct has as it stands", () => {
    const found = stack({ findings: [finding("CKV_1", "aws_s3_bucket.x")] });
    expect(judge([found], ENTRIES).open[0]?.resource).toBe("cluster: aws_s3_bucket.x (aws_s3_bucket)");
  });
});

describe("an exception that no finding used", () => {
  const unused = (stacks: JudgedStack[], entries = ENTRIES) => judge(stacks, entries).unused;

  it("is told when it stands nowhere", () => {
    expect(unused([stack({ placements: [], findings: [] })])).toEqual([
      "open-door stands at no resource. Take it out of constructs/security-exceptions.ts.",
    ]);
  });

  it("is told for one of its checks", () => {
    expect(unused([stack({ findings: [finding("CKV_1")] })])).toEqual([
      "open-door excepts CKV_2, which finds nothing at its resources. Take the check out of constructs/security-exceptions.ts.",
    ]);
  });

  it("is told for one of its places", () => {
    const both = stack({ placements: [VPC, KEY].map((address) => ({ exception: "open-door", address })) });
    expect(unused([both])).toEqual([
      'open-door excepts nothing at cluster: key (aws_kms_key). Take except(..., "open-door") away there, or say when it stands.',
    ]);
  });

  it("is none when one rendered environment of several uses it", () => {
    expect(unused([stack({ app: "two", findings: [] }), stack()])).toEqual([]);
  });

  it("is not used by a finding at another resource", () => {
    expect(unused([stack({ findings: [finding("CKV_1", KEY), finding("CKV_2")] })])).toHaveLength(1);
  });

  it("leaves the project's own policy to the synth, which refuses what excepts nothing", () => {
    const entries: Record<string, SecurityException> = {
      "open-door": { checks: ["policy/door"], reason: "Because." },
      nowhere: { checks: ["policy/window"], reason: "Because." },
    };
    expect(unused([stack({ findings: [] })], entries)).toEqual([
      "nowhere stands at no resource. Take it out of constructs/security-exceptions.ts.",
    ]);
  });
});
