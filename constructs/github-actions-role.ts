import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { Construct } from "constructs";
import {
  type GithubJobs,
  githubTrust,
  MOST_TRUST_CHARACTERS,
  oidcSubjects,
  trustCharacters,
} from "./github-trust";
import { atMost, validate } from "./validation";

export interface GithubActionsRoleProps {
  /** Name in IAM, at most 64 characters. */
  readonly roleName: string;
  /** ARN of the account's OIDC provider for the issuer of the jobs' tokens. */
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
    const characters = trustCharacters(props.jobs);
    validate(
      this,
      atMost(64, "roleName", props.roleName),
      [subjects.length > 0, "jobs must name a branch or a GitHub environment, or no job can assume the role"],
      [
        !props.jobs.branches?.some((branch) => branch.startsWith("refs/")),
        `branches must be names without refs/heads/; got ${JSON.stringify(props.jobs.branches)}`,
      ],
      [
        characters <= MOST_TRUST_CHARACTERS,
        `jobs must fit a trust policy of ${MOST_TRUST_CHARACTERS} characters; got ${subjects.length} subjects, which take ${characters}. Name fewer branches`,
      ],
    );
    this.resource = new IamRole(this, "role", {
      name: props.roleName,
      description: `Assumed by hosted jobs of ${props.jobs.owner}/${props.jobs.repository}`,
      maxSessionDuration: 3600,
      assumeRolePolicy: githubTrust(props.oidcProviderArn, props.jobs),
    });
  }

  get roleArn(): string {
    return this.resource.arn;
  }

  get roleName(): string {
    return this.resource.name;
  }
}
