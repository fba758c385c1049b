import type { EnvironmentInput } from "../../../environment/environment";
import type { TokenClaims } from "./evaluate";

export type TrustSetupId = "branch" | "branch-ids" | "branches-ids" | "environment-ids";

/** Settings under `github` of an environment whose trust is tested. */
export interface TrustSetup {
  readonly id: TrustSetupId;
  /** What it trusts, in words. */
  readonly words: string;
  readonly github: EnvironmentInput["github"];
}

const REPOSITORY = { owner: "acme", repository: "images", app: { id: 4711, installationId: 815 } };
const IDS = { ownerId: 1001, repositoryId: 2002 };

export const TRUST_SETUPS: readonly TrustSetup[] = [
  {
    id: "branch",
    words: "acme/images, branch main, without ids",
    github: { ...REPOSITORY, branches: ["main"] },
  },
  {
    id: "branch-ids",
    words: "acme/images, branch main, with ids 1001 and 2002",
    github: { ...REPOSITORY, ...IDS, branches: ["main"] },
  },
  {
    id: "branches-ids",
    words: "acme/images, branches main and release/1.x, with ids",
    github: { ...REPOSITORY, ...IDS, branches: ["main", "release/1.x"] },
  },
  {
    id: "environment-ids",
    words: "acme/images, GitHub environment production and no branch, with ids",
    github: { ...REPOSITORY, ...IDS, branches: [], deploymentEnvironments: ["production"] },
  },
];

/** A token and which setups let its bearer in. */
export interface TrustCase {
  readonly id: string;
  /** Who comes, in words. */
  readonly words: string;
  readonly token: TokenClaims;
  /** Setups that let it in; all others do not. */
  readonly admittedBy: readonly TrustSetupId[];
  readonly why: string;
}

export const GITHUB = "token.actions.githubusercontent.com";
const STS = "sts.amazonaws.com";
const OLD = "repo:acme/images";
const NEW = "repo:acme@1001/images@2002";
const MAIN = "ref:refs/heads/main";

const token = (subject: string, change: Partial<TokenClaims> = {}): TokenClaims => ({
  issuer: GITHUB,
  audience: STS,
  subject,
  ...change,
});
const admitted = (
  id: string,
  words: string,
  subject: string,
  admittedBy: readonly TrustSetupId[],
  why: string,
): TrustCase => ({ id, words, token: token(subject), admittedBy, why });
const refused = (id: string, words: string, subject: string, why: string): TrustCase => ({
  id,
  words,
  token: token(subject),
  admittedBy: [],
  why,
});

export const TRUST_CASES: readonly TrustCase[] = [
  admitted(
    "main",
    "a job on the named branch, subject without ids",
    `${OLD}:${MAIN}`,
    ["branch", "branch-ids", "branches-ids"],
    "The subject is named letter by letter.",
  ),
  admitted(
    "main-ids",
    "a job on the named branch, subject with ids",
    `${NEW}:${MAIN}`,
    ["branch-ids", "branches-ids"],
    "Named where the ids are given; a setup without ids knows the other form only.",
  ),
  admitted(
    "second-branch",
    "a job on the second branch, subject without ids",
    `${OLD}:ref:refs/heads/release/1.x`,
    ["branches-ids"],
    "One of several values is enough.",
  ),
  admitted(
    "second-branch-ids",
    "a job on the second branch, subject with ids",
    `${NEW}:ref:refs/heads/release/1.x`,
    ["branches-ids"],
    "One of several values is enough.",
  ),
  admitted(
    "environment",
    "a job in the named GitHub environment, subject without ids",
    `${OLD}:environment:production`,
    ["environment-ids"],
    "Its subject names the environment instead of the branch.",
  ),
  admitted(
    "environment-ids",
    "a job in the named GitHub environment, subject with ids",
    `${NEW}:environment:production`,
    ["environment-ids"],
    "Its subject names the environment instead of the branch.",
  ),
  refused(
    "other-environment",
    "a job in another GitHub environment",
    `${OLD}:environment:staging`,
    "Another environment has other reviewers.",
  ),
  refused(
    "environment-with-suffix",
    "a job in an environment whose name begins alike",
    `${NEW}:environment:production-test`,
    "Values are compared whole.",
  ),
  refused(
    "environment-named-like-branch",
    "a job in an environment named like the branch",
    `${OLD}:environment:main`,
    "A branch and an environment differ in their subject.",
  ),
  refused(
    "branch-named-like-environment",
    "a job on a branch named like the environment",
    `${OLD}:ref:refs/heads/production`,
    "A branch and an environment differ in their subject.",
  ),
  refused(
    "other-owner",
    "the same repository name of another owner",
    `repo:evil/images:${MAIN}`,
    "The owner is named.",
  ),
  refused(
    "owner-with-suffix",
    "an owner whose name begins alike",
    `repo:acme-evil/images:${MAIN}`,
    "Values are compared whole.",
  ),
  refused(
    "owner-with-prefix",
    "an owner whose name ends alike",
    `repo:evil-acme/images:${MAIN}`,
    "Values are compared whole.",
  ),
  refused(
    "other-repository",
    "another repository of the owner",
    `repo:acme/website:${MAIN}`,
    "The repository is named.",
  ),
  refused(
    "repository-with-suffix",
    "a repository whose name begins alike",
    `repo:acme/images-2:${MAIN}`,
    "Values are compared whole.",
  ),
  refused(
    "repository-with-prefix",
    "a repository whose name ends alike",
    `repo:acme/my-images:${MAIN}`,
    "Values are compared whole.",
  ),
  refused("other-branch", "a job on another branch", `${OLD}:ref:refs/heads/feature`, "The branch is named."),
  refused(
    "other-branch-ids",
    "a job on another branch, subject with ids",
    `${NEW}:ref:refs/heads/feature`,
    "The branch is named.",
  ),
  refused(
    "branch-with-suffix",
    "a branch whose name begins alike",
    `${OLD}:ref:refs/heads/main-2`,
    "Values are compared whole.",
  ),
  refused(
    "branch-below",
    "a branch below the branch's name",
    `${OLD}:ref:refs/heads/main/evil`,
    "Values are compared whole.",
  ),
  refused(
    "branch-above",
    "the second branch without its end",
    `${NEW}:ref:refs/heads/release`,
    "Values are compared whole.",
  ),
  refused(
    "branch-like-second",
    "a branch that a dot as a pattern would match",
    `${NEW}:ref:refs/heads/release/1-x`,
    "A dot is a dot.",
  ),
  refused(
    "tag",
    "a tag named like the branch",
    `${OLD}:ref:refs/tags/main`,
    "Whoever may push tags need not be who may push the branch.",
  ),
  refused(
    "tag-ids",
    "a tag named like the branch, subject with ids",
    `${NEW}:ref:refs/tags/main`,
    "Whoever may push tags need not be who may push the branch.",
  ),
  refused(
    "pull-request",
    "a pull request of the repository",
    `${OLD}:pull_request`,
    "Nobody has reviewed it yet.",
  ),
  refused(
    "pull-request-ids",
    "a pull request of the repository, subject with ids",
    `${NEW}:pull_request`,
    "Nobody has reviewed it yet.",
  ),
  refused(
    "pull-request-merge-ref",
    "a pull request's merge commit as a ref",
    `${OLD}:ref:refs/pull/7/merge`,
    "Nobody has reviewed it yet.",
  ),
  refused(
    "fork",
    "a job of a fork, on its own branch main",
    `repo:mallory/images:${MAIN}`,
    "A fork has an owner of its own.",
  ),
  refused(
    "fork-pull-request",
    "a pull request within a fork",
    "repo:mallory/images:pull_request",
    "A fork has an owner of its own.",
  ),
  refused(
    "fork-ids",
    "a job of a fork, subject with ids",
    `repo:mallory@6666/images@7777:${MAIN}`,
    "A fork has ids of its own.",
  ),
  refused(
    "upper-case-owner",
    "the owner in capitals",
    `repo:ACME/images:${MAIN}`,
    "StringEquals minds the case.",
  ),
  refused(
    "upper-case-repository",
    "the repository with a capital",
    `repo:acme/Images:${MAIN}`,
    "StringEquals minds the case.",
  ),
  refused(
    "upper-case-branch",
    "the branch with a capital",
    `${OLD}:ref:refs/heads/Main`,
    "StringEquals minds the case: Git's branches do too.",
  ),
  refused(
    "upper-case-environment",
    "the environment with a capital",
    `${OLD}:environment:Production`,
    "StringEquals minds the case.",
  ),
  refused(
    "upper-case-prefix",
    "the subject's first word in capitals",
    `REPO:acme/images:${MAIN}`,
    "StringEquals minds the case.",
  ),
  refused(
    "recreated-repository",
    "a repository deleted and made anew under its name: another repository id",
    `repo:acme@1001/images@9999:${MAIN}`,
    "The name is the same, the repository is not.",
  ),
  refused(
    "recreated-owner",
    "an owner's name that somebody else took: another owner id",
    `repo:acme@9999/images@2002:${MAIN}`,
    "The name is the same, the owner is not.",
  ),
  refused(
    "renamed-repository",
    "the repository after it was renamed: the same ids, another name",
    `repo:acme@1001/pictures@2002:${MAIN}`,
    "Both the name and the id are named; a rename takes a change of the environment.",
  ),
  refused(
    "ids-swapped",
    "owner and repository id swapped",
    `repo:acme@2002/images@1001:${MAIN}`,
    "Each id has its place.",
  ),
  refused(
    "owner-id-only",
    "a subject with the owner's id only",
    `repo:acme@1001/images:${MAIN}`,
    "GitHub sends both ids or none.",
  ),
  refused(
    "ids-without-names",
    "a subject with ids instead of names",
    `repo:1001/2002:${MAIN}`,
    "The subject is named letter by letter.",
  ),
  refused(
    "id-with-suffix",
    "an id that begins alike",
    `repo:acme@1001/images@20020:${MAIN}`,
    "Values are compared whole.",
  ),
  refused("trailing-space", "a space at the end", `${OLD}:${MAIN} `, "Values are compared whole."),
  refused("trailing-newline", "a line break at the end", `${OLD}:${MAIN}\n`, "Values are compared whole."),
  refused("trailing-slash", "a slash at the end", `${OLD}:${MAIN}/`, "Values are compared whole."),
  refused(
    "trailing-claims",
    "a further part at the end",
    `${OLD}:${MAIN}:job_workflow_ref:x`,
    "Values are compared whole.",
  ),
  refused("leading-space", "a space at the beginning", ` ${OLD}:${MAIN}`, "Values are compared whole."),
  refused(
    "wildcard-branch",
    "a wildcard for the branch in the token",
    `${OLD}:ref:refs/heads/*`,
    "A token's wildcard is a character.",
  ),
  refused("wildcard-subject", "a subject that is a wildcard", "*", "A token's wildcard is a character."),
  refused(
    "wildcard-repository",
    "a wildcard for the repository in the token",
    `repo:acme/*:${MAIN}`,
    "A token's wildcard is a character.",
  ),
  refused(
    "question-mark",
    "a wildcard for one character in the token",
    `repo:acme/image?:${MAIN}`,
    "A token's wildcard is a character.",
  ),
  refused("empty-subject", "an empty subject", "", "Nothing is named by nothing."),
  refused("repository-alone", "the repository without a branch", OLD, "Values are compared whole."),
  refused(
    "homoglyph",
    "an owner whose name looks alike (Cyrillic а)",
    `repo:\u0430cme/images:${MAIN}`,
    "Characters are compared, not their looks.",
  ),
  {
    id: "wrong-audience",
    words: "the right subject with another audience",
    token: token(`${OLD}:${MAIN}`, { audience: "https://github.com/acme" }),
    admittedBy: [],
    why: "The token was made for somebody else, who could pass it on.",
  },
  {
    id: "wrong-audience-ids",
    words: "the right subject with ids and another audience",
    token: token(`${NEW}:${MAIN}`, { audience: "sigstore" }),
    admittedBy: [],
    why: "The token was made for somebody else, who could pass it on.",
  },
  {
    id: "audience-upper-case",
    words: "the audience in capitals",
    token: token(`${OLD}:${MAIN}`, { audience: STS.toUpperCase() }),
    admittedBy: [],
    why: "StringEquals minds the case.",
  },
  {
    id: "empty-audience",
    words: "no audience",
    token: token(`${OLD}:${MAIN}`, { audience: "" }),
    admittedBy: [],
    why: "The audience is named.",
  },
  {
    id: "wrong-issuer",
    words: "the right subject from another issuer",
    token: token(`${OLD}:${MAIN}`, { issuer: "gitlab.com" }),
    admittedBy: [],
    why: "The provider is named, and so is the prefix of the claims.",
  },
  {
    id: "enterprise-issuer",
    words: "the right subject from an enterprise's own issuer",
    token: token(`${OLD}:${MAIN}`, { issuer: `${GITHUB}/acme` }),
    admittedBy: [],
    why: "The provider is named with its path.",
  },
  {
    id: "issuer-with-suffix",
    words: "an issuer whose name begins alike",
    token: token(`${OLD}:${MAIN}`, { issuer: `${GITHUB}.evil.example` }),
    admittedBy: [],
    why: "The provider is named whole.",
  },
];
