import { describe, expect, it } from "vitest";
import { GithubActionsRole } from "../../constructs/github-actions-role";
import { GithubOidcProvider } from "../../constructs/github-oidc-provider";
import { type GithubJobs, oidcSubjects } from "../../constructs/github-trust";
import { synthesizeConstruct } from "../helpers/synth";

const JOBS: GithubJobs = {
  owner: "acme",
  repository: "images",
  branches: ["main"],
  deploymentEnvironments: [],
};

describe("oidcSubjects", () => {
  it("without ids is the form of older repositories", () => {
    expect(oidcSubjects(JOBS)).toEqual(["repo:acme/images:ref:refs/heads/main"]);
  });

  it("with ids is both forms, each exact", () => {
    expect(oidcSubjects({ ...JOBS, ownerId: 1001, repositoryId: 2002 })).toEqual([
      "repo:acme/images:ref:refs/heads/main",
      "repo:acme@1001/images@2002:ref:refs/heads/main",
    ]);
  });

  it("names GitHub environments in both forms", () => {
    const jobs = { ...JOBS, branches: [], deploymentEnvironments: ["production"] };
    expect(oidcSubjects({ ...jobs, ownerId: 1001, repositoryId: 2002 })).toEqual([
      "repo:acme/images:environment:production",
      "repo:acme@1001/images@2002:environment:production",
    ]);
  });

  it("never holds a wildcard", () => {
    const all = oidcSubjects({
      ...JOBS,
      ownerId: 1001,
      repositoryId: 2002,
      branches: ["main", "next"],
      deploymentEnvironments: ["staging", "production"],
    });
    expect(all).toHaveLength(8);
    expect(all.filter((subject) => /[*?]/.test(subject))).toEqual([]);
  });
});

describe("GithubActionsRole", () => {
  const stack = synthesizeConstruct((scope) => {
    new GithubActionsRole(scope, "jobs", {
      roleName: "demo-hosted-jobs",
      oidcProviderArn: new GithubOidcProvider(scope, "github").arn,
      jobs: { ...JOBS, ownerId: 1001, repositoryId: 2002 },
    });
  });

  it("trusts the audience of STS and the exact subjects, compared by equality", () => {
    expect(stack.statements("aws_iam_role", "jobs/role", "assume_role_policy")).toEqual([
      {
        Sid: "AssumeFromGithubActions",
        Effect: "Allow",
        Principal: { Federated: "<aws_iam_openid_connect_provider.github/provider.arn>" },
        Action: ["sts:AssumeRoleWithWebIdentity"],
        Condition: {
          StringEquals: {
            "token.actions.githubusercontent.com:aud": ["sts.amazonaws.com"],
            "token.actions.githubusercontent.com:sub": [
              "repo:acme/images:ref:refs/heads/main",
              "repo:acme@1001/images@2002:ref:refs/heads/main",
            ],
          },
        },
      },
    ]);
  });

  it("holds no rights of its own", () => {
    expect(stack.types).toEqual(["aws_iam_openid_connect_provider", "aws_iam_role"]);
  });
});
