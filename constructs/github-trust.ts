import { policyDocument } from "./policy-document";

/** Issuer of github.com's tokens. */
export const GITHUB_ISSUER = "https://token.actions.githubusercontent.com";
export const STS_AUDIENCE = "sts.amazonaws.com";

/** Characters of a role's trust policy that IAM takes unless the account's quota was raised; white space is free. */
export const MOST_TRUST_CHARACTERS = 2048;

/** What IAM calls an issuer by: in ARNs and in condition keys. */
export const issuerName = (issuer: string): string => issuer.replace(/^https:\/\//, "");

/** A GitHub repository and which of its jobs are meant. */
export interface GithubJobs {
  /**
   * Issuer of the jobs' tokens, as a URL: an enterprise may have one of its own, and GitHub Enterprise Server has.
   * @default "https://token.actions.githubusercontent.com"
   */
  readonly issuer?: string | undefined;
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

/** The trust policy of a role that these jobs assume with their OIDC token, and nobody else. */
export function githubTrust(oidcProviderArn: string, jobs: GithubJobs): string {
  const issuer = issuerName(jobs.issuer ?? GITHUB_ISSUER);
  return policyDocument({
    sid: "AssumeFromGithubActions",
    actions: ["sts:AssumeRoleWithWebIdentity"],
    principal: { Federated: oidcProviderArn },
    conditions: {
      StringEquals: {
        [`${issuer}:aud`]: [STS_AUDIENCE],
        [`${issuer}:sub`]: oidcSubjects(jobs),
      },
    },
  });
}

/** The characters that IAM counts of the trust policy of these jobs. An account's number never changes how many. */
export function trustCharacters(jobs: GithubJobs): number {
  const arn = `arn:aws:iam::${"0".repeat(12)}:oidc-provider/${issuerName(jobs.issuer ?? GITHUB_ISSUER)}`;
  return githubTrust(arn, jobs).replaceAll(/\s/g, "").length;
}

/** How many of the branches, from the first on, fit a trust policy beside the GitHub environments. */
export function branchesThatFit(jobs: GithubJobs): number {
  const branches = jobs.branches ?? [];
  const fits = (count: number) =>
    trustCharacters({ ...jobs, branches: branches.slice(0, count) }) <= MOST_TRUST_CHARACTERS;
  const tooMany = branches.findIndex((_, i) => !fits(i + 1));
  return tooMany === -1 ? branches.length : tooMany;
}
