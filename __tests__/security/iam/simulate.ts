import { type IamStatement, statementsOf } from "../../../constructs/policy/iam-document";
import { fulfils, type RequestContext } from "./conditions";
import { matchesAction, matchesResource } from "./match";

/** What a role may do: policies that can be read, and the names of those that cannot. */
export interface Rights {
  /** JSON texts, every ARN in them known. */
  readonly policies: readonly string[];
  /** ARNs of AWS managed policies. They are not looked at: what they say is AWS's, and changes. */
  readonly attached: readonly string[];
}

export interface IamRequest {
  readonly action: string;
  /** ARN, or `*` for an action that concerns no resource. */
  readonly resource: string;
  readonly context?: RequestContext;
}

/**
 * `allow`: a policy that can be read allows it, and none denies it. `deny`: one denies it, or none allows it.
 * `unknown`: none allows it, but managed policies are attached, which may.
 */
export type Decision = "allow" | "deny" | "unknown";

/**
 * Decides as IAM does within one account where no resource policy, boundary or service control policy has a say: an
 * explicit denial wins, and what nothing allows is denied.
 *
 * @throws Error when a policy cannot be judged: it is malformed, or has an element whose meaning is not known here
 */
export function decide({ policies, attached }: Rights, request: IamRequest): Decision {
  const applying = policies.flatMap(statementsOf).filter((statement) => applies(statement, request));
  if (applying.some(({ effect }) => effect === "Deny")) return "deny";
  if (applying.some(({ effect }) => effect === "Allow")) return "allow";
  return attached.length > 0 ? "unknown" : "deny";
}

function applies(statement: IamStatement, { action, resource, context = {} }: IamRequest): boolean {
  const { actions, notActions, resources, notResources, principals, notPrincipals, conditions } = statement;
  if (notPrincipals || Object.keys(principals).length > 0) {
    throw new Error("an identity's policy names no principal");
  }
  // All three are asked, so that an unknown element is not hidden behind one that does not apply.
  return [
    concerns(actions, notActions, (pattern) => matchesAction(pattern, action)),
    concerns(resources, notResources, (pattern) => matchesResource(pattern, resource)),
    fulfils(conditions, context),
  ].every(Boolean);
}

/** A statement has either a list of what it concerns or a list of what it does not. */
function concerns(
  these: readonly string[],
  allButThese: readonly string[],
  matches: (pattern: string) => boolean,
): boolean {
  if (these.length > 0 === allButThese.length > 0) {
    throw new Error("a statement has either Action or NotAction, and either Resource or NotResource");
  }
  return these.length > 0 ? these.some(matches) : !allButThese.some(matches);
}
