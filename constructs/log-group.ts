import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import type { Construct } from "constructs";
import { except } from "./security-exception";

export interface LogGroupProps {
  /** Name of the log group. */
  readonly name: string;
  /** One of the numbers of days that CloudWatch takes. */
  readonly retentionDays: number;
}

const YEAR_DAYS = 365;

/** A log group whose events expire. CloudWatch encrypts it with a key of its own. */
export function logGroup(
  scope: Construct,
  id: string,
  { name, retentionDays }: LogGroupProps,
): CloudwatchLogGroup {
  const group = new CloudwatchLogGroup(scope, id, { name, retentionInDays: retentionDays });
  except(group, "aws-managed-log-key");
  if (retentionDays < YEAR_DAYS) except(group, "short-log-retention");
  return group;
}
