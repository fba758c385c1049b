import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import type { Construct } from "constructs";
import { ProjectStack } from "./project-stack";

export interface AwsStackProps {
  readonly region: string;
  /** The only account that the stack can be deployed to, 12 digits. */
  readonly accountId: string;
}

/** A stack with an AWS provider that refuses any other account than the one it was written for. */
export abstract class AwsStack extends ProjectStack {
  constructor(scope: Construct, id: string, { region, accountId }: AwsStackProps) {
    super(scope, id);
    new AwsProvider(this, "aws", { region, allowedAccountIds: [accountId] });
  }
}
