import { TerraformLocal } from "cdktf";
import { DataResource } from "cdktf/lib/terraform-data-resource";
import { Construct } from "constructs";

export interface PreflightCheck {
  /** A Terraform condition. */
  readonly condition: string;
  /** What is missing and how to set it. */
  readonly errorMessage: string;
}

export interface PreflightProps {
  /**
   * Conditions that must hold.
   * @default - none
   */
  readonly checks?: readonly PreflightCheck[];
  /**
   * Props that still hold the example's values, in words: nothing may be created with them.
   * @default - none
   */
  readonly placeholders?: readonly string[];
}

/**
 * What must be given before anything is created: conditions that Terraform evaluates while it plans the first stack of
 * an environment. A destroy evaluates none of them.
 */
export class Preflight extends Construct {
  constructor(scope: Construct, id: string, { checks = [], placeholders = [] }: PreflightProps) {
    super(scope, id);
    const left = new TerraformLocal(this, "placeholders", [...placeholders]);
    const conditions = [
      ...checks,
      {
        // A condition must refer to something, so it counts a local value.
        condition: `\${length(${left.fqn}) == 0}`,
        errorMessage: `Replace the example's values first: ${placeholders.join("; ") || "none left"}.`,
      },
    ];
    new DataResource(this, "conditions", {
      lifecycle: { precondition: conditions.map((check) => ({ ...check })) },
    });
  }
}
