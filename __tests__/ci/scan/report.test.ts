import { expect, it } from "vitest";
import { isClean, renderScans } from "../../../.ci/scan/report";
import { type ScanResult, scanResult } from "../../../.ci/scan/scan";

const plain = (_: unknown, text: string) => text;
const PASSED = scanResult("secrets", "27 commits", []);
const FAILED = scanResult(
  "infrastructure",
  "9 stacks",
  ["CKV_1: Title\nnetwork/vpc", "CKV_2: Other"],
  [
    {
      name: "open-door",
      checks: ["CKV_3", "CKV_4"],
      reason: "Because.",
      resources: [
        { resource: "cluster: vpc (aws_vpc)", uses: 12 },
        { resource: "cluster: key (aws_kms_key)", uses: 1 },
      ],
    },
  ],
);
const NOT_CHECKED: ScanResult = {
  scan: "dependencies",
  status: "not checked",
  summary: "not checked: the registry has no audit endpoint",
  problems: [],
};

it("is clean when nothing failed, and what could not be checked is no failure", () => {
  expect(isClean([PASSED, NOT_CHECKED])).toBe(true);
  expect(isClean([PASSED, FAILED])).toBe(false);
});

it("lists every exception with its reason, resources and uses, every problem, and every scan", () => {
  const text = renderScans([FAILED, PASSED, NOT_CHECKED], plain);
  expect(text).toContain(
    [
      "  open-door: CKV_3, CKV_4; used 13 times",
      "    Because.",
      "      12  cluster: vpc (aws_vpc)",
      "       1  cluster: key (aws_kms_key)",
    ].join("\n"),
  );
  expect(text).toContain(
    "infrastructure: 2 problems\n\n  ! CKV_1: Title\n    network/vpc\n\n  ! CKV_2: Other\n",
  );
  for (const row of [
    /infrastructure +│ failed +│ 9 stacks/,
    /secrets +│ passed +│ 27 commits/,
    /dependencies +│ not checked +│ not checked: the registry/,
  ]) {
    expect(text).toMatch(row);
  }
});
