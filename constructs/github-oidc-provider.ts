import { IamOpenidConnectProvider } from "@cdktf/provider-aws/lib/iam-openid-connect-provider";
import { Construct } from "constructs";
import { GITHUB_ISSUER, STS_AUDIENCE } from "./github-trust";

export interface GithubOidcProviderProps {
  /**
   * Issuer of the tokens, as a URL.
   * @default "https://token.actions.githubusercontent.com"
   */
  readonly issuer?: string;
  /**
   * The account's provider where it has one already: AWS allows one for each issuer.
   * @default - a provider is made
   */
  readonly existingArn?: string;
}

/** The trust of an AWS account in GitHub's OIDC tokens; one for each account and issuer. */
export class GithubOidcProvider extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: GithubOidcProviderProps = {}) {
    super(scope, id);
    // No thumbprint: AWS checks GitHub's certificate against its own list of authorities.
    this.arn =
      props.existingArn ??
      new IamOpenidConnectProvider(this, "provider", {
        url: props.issuer ?? GITHUB_ISSUER,
        clientIdList: [STS_AUDIENCE],
      }).arn;
  }
}
