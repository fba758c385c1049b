import type { EnvironmentInput } from "../../../environment/environment";
import type { TokenClaims } from "./evaluate";

const REPOSITORY = { owner: "acme", repository: "images", app: { id: 4711, installationId: 815 } };
const IDS = { ownerId: 1001, repositoryId: 2002 };

/** Settings under `github` of environments whose trust is tested. */
export const TRUST_SETUPS = {
  "branch main, without ids": { ...REPOSITORY, branches: ["main"] },
  "branch main, with ids": { ...REPOSITORY, ...IDS, branches: ["main"] },
  "branches main and release/1.x, with ids": { ...REPOSITORY, ...IDS, branches: ["main", "release/1.x"] },
  "GitHub environment production and no branch, with ids": {
    ...REPOSITORY,
    ...IDS,
    branches: [],
    deploymentEnvironments: ["production"],
  },
} as const satisfies Record<string, EnvironmentInput["github"]>;
export type TrustSetup = keyof typeof TRUST_SETUPS;

export const GITHUB = "token.actions.githubusercontent.com";
const STS = "sts.amazonaws.com";
const OLD = "repo:acme/images";
const NEW = "repo:acme@1001/images@2002";
const MAIN = "ref:refs/heads/main";

/** Who comes, the subject of its token, and what else the token has that a job's has not. */
type Row = readonly [words: string, subject: string, change?: Partial<TokenClaims>];

export const tokenOf = ([, subject, change]: Row): TokenClaims => ({
  issuer: GITHUB,
  audience: STS,
  subject,
  ...change,
});

/** Tokens that are let in, and by which environments. */
export const ADMITTED: readonly (readonly [Row, readonly TrustSetup[]])[] = [
  [
    ["the branch main, subject without ids", `${OLD}:${MAIN}`],
    ["branch main, without ids", "branch main, with ids", "branches main and release/1.x, with ids"],
  ],
  [
    ["the branch main, subject with ids", `${NEW}:${MAIN}`],
    ["branch main, with ids", "branches main and release/1.x, with ids"],
  ],
  [
    ["the second branch, subject without ids", `${OLD}:ref:refs/heads/release/1.x`],
    ["branches main and release/1.x, with ids"],
  ],
  [
    ["the second branch, subject with ids", `${NEW}:ref:refs/heads/release/1.x`],
    ["branches main and release/1.x, with ids"],
  ],
  [
    ["the GitHub environment, subject without ids", `${OLD}:environment:production`],
    ["GitHub environment production and no branch, with ids"],
  ],
  [
    ["the GitHub environment, subject with ids", `${NEW}:environment:production`],
    ["GitHub environment production and no branch, with ids"],
  ],
];

/** Tokens that no environment lets in. */
export const REFUSED: readonly Row[] = [
  ["another GitHub environment", `${OLD}:environment:staging`],
  ["an environment whose name begins alike", `${NEW}:environment:production-test`],
  ["an environment with the branch's name", `${OLD}:environment:main`],
  ["a branch with the environment's name", `${OLD}:ref:refs/heads/production`],
  ["another owner", `repo:evil/images:${MAIN}`],
  ["an owner whose name begins alike", `repo:acme-evil/images:${MAIN}`],
  ["an owner whose name ends alike", `repo:evil-acme/images:${MAIN}`],
  ["another repository", `repo:acme/website:${MAIN}`],
  ["a repository whose name begins alike", `repo:acme/images-2:${MAIN}`],
  ["a repository whose name ends alike", `repo:acme/my-images:${MAIN}`],
  ["another branch", `${OLD}:ref:refs/heads/feature`],
  ["another branch, with ids", `${NEW}:ref:refs/heads/feature`],
  ["a branch whose name begins alike", `${OLD}:ref:refs/heads/main-2`],
  ["a branch below the branch's name", `${OLD}:ref:refs/heads/main/evil`],
  ["the second branch without its end", `${NEW}:ref:refs/heads/release`],
  ["a branch that a dot as a pattern would match", `${NEW}:ref:refs/heads/release/1-x`],
  ["a tag with the branch's name", `${OLD}:ref:refs/tags/main`],
  ["a tag with the branch's name, with ids", `${NEW}:ref:refs/tags/main`],
  ["a pull request", `${OLD}:pull_request`],
  ["a pull request, with ids", `${NEW}:pull_request`],
  ["the merge commit of a pull request", `${OLD}:ref:refs/pull/7/merge`],
  ["a fork, on its own branch main", `repo:mallory/images:${MAIN}`],
  ["a fork, with ids", `repo:mallory@6666/images@7777:${MAIN}`],
  ["the owner in capitals", `repo:ACME/images:${MAIN}`],
  ["the repository with a capital", `repo:acme/Images:${MAIN}`],
  ["the branch with a capital", `${OLD}:ref:refs/heads/Main`],
  ["the environment with a capital", `${OLD}:environment:Production`],
  ["the first word in capitals", `REPO:acme/images:${MAIN}`],
  ["a repository made anew under its name", `repo:acme@1001/images@9999:${MAIN}`],
  ["an owner's name that another took", `repo:acme@9999/images@2002:${MAIN}`],
  ["the repository after a rename", `repo:acme@1001/pictures@2002:${MAIN}`],
  ["swapped ids", `repo:acme@2002/images@1001:${MAIN}`],
  ["the owner's id only", `repo:acme@1001/images:${MAIN}`],
  ["ids instead of names", `repo:1001/2002:${MAIN}`],
  ["an id that begins alike", `repo:acme@1001/images@20020:${MAIN}`],
  ["a space at the end", `${OLD}:${MAIN} `],
  ["a line break at the end", `${OLD}:${MAIN}\n`],
  ["a slash at the end", `${OLD}:${MAIN}/`],
  ["a further part at the end", `${OLD}:${MAIN}:job_workflow_ref:x`],
  ["a space at the beginning", ` ${OLD}:${MAIN}`],
  ["a wildcard for the branch", `${OLD}:ref:refs/heads/*`],
  ["a wildcard for everything", "*"],
  ["a wildcard for the repository", `repo:acme/*:${MAIN}`],
  ["a wildcard for one character", `repo:acme/image?:${MAIN}`],
  ["an empty subject", ""],
  ["the repository without a branch", OLD],
  ["an owner that looks alike (Cyrillic)", `repo:\u0430cme/images:${MAIN}`],
  ["another audience", `${OLD}:${MAIN}`, { audience: "https://github.com/acme" }],
  ["another audience, with ids", `${NEW}:${MAIN}`, { audience: "sigstore" }],
  ["the audience in capitals", `${OLD}:${MAIN}`, { audience: STS.toUpperCase() }],
  ["no audience", `${OLD}:${MAIN}`, { audience: "" }],
  ["another issuer", `${OLD}:${MAIN}`, { issuer: "gitlab.com" }],
  ["an enterprise's own issuer", `${OLD}:${MAIN}`, { issuer: `${GITHUB}/acme` }],
  ["an issuer whose name begins alike", `${OLD}:${MAIN}`, { issuer: `${GITHUB}.evil.example` }],
];
