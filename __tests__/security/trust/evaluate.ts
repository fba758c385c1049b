import { type IamStatement, statementsOf } from "../../../constructs/policy/iam-document";
import { fulfils, type RequestContext } from "../iam/conditions";
import { matchesAction } from "../iam/match";

/** Somebody who asks STS for a session of a role. */
export interface Caller {
  /** `Federated` with an identity provider's ARN, `Service` with a service's name, `AWS` with a role's ARN. */
  readonly kind: "Federated" | "Service" | "AWS";
  readonly name: string;
  readonly action: "sts:AssumeRoleWithWebIdentity" | "sts:AssumeRole";
  readonly context: RequestContext;
}

/** An OIDC token's claims, as far as AWS reads them. */
export interface TokenClaims {
  /** Host and path of the issuer, without `https://`. */
  readonly issuer: string;
  readonly audience: string;
  readonly subject: string;
}

/** Who a token's bearer is for an account: its provider for that issuer, if it has one. */
export function callerWithToken({ issuer, audience, subject }: TokenClaims, accountId: string): Caller {
  return {
    kind: "Federated",
    name: `arn:aws:iam::${accountId}:oidc-provider/${issuer}`,
    action: "sts:AssumeRoleWithWebIdentity",
    context: { [`${issuer}:aud`]: audience, [`${issuer}:sub`]: subject },
  };
}

/**
 * Whether a trust policy lets a caller in: a statement allows it and none denies it.
 *
 * @throws Error when the policy cannot be judged: it is malformed, or has an element whose meaning is not known here
 */
export function letsIn(trustPolicy: string, caller: Caller): boolean {
  const applying = statementsOf(trustPolicy).filter((statement) => applies(statement, caller));
  return (
    applying.some(({ effect }) => effect === "Allow") && !applying.some(({ effect }) => effect === "Deny")
  );
}

function applies(statement: IamStatement, caller: Caller): boolean {
  const { actions, notActions, notPrincipals, conditions } = statement;
  if (notActions.length > 0) throw new Error("NotAction is not known here");
  if (notPrincipals) throw new Error("NotPrincipal is not known here");
  // All three are asked, so that an unknown element is not hidden behind one that does not apply.
  return [
    actions.some((action) => matchesAction(action, caller.action)),
    isNamed(statement, caller),
    fulfils(conditions, caller.context),
  ].every(Boolean);
}

/** An account as principal means every role in it; the only wildcard is a whole `*`. */
function isNamed({ principals }: IamStatement, { kind, name }: Caller): boolean {
  if (principals["*"]) return true;
  return (principals[kind] ?? []).some((principal) => {
    if (principal === "*" || principal === name) return true;
    if (kind !== "AWS") return false;
    const account = /^(?:arn:aws:iam::)?(\d{12})(?::root)?$/.exec(principal)?.[1];
    return account !== undefined && name.startsWith(`arn:aws:iam::${account}:`);
  });
}
