import { show, showName } from "../../util/invalid-input";
import { listed } from "../../util/words";
import type { GithubApi } from "./github/api";
import { hasStatus, isRateLimit, messageOf } from "./github/failure";
import type { Repository } from "./github/shapes";
import type { ExperimentTarget } from "./target";

export interface PreflightResult {
  /** In words for a person, each with its fix; empty when all is there. */
  readonly problems: readonly string[];
  /** The branch whose workflow file runs. */
  readonly ref: string;
}

/**
 * Looks for everything that a run needs on GitHub, and reports all that is missing at once. Starts nothing.
 * Rejects only when GitHub cannot be reached.
 */
export async function preflight(
  api: GithubApi,
  target: ExperimentTarget,
  givenRef: string | undefined,
): Promise<PreflightResult> {
  const name = `${target.owner}/${target.repository}`;
  let repository: Repository;
  try {
    repository = await api.repository();
  } catch (error) {
    // Without the repository every other question gets the same answer.
    return { problems: [repositoryProblem(error, name, target.apiUrl)], ref: givenRef ?? "" };
  }
  const ref = givenRef ?? repository.default_branch;
  const misnamed = identityProblems(target, repository);
  const found = await Promise.all([
    // Whether it may dispatch is found out by a dispatch that cannot start: not in a repository that is misnamed.
    workflowProblems(api, target, name, repository, misnamed.length === 0),
    branchProblems(api, name, givenRef),
    variableProblems(api, target, name),
    subjectProblems(api, target, name),
  ]);
  const archived = repository.archived === true ? [`${name} is archived: nothing runs in it`] : [];
  return { problems: [...archived, ...misnamed, ...found.flat()], ref };
}

/** GitHub forgives a wrong case and a former name; the role's trust policy, which is made of them, does not. */
function identityProblems(target: ExperimentTarget, { full_name, id, owner }: Repository): string[] {
  const [login, name] = full_name.split("/");
  const wrong = (
    [
      ["github.owner", target.owner, login],
      ["github.repository", target.repository, name],
      ["github.ownerId", target.ownerId, owner.id],
      ["github.repositoryId", target.repositoryId, id],
    ] as const
  ).filter(([, written, right]) => written !== undefined && written !== right);
  if (wrong.length === 0) return [];
  const fixes = wrong.map(([prop, written, right]) => `${prop} ${show(right)} (not ${show(written)})`);
  return [
    `${target.environment} does not name the repository as GitHub does, and AWS compares the tokens of its jobs letter by letter: write ${listed(fixes)}, and deploy it again`,
  ];
}

function repositoryProblem(error: unknown, name: string, apiUrl: string): string {
  if (hasStatus(error, 401)) {
    return `the token is not valid at ${apiUrl} (expired, revoked, or of another server): make a new one`;
  }
  if (hasStatus(error, 403, 404) && !isRateLimit(error)) {
    return (
      `${name} is not visible to this token at ${apiUrl} (${messageOf(error)}): check github.owner and ` +
      "github.repository of the environment, and the repositories that the token may see" +
      (/\/api\/v3$|^https:\/\/api\./.test(apiUrl)
        ? ""
        : "; the API of GitHub Enterprise Server ends in /api/v3")
    );
  }
  throw error;
}

async function workflowProblems(
  api: GithubApi,
  { workflowFile, environment }: ExperimentTarget,
  name: string,
  repository: Repository,
  askDispatch: boolean,
): Promise<string[]> {
  try {
    const { state } = await api.workflow();
    const problems =
      state === "active"
        ? []
        : [
            `the workflow ${workflowFile} is ${state}: enable it with gh workflow enable ${workflowFile} --repo ${name}`,
          ];
    return [...problems, ...(await permissionProblems(api, name, repository, askDispatch))];
  } catch (error) {
    if (hasStatus(error, 404)) {
      return [
        `${name} has no workflow ${workflowFile} on its default branch: render it with npx buildx-on-eks workflow ${environment}, then commit and push it`,
        // Without the workflow only the repository's own answer shows the permission.
        ...(repository.permissions?.push === false ? [noWrite(name, "no write access")] : []),
      ];
    }
    if (!hasStatus(error, 401, 403) || isRateLimit(error)) throw error;
    return [`the token may not read the workflows of ${name} (${messageOf(error)}): give it Actions: write`];
  }
}

async function permissionProblems(
  api: GithubApi,
  name: string,
  repository: Repository,
  askDispatch: boolean,
): Promise<string[]> {
  if (repository.permissions?.push === false) return [noWrite(name, "no write access")];
  if (!askDispatch) return [];
  const { allowed, message } = await api.mayDispatch();
  return allowed ? [] : [noWrite(name, message)];
}

function noWrite(name: string, reason: string): string {
  return (
    `the token may not start workflows in ${name} (${reason}): a fine-grained token needs the repository permission ` +
    "Actions: write, a classic one the scope repo"
  );
}

async function branchProblems(api: GithubApi, name: string, ref: string | undefined): Promise<string[]> {
  if (ref === undefined) return [];
  try {
    return (await api.branchExists(ref)) ? [] : [`--ref: ${name} has no branch "${ref}"`];
  } catch (error) {
    // A token for Actions alone may not read branches; the dispatch reports a missing one.
    if (hasStatus(error, 403) && !isRateLimit(error)) return [];
    throw error;
  }
}

/** The subjects that a role of hosted jobs trusts are of the repository and the context. */
const TRUSTED_SUBJECT = ["repo", "context"];

async function subjectProblems(api: GithubApi, { configurations }: ExperimentTarget, name: string) {
  if (!configurations.some((configuration) => configuration.startsWith("hosted-"))) return [];
  const subject = await api.ownSubject();
  if (subject === undefined || subject.join() === TRUSTED_SUBJECT.join()) return [];
  return [
    `the tokens of jobs in ${name} have a subject of ${subject.map(showName).join(", ")}, and AWS lets in one of ${TRUSTED_SUBJECT.join(", ")}: gh api --method PUT repos/${name}/actions/oidc/customization/sub -F use_default=true`,
  ];
}

async function variableProblems(
  api: GithubApi,
  { requiredVariables, environment }: ExperimentTarget,
  name: string,
): Promise<string[]> {
  if (requiredVariables.length === 0) return [];
  try {
    const present = new Set((await api.variableNames()).map((variable) => variable.toUpperCase()));
    const missing = requiredVariables.filter((variable) => !present.has(variable.toUpperCase()));
    if (missing.length === 0) return [];
    return [
      `${name} lacks the ${missing.length === 1 ? "variable" : "variables"} ${missing.join(", ")}: ` +
        `set them with the lines that npx buildx-on-eks workflow ${environment} --variables prints`,
    ];
  } catch (error) {
    if (!hasStatus(error, 401, 403, 404) || isRateLimit(error)) throw error;
    return [`the token may not read the variables of ${name} (${messageOf(error)}): give it Variables: read`];
  }
}
