import { TerraformVariable } from "cdktf";
import { Construct } from "constructs";

export const GITHUB_APP_KEY_VARIABLE = "github_app_private_key";

/** How to hand the key to Terraform, in words. */
export const SET_GITHUB_APP_KEY = `export TF_VAR_${GITHUB_APP_KEY_VARIABLE}="$(cat your-app.private-key.pem)"`;

/**
 * The GitHub App's private key as an ephemeral variable: Terraform keeps it in no plan and no state. It is empty by
 * default, so that a plan and a destroy need no key; whether it was given is for a precondition to say.
 */
export class GithubAppKey extends Construct {
  /** Only for write-only attributes and conditions: Terraform refuses it anywhere else. */
  readonly value: string;
  /** A condition: this is no apply, or the variable holds something that looks like a PEM key. */
  readonly isGiven: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const variable = new TerraformVariable(this, "variable", {
      type: "string",
      default: "",
      sensitive: true,
      description: `Private key (PEM) of the GitHub App that registers runners. ${SET_GITHUB_APP_KEY}`,
    });
    variable.overrideLogicalId(GITHUB_APP_KEY_VARIABLE);
    variable.addOverride("ephemeral", true);
    this.value = variable.stringValue;
    this.isGiven = `\${!terraform.applying || startswith(trimspace(var.${GITHUB_APP_KEY_VARIABLE}), "-----BEGIN")}`;
  }
}
