import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";

/** Ephemeral variables came with Terraform 1.10, write-only attributes with 1.11. */
const REQUIRED_TERRAFORM = ">= 1.11";

export interface AwsStackProps {
  readonly region: string;
  /** The only account that the stack can be deployed to, 12 digits. */
  readonly accountId: string;
}

/** A stack with an AWS provider that refuses any other account than the one it was written for. */
export abstract class AwsStack extends TerraformStack {
  constructor(scope: Construct, id: string, { region, accountId }: AwsStackProps) {
    super(scope, id);
    this.addOverride("terraform.required_version", REQUIRED_TERRAFORM);
    new AwsProvider(this, "aws", { region, allowedAccountIds: [accountId] });
  }
}
