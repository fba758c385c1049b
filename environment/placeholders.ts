import { needsOf } from "./configurations";
import type { Environment } from "./environment";

/** The account that AWS uses in its documentation. */
const EXAMPLE_ACCOUNT = "111122223333";
const EXAMPLE_OWNER = "your-organization";
const EXAMPLE_ID = 1;

/** Props that still hold the example's values, in words. An environment can be looked at with them, not deployed. */
export function placeholdersIn({ accountId, github, clusterAdmins, configurations }: Environment): string[] {
  const needs = needsOf(configurations);
  const found: string[] = [];
  if (accountId === EXAMPLE_ACCOUNT) found.push(`accountId (${EXAMPLE_ACCOUNT})`);
  if (github.owner === EXAMPLE_OWNER) found.push(`github.owner (${EXAMPLE_OWNER})`);
  if (needs.runners && github.app?.id === EXAMPLE_ID) found.push(`github.app.id (${EXAMPLE_ID})`);
  if (needs.runners && github.app?.installationId === EXAMPLE_ID) {
    found.push(`github.app.installationId (${EXAMPLE_ID})`);
  }
  if (needs.cluster && clusterAdmins.some((arn) => arn.includes(`::${EXAMPLE_ACCOUNT}:`))) {
    found.push(`clusterAdmins (${EXAMPLE_ACCOUNT})`);
  }
  return found;
}

/** Those ARNs of IAM that are of another account; an example's value is of no account yet. */
export const ofOtherAccounts = (arns: readonly string[], accountId: string): string[] =>
  accountId === EXAMPLE_ACCOUNT
    ? []
    : arns.filter((arn) => ![accountId, EXAMPLE_ACCOUNT].some((account) => arn.includes(`::${account}:`)));
