import { describe, expect, it } from "vitest";
import { GithubOidcProvider } from "../../constructs/github-oidc-provider";
import { synthesizeConstruct } from "../helpers/synth";

describe("GithubOidcProvider", () => {
  it("is made for GitHub's issuer and the audience of STS", () => {
    const stack = synthesizeConstruct((scope) => {
      new GithubOidcProvider(scope, "github");
    });
    expect(stack.body("aws_iam_openid_connect_provider")).toEqual({
      url: "https://token.actions.githubusercontent.com",
      client_id_list: ["sts.amazonaws.com"],
    });
  });

  it("is made for the issuer that is named", () => {
    const issuer = "https://github.example.com/_services/token";
    const stack = synthesizeConstruct((scope) => {
      new GithubOidcProvider(scope, "github", { issuer });
    });
    expect(stack.body("aws_iam_openid_connect_provider").url).toBe(issuer);
  });

  it("is not made where the account has one", () => {
    const existingArn = "arn:aws:iam::444455556666:oidc-provider/token.actions.githubusercontent.com";
    let arn = "";
    const stack = synthesizeConstruct((scope) => {
      arn = new GithubOidcProvider(scope, "github", { existingArn }).arn;
    });
    expect(arn).toBe(existingArn);
    expect(stack.types).toEqual([]);
  });
});
