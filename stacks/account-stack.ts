import { EcrAccountSetting } from "@cdktf/provider-aws/lib/ecr-account-setting";
import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { GithubOidcProvider } from "../constructs/github-oidc-provider";
import { GITHUB_ISSUER, issuerName } from "../constructs/github-trust";
import { AwsStack, type AwsStackProps } from "./aws-stack";

export interface TokenIssuer {
  /** As a URL. */
  readonly issuer: string;
  /** @default - the account's OIDC provider for the issuer is made here */
  readonly oidcProviderArn?: string | undefined;
}

export interface AccountStackProps extends AwsStackProps {
  /** Every region that an environment uses. */
  readonly regions: readonly string[];
  /** Issuers of the tokens of hosted jobs, which assume a role through OIDC; each once. */
  readonly issuers: readonly TokenIssuer[];
}

/** What an AWS account has once, for any number of environments. */
export class AccountStack extends AwsStack {
  private readonly oidcProviders: ReadonlyMap<string, GithubOidcProvider>;

  constructor(scope: Construct, id: string, props: AccountStackProps) {
    super(scope, id, props);
    this.oidcProviders = new Map(props.issuers.map((one) => [one.issuer, this.trust(one)]));
    for (const region of props.regions) {
      // The scanner before this one (Clair) is deprecated. A destroy leaves the setting as it is.
      new EcrAccountSetting(this, `scan-type-${region}`, {
        region,
        name: "BASIC_SCAN_TYPE_VERSION",
        value: "AWS_NATIVE",
      });
    }
  }

  /** The account's provider for an issuer; undefined where no hosted job's token has it. */
  oidcProviderOf(issuer: string): GithubOidcProvider | undefined {
    return this.oidcProviders.get(issuer);
  }

  private trust({ issuer, oidcProviderArn: existingArn }: TokenIssuer): GithubOidcProvider {
    const own = issuer !== GITHUB_ISSUER;
    const provider = new GithubOidcProvider(this, own ? `github-${issuerName(issuer)}` : "github", {
      issuer,
      ...(existingArn && { existingArn }),
    });
    new TerraformOutput(this, own ? `oidc_provider_arn-${issuerName(issuer)}` : "oidc_provider_arn", {
      description: `OIDC provider through which ${own ? `jobs with tokens of ${issuer}` : "GitHub's jobs"} assume roles`,
      value: provider.arn,
    });
    return provider;
  }
}
