import { expect, it } from "vitest";
import { logGroup } from "../../constructs/log-group";
import { exceptionsWithin } from "../../constructs/security-exception";
import { synthesizeConstruct } from "../helpers/synth";

it.each([
  [30, ["aws-managed-log-key", "short-log-retention"]],
  [365, ["aws-managed-log-key"]],
])("keeps events %d days, with the exceptions that this needs", (retentionDays, exceptions) => {
  let names: string[] = [];
  const stack = synthesizeConstruct((scope) => {
    logGroup(scope, "logs", { name: "/demo", retentionDays });
    names = exceptionsWithin(scope).map(({ name }) => name);
  });
  expect(stack.body("aws_cloudwatch_log_group")).toEqual({ name: "/demo", retention_in_days: retentionDays });
  expect(names).toEqual(exceptions);
});
