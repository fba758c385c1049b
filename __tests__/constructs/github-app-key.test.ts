import { describe, expect, it } from "vitest";
import { GithubAppKey } from "../../constructs/github-app-key";
import { synthesizeConstruct } from "../helpers/synth";

describe("GithubAppKey", () => {
  const stack = synthesizeConstruct((scope) => {
    new GithubAppKey(scope, "key");
  });

  it("is an ephemeral, sensitive variable, empty by default so that a destroy needs none", () => {
    expect(stack.json.variable).toEqual({
      github_app_private_key: {
        type: "string",
        default: "",
        sensitive: true,
        ephemeral: true,
        description:
          'Private key (PEM) of the GitHub App that registers runners. export TF_VAR_github_app_private_key="$(cat your-app.private-key.pem)"',
      },
    });
  });
});
