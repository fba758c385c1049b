import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseCheckov } from "../../../.ci/scan/checkov";

const RECORDED = readFileSync(join(__dirname, "fixtures/checkov.json"), "utf8");
type Recorded = {
  results: { failed_checks: { file_path: string }[]; skipped_checks: unknown[]; parsing_errors: string[] };
};
const changed = (change: (report: Recorded) => void) => {
  const report = JSON.parse(RECORDED) as Recorded;
  change(report);
  return JSON.stringify(report);
};

describe("checkov's report", () => {
  it("is read: failed checks, by configuration, check and address", () => {
    const { version, checks, findings, checked } = parseCheckov(RECORDED);
    expect([version, checks, [...checked].sort()]).toEqual(["3.3.30", 8, [1, 2, 3]]);
    expect(findings[0]).toEqual({
      index: 1,
      check: "CKV_AWS_136",
      title: "Ensure that ECR repositories are encrypted using KMS",
      address: "aws_ecr_repository.image-large-python-container_repository_11B9FFCF",
    });
    expect(findings.map(({ check }) => check)).toContain("CKV_K8S_16");
  });

  it("counts as found what a configuration asks to skip", () => {
    const text = changed(({ results }) => {
      results.skipped_checks = results.failed_checks;
      results.failed_checks = [];
    });
    expect(parseCheckov(text).findings).toEqual(parseCheckov(RECORDED).findings);
  });

  it("is no report when a configuration could not be read", () => {
    const text = changed(({ results }) => results.parsing_errors.push("/modules/7/main.tf"));
    expect(() => parseCheckov(text)).toThrow("checkov cannot read /modules/7/main.tf.");
  });

  it("is no report without results: what checkov prints when it looked at nothing", () => {
    const nothing = '{"passed": 0, "failed": 0, "skipped": 0, "parsing_errors": 0, "resource_count": 0}';
    expect(() => parseCheckov(nothing)).toThrow("holds no results");
    expect(() => parseCheckov("Traceback\nboom")).toThrow("no JSON:\nTraceback\nboom");
  });
});
