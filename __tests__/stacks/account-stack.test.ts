import { App } from "cdktf";
import { describe, expect, it } from "vitest";
import type { EnvironmentInput } from "../../environment/environment";
import { addAccountStack } from "../../stacks/environment-stacks";
import { DEMO, demo, demoWith } from "../helpers/input";
import { synthesize } from "../helpers/synth";

const PROVIDER = "arn:aws:iam::444455556666:oidc-provider/token.actions.githubusercontent.com";
const account = (...inputs: EnvironmentInput[]) => synthesize(...inputs).stack("account");

describe("account", () => {
  it("holds the OIDC provider of GitHub once, for all environments", () => {
    const two = account(demo(), demo({ name: "other", vpcCidr: "10.31.0.0/16" }));
    expect(two.all("aws_iam_openid_connect_provider")).toHaveLength(1);
  });

  it("holds none where no job is hosted", () => {
    expect(account(demoWith("custom-default")).types).not.toContain("aws_iam_openid_connect_provider");
  });

  it("holds one as soon as one environment has hosted jobs", () => {
    const second = { ...demoWith("hosted-default"), name: "other", vpcCidr: "10.31.0.0/16" };
    expect(account(demoWith("custom-default"), second).types).toContain("aws_iam_openid_connect_provider");
  });

  it("makes none where the account has one, and hosted jobs trust that", () => {
    const input = demo({ github: { ...DEMO.github, oidcProviderArn: PROVIDER } });
    expect(account(input).types).not.toContain("aws_iam_openid_connect_provider");
    const [trust] = synthesize(input)
      .stack("demo-registry")
      .statements("aws_iam_role", "hosted-jobs/role", "assume_role_policy");
    expect(trust?.Principal).toEqual({ Federated: PROVIDER });
  });

  it("holds one for each issuer of its environments, and GitHub's own stays what it was", () => {
    const ENTERPRISE = "https://token.actions.githubusercontent.com/acme";
    const own = (name: string, network: number, issuer: string) =>
      demo({ name, vpcCidr: `10.${network}.0.0/16`, github: { ...DEMO.github, issuer } });
    const inputs = [
      demo(),
      own("enterprise", 31, ENTERPRISE),
      own("again", 32, ENTERPRISE),
      own("server", 33, "https://github.example.com/_services/token"),
    ];
    const stack = account(...inputs);
    expect(stack.all("aws_iam_openid_connect_provider").map(({ path, body }) => [path, body.url])).toEqual([
      ["github-github.example.com--_services--token/provider", "https://github.example.com/_services/token"],
      ["github-token.actions.githubusercontent.com--acme/provider", ENTERPRISE],
      ["github/provider", "https://token.actions.githubusercontent.com"],
    ]);
    const alone = account(demo()).resources.filter(({ path }) => path.startsWith("github/"));
    expect(stack.resources.filter(({ path }) => path.startsWith("github/"))).toEqual(alone);
    expect(Object.keys(stack.outputs)).toEqual([
      "oidc_provider_arn",
      "oidc_provider_arn-githubexamplecom--_services--token",
      "oidc_provider_arn-tokenactionsgithubusercontentcom--acme",
    ]);
  });

  it("chooses the scanner once for each region", () => {
    const inputs = [
      demo(),
      demo({ name: "east", region: "us-east-1", vpcCidr: "10.31.0.0/16" }),
      demo({ name: "west", vpcCidr: "10.32.0.0/16" }),
    ];
    expect(
      account(...inputs)
        .all("aws_ecr_account_setting")
        .map(({ body }) => body),
    ).toEqual([
      { region: "us-east-1", name: "BASIC_SCAN_TYPE_VERSION", value: "AWS_NATIVE" },
      { region: "us-west-2", name: "BASIC_SCAN_TYPE_VERSION", value: "AWS_NATIVE" },
    ]);
  });

  it("says which provider hosted jobs use", () => {
    expect(account(demo()).outputs.oidc_provider_arn?.value).toBe(
      "<aws_iam_openid_connect_provider.github/provider.arn>",
    );
  });

  it("cannot be made for no environment", () => {
    expect(() => addAccountStack(new App(), [])).toThrow("an app needs at least one environment");
  });
});
