import { z } from "zod";
import { needsOf } from "../../environment/configurations";
import type { Environment } from "../../environment/environment";
import { githubOf, isGithubCom } from "../../environment/github-host";
import { variableWord } from "../../environment/names";
import { InvalidInput } from "../../util/invalid-input";

/**
 * Repository variables that a workflow reads: what AWS gives out at deploy, and what would write the account's number
 * into the repository.
 */
export interface VariableNames {
  /** URL of each image repository in ECR, by its name. */
  readonly imageRepositories: ReadonlyMap<string, string>;
  /** ARN of the role that hosted jobs assume. */
  readonly hostedRole: string;
}

export function variableNames({ name, images }: Pick<Environment, "name" | "images">): VariableNames {
  const prefix = `BUILDX_${variableWord(name)}`;
  const { repositories } = images;
  return {
    imageRepositories: new Map(
      repositories.map((repository) => [
        repository,
        // Of several none is the plain one: a list in another order must not push to another repository.
        `${prefix}_IMAGE_REPOSITORY${repositories.length > 1 ? `_${variableWord(repository)}` : ""}`,
      ]),
    ),
    hostedRole: `${prefix}_HOSTED_ROLE_ARN`,
  };
}

/** The variables that an environment's workflow cannot do without. */
export function requiredVariables(environment: Environment): string[] {
  const { imageRepositories, hostedRole } = variableNames(environment);
  const needsRole = needsOf(environment.configurations).hostedRole;
  return [...imageRepositories.values(), ...(needsRole ? [hostedRole] : [])];
}

/** URLs and ARNs have nothing else in them; what is printed is meant for a shell. */
const plain = z.string().regex(/^[\w.:/+=,@-]+$/);
const outputsSchema = z.record(
  z.string(),
  z.object({ hosted_role_arn: plain, repository_urls: z.record(z.string(), plain) }).partial(),
);

/**
 * Commands that set an environment's variables, from what `cdktf output --outputs-file` wrote.
 *
 * @throws InvalidInput when the outputs are not those of this environment's registry stack
 */
export function setVariables(environment: Environment, outputsJson: string): string[] {
  const { name, github } = environment;
  const outputs = new Map(Object.entries(readOutputs(outputsJson, name))).get(`${name}-registry`);
  const names = variableNames(environment);
  // A repository may be called like something that every object has, such as "constructor".
  const urls = new Map(Object.entries(outputs?.repository_urls ?? {}));
  const missing = [...names.imageRepositories.keys()].filter((image) => !urls.has(image));
  const role = outputs?.hosted_role_arn;
  const needsRole = needsOf(environment.configurations).hostedRole;
  if (missing.length > 0 || (needsRole && role === undefined)) {
    throw new InvalidInput("The outputs are not those of a deployed environment.", [
      `they must hold ${name}-registry with ${(missing.length > 0 ? missing : [...names.imageRepositories.keys()]).map((image) => `repository_urls.${image}`).join(", ")}${needsRole ? " and hosted_role_arn" : ""}. Write them: npx cdktf output ${name}-registry --outputs-file outputs.json`,
    ]);
  }
  const host = isGithubCom(github.issuer) ? "" : `${new URL(githubOf(github.issuer).url).host}/`;
  const set = (variable: string, value: string) =>
    `gh variable set ${variable} --repo ${host}${github.owner}/${github.repository} --body '${value}'`;
  return [
    ...[...names.imageRepositories].map(([image, variable]) => set(variable, urls.get(image) ?? "")),
    ...(needsRole && role !== undefined ? [set(names.hostedRole, role)] : []),
  ];
}

function readOutputs(json: string, name: string) {
  try {
    return outputsSchema.parse(JSON.parse(json));
  } catch {
    throw new InvalidInput("The outputs cannot be read.", [
      `they must be what this writes: npx cdktf output ${name}-registry --outputs-file outputs.json`,
    ]);
  }
}
