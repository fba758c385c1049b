import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";

/** Ephemeral variables came with Terraform 1.10, write-only attributes with 1.11. */
const REQUIRED_TERRAFORM = ">= 1.11";

/** A stack that says which Terraform it needs. */
export abstract class ProjectStack extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.addOverride("terraform.required_version", REQUIRED_TERRAFORM);
  }
}
