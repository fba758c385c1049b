import type { Environment } from "../../environment/environment";
import { ACTIONS, uses } from "./toolchain";
import { variableNames } from "./variables";

/** A step of a job, as GitHub reads it. */
export type Step = Readonly<Record<string, unknown>>;

/** The code of the commit; its token is not left in the checkout. */
export const checkOut: Step = {
  name: "Check out",
  uses: uses(ACTIONS.checkout),
  with: { "persist-credentials": false },
};

/** Credentials of the role of hosted jobs, through OIDC: no key is stored anywhere. */
export function assumeRole(environment: Environment): Step {
  return {
    name: "Assume the role of hosted jobs",
    uses: uses(ACTIONS.awsCredentials),
    with: {
      "role-to-assume": `\${{ vars.${variableNames(environment).hostedRole} }}`,
      "aws-region": environment.region,
      "mask-aws-account-id": true,
    },
  };
}
