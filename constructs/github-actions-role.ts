import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { Construct } from "constructs";
import { GITHUB_ISSUER, STS_AUDIENCE } from "./github-oidc-provider";
import { policyDocument } from "./policy-document";
import { atMost, validate } from "./validation";

/** A GitHub repository and which of its jobs are meant. */
export interface GithubJobs {
  /** User or organization that owns the repository. */
  readonly owner: string;
  /** Name of the repository, without its owner. */
  readonly repository: string;
  /**
   * Numeric id of the owner; goes with `repositoryId`.
   * @default - only the subject form without ids is trusted
   */
  readonly ownerId?: number | undefined;
  /**
   * Numeric id of the repository; goes with `ownerId`.
   * @default - only the subject form without ids is trusted
   */
  readonly repositoryId?: number | undefined;
  /**
   * Exact branch names, without `refs/heads/`.
   * @default - none
   */
  readonly branches?: readonly string[];
  /**
   * Exact names of GitHub environments.
   * @default - none
   */
  readonly deploymentEnvironments?: readonly string[];
}

/**
 * The `sub` claims of these jobs' tokens, each exact. Repositories created or renamed since 2026-07-15 send their
 * numeric ids, older ones do not: both forms are named, and neither holds a wildcard.
 *
 * @see https://docs.github.com/en/actions/reference/security/oidc
 */
export function oidcSubjects(jobs: GithubJobs): string[] {
  const { owner, repository, ownerId, repositoryId, branches = [], deploymentEnvironments = [] } = jobs;
  const repositories = [`repo:${owner}/${repository}`];
  if (ownerId !== undefined && repositoryId !== undefined) {
    repositories.push(`repo:${owner}@${ownerId}/${repository}@${repositoryId}`);
  }
  const contexts = [
    ...branches.map((branch) => `ref:refs/heads/${branch}`),
    ...deploymentEnvironments.map((name) => `environment:${name}`),
  ];
  return repositories.flatMap((repo) => contexts.map((context) => `${repo}:${context}`));
}

export interface GithubActionsRoleProps {
  /** Name in IAM, at most 64 characters. */
  readonly roleName: string;
  /** ARN of the account's OIDC provider for GitHub. */
  readonly oidcProviderArn: string;
  /** The jobs that assume the role; at least one branch or GitHub environment. */
  readonly jobs: GithubJobs;
}

/** The role that GitHub-hosted jobs assume with their OIDC token. It holds no rights of its own. */
export class GithubActionsRole extends Construct {
  readonly resource: IamRole;

  constructor(scope: Construct, id: string, props: GithubActionsRoleProps) {
    super(scope, id);
    const subjects = oidcSubjects(props.jobs);
    validate(
      this,
      atMost(64, "roleName", props.roleName),
      [subjects.length > 0, "jobs must name a branch or a GitHub environment, or no job can assume the role"],
      [
        !props.jobs.branches?.some((branch) => branch.startsWith("refs/")),
        `branches must be names without refs/heads/; got ${JSON.stringify(props.jobs.branches)}`,
      ],
    );
    this.resource = new IamRole(this, "role", {
      name: props.roleName,
      description: `Assumed by hosted jobs of ${props.jobs.owner}/${props.jobs.repository}`,
      maxSessionDuration: 3600,
      assumeRolePolicy: policyDocument({
        sid: "AssumeFromGithubActions",
        actions: ["sts:AssumeRoleWithWebIdentity"],
        principal: { Federated: props.oidcProviderArn },
        conditions: {
          StringEquals: {
            [`${GITHUB_ISSUER}:aud`]: [STS_AUDIENCE],
            [`${GITHUB_ISSUER}:sub`]: subjects,
          },
        },
      }),
    });
  }

  get roleArn(): string {
    return this.resource.arn;
  }

  get roleName(): string {
    return this.resource.name;
  }
}
