import { describe, expect, it } from "vitest";
import { type JudgedStack, judge } from "../../../.ci/scan/judge";
import type { SecurityException } from "../../../constructs/security-exception";

const ENTRIES: Record<string, SecurityException> = {
  "open-door": { checks: ["CKV_1", "CKV_2"], reason: "Because." },
  policy: { checks: ["policy/door"], reason: "Because." },
};
const VPC = "aws_vpc.network_vpc_1";
const KEY = "aws_kms_key.key_2";
const finding = (check: string, address = VPC) => ({ check, title: `Title of ${check}`, address });

const stack = (change: Partial<JudgedStack> = {}): JudgedStack => ({
  app: "one",
  kind: "cluster",
  paths: new Map([[VPC, "network/vpc"]]),
  placements: [
    { exception: "open-door", address: VPC },
    { exception: "policy", address: VPC },
  ],
  findings: [finding("CKV_1"), finding("CKV_2")],
  ...change,
});

it("an exception covers its checks at its resource, and every use is counted", () => {
  const { open, exceptions, unused } = judge([stack(), stack({ app: "two" })], ENTRIES);
  expect([open, unused]).toEqual([[], []]);
  const resource = "cluster: network/vpc (aws_vpc)";
  expect(exceptions.map(({ resources }) => resources)).toEqual([
    [{ resource, uses: 4 }],
    [{ resource, uses: 2 }],
  ]);
});

it("a finding at another resource, of another check or in another stack stays open, with where it was seen", () => {
  const first = stack({ findings: [...stack().findings, finding("CKV_1", KEY), finding("CKV_3")] });
  const other = stack({ app: "two", placements: [], findings: [finding("CKV_1")] });
  const { open } = judge([first, other, { ...other, app: "three" }], ENTRIES);
  expect(open.map(({ check, resource, apps }) => [check, resource, apps.join()])).toEqual([
    ["CKV_1", `cluster: ${KEY} (aws_kms_key)`, "one"],
    ["CKV_3", "cluster: network/vpc (aws_vpc)", "one"],
    ["CKV_1", "cluster: network/vpc (aws_vpc)", "two,three"],
  ]);
});

describe("an exception that no finding needs is reported", () => {
  const file = "constructs/security-exception.ts";
  it.each<[string, Partial<JudgedStack>, string]>([
    [
      "when it is nowhere",
      { placements: [{ exception: "policy", address: VPC }], findings: [] },
      `open-door is at no resource. Take it out of ${file}.`,
    ],
    [
      "for one of its checks",
      { findings: [finding("CKV_1")] },
      `open-door excepts CKV_2, which finds nothing there. Take the check out of ${file}.`,
    ],
    [
      "for one of its places",
      { placements: [...stack().placements, { exception: "open-door", address: KEY }] },
      `open-door excepts nothing at cluster: ${KEY} (aws_kms_key). Take except(..., "open-door") away there.`,
    ],
  ])("%s", (_, change, message) => {
    expect(judge([stack(change)], ENTRIES).unused).toEqual([message]);
  });

  it("and not when one of several environments needs it", () => {
    expect(judge([stack({ app: "two", findings: [] }), stack()], ENTRIES).unused).toEqual([]);
  });
});
