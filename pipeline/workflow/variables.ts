import { z } from "zod";
import { needsOf } from "../../environment/configurations";
import type { Environment } from "../../environment/environment";
import { InvalidInput } from "../../util/invalid-input";

/**
 * Repository variables that a workflow reads: what AWS gives out at deploy, and what would write the account's number
 * into the repository.
 */
export interface VariableNames {
  /** URL of the image repository in ECR. */
  readonly imageRepository: string;
  /** ARN of the role that hosted jobs assume. */
  readonly hostedRole: string;
}

export function variableNames(environment: string): VariableNames {
  const prefix = `BUILDX_${environment.toUpperCase().replaceAll("-", "_")}`;
  return { imageRepository: `${prefix}_IMAGE_REPOSITORY`, hostedRole: `${prefix}_HOSTED_ROLE_ARN` };
}

/** The variables that an environment's workflow cannot do without. */
export function requiredVariables({ name, configurations }: Environment): string[] {
  const names = variableNames(name);
  return needsOf(configurations).hostedRole
    ? [names.imageRepository, names.hostedRole]
    : [names.imageRepository];
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
  const { name, github, images } = environment;
  const outputs = new Map(Object.entries(readOutputs(outputsJson, name))).get(`${name}-registry`);
  const image = images.repositories[0] ?? "";
  // A repository may be called like something that every object has, such as "constructor".
  const url = new Map(Object.entries(outputs?.repository_urls ?? {})).get(image);
  const role = outputs?.hosted_role_arn;
  const needsRole = needsOf(environment.configurations).hostedRole;
  if (url === undefined || (needsRole && role === undefined)) {
    throw new InvalidInput("The outputs are not those of a deployed environment.", [
      `they must hold ${name}-registry with repository_urls.${image}${needsRole ? " and hosted_role_arn" : ""}. Write them: npx cdktf output ${name}-registry --outputs-file outputs.json`,
    ]);
  }
  const names = variableNames(name);
  const set = (variable: string, value: string) =>
    `gh variable set ${variable} --repo ${github.owner}/${github.repository} --body '${value}'`;
  return [
    set(names.imageRepository, url),
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
