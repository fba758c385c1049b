import { EcrAccountSetting } from "@cdktf/provider-aws/lib/ecr-account-setting";
import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { GithubOidcProvider } from "../constructs/github-oidc-provider";
import { AwsStack, type AwsStackProps } from "./aws-stack";

export interface AccountStackProps extends AwsStackProps {
  /** Every region that an environment uses. */
  readonly regions: readonly string[];
  /** An environment has jobs on GitHub's machines, which assume a role through OIDC. */
  readonly hostedJobs: boolean;
  /** @default - the account's OIDC provider for GitHub is made here, if hosted jobs need it */
  readonly oidcProviderArn?: string | undefined;
}

/** What an AWS account has once, for any number of environments. */
export class AccountStack extends AwsStack {
  readonly oidcProvider: GithubOidcProvider | undefined;

  constructor(scope: Construct, id: string, props: AccountStackProps) {
    super(scope, id, props);
    this.oidcProvider = props.hostedJobs ? this.trustGithub(props.oidcProviderArn) : undefined;
    for (const region of props.regions) {
      // The scanner before this one (Clair) is deprecated. A destroy leaves the setting as it is.
      new EcrAccountSetting(this, `scan-type-${region}`, {
        region,
        name: "BASIC_SCAN_TYPE_VERSION",
        value: "AWS_NATIVE",
      });
    }
  }

  private trustGithub(existingArn: string | undefined): GithubOidcProvider {
    const provider = new GithubOidcProvider(this, "github", { ...(existingArn && { existingArn }) });
    new TerraformOutput(this, "oidc_provider_arn", {
      description: "OIDC provider through which GitHub's jobs assume roles",
      value: provider.arn,
    });
    return provider;
  }
}
