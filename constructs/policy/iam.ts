import { type IamStatement, nameOf, statementsOf } from "./iam-document";
import { eachObject } from "./pods";
import type { RenderedResource } from "./rendered-stack";
import type { Finding, PolicyRule } from "./rule";
import { blocks, isExpression, isValues, listOf, shown, type Value, type Values, walk } from "./values";

/** Actions that concern no resource: IAM takes only `*` for them. */
export const ACTIONS_WITHOUT_RESOURCE: Readonly<Record<string, string>> = {
  "ecr:GetAuthorizationToken": "The login token is not bound to a repository.",
};

/** AWS's own policies that roles may hold, by ARN without `arn:aws:iam::aws:policy/`. */
export const MANAGED_POLICIES: Readonly<Record<string, string>> = {
  AmazonEKSClusterPolicy: "The control plane: network interfaces and load balancers of its cluster.",
  AmazonEKSWorkerNodePolicy: "Nodes: find their cluster.",
  AmazonEC2ContainerRegistryPullOnly: "Nodes: pull images.",
  AmazonEKS_CNI_Policy: "The VPC CNI: network interfaces of pods.",
  "service-role/AmazonEBSCSIDriverPolicy": "The EBS CSI driver: volumes of builders.",
};
const MANAGED_PREFIX = "arn:aws:iam::aws:policy/";

type Kind = "identity" | "resource" | "trust";

interface PolicyText {
  readonly kind: Kind;
  /** Path of the attribute. */
  readonly path: string;
  readonly value: string;
}

/** Attributes that hold a policy by their name; a value that is JSON with statements is one under any name. */
const POLICY_ATTRIBUTES = ["policy", "assume_role_policy", "policy_document", "access_policy"];

function policiesOf({ type, body }: RenderedResource): PolicyText[] {
  if (!type.startsWith("aws_")) return [];
  return [...walk(body as Value)].flatMap(({ path, key, value }) => {
    if (typeof value !== "string") return [];
    const isPolicy =
      /"Statement"\s*:/.test(value) || (POLICY_ATTRIBUTES.includes(key) && !isOtherJson(value));
    if (!isPolicy) return [];
    const kind: Kind =
      key === "assume_role_policy" ? "trust" : type.startsWith("aws_iam_") ? "identity" : "resource";
    return [{ kind, path, value }];
  });
}

/** Such as the lifecycle policy of an image repository. */
function isOtherJson(value: string): boolean {
  try {
    const json = JSON.parse(value) as Value;
    return isValues(json) && json.Statement === undefined;
  } catch {
    return false;
  }
}

/** Policies of a resource that cannot be read before they are applied, and why. */
export function unreadablePolicies(
  resource: RenderedResource,
): { readonly path: string; readonly why: string }[] {
  return policiesOf(resource).flatMap(({ path, value }) => {
    try {
      statementsOf(value);
      return [];
    } catch (error) {
      return [{ path, why: (error as Error).message }];
    }
  });
}

/** Runs a check on every statement of every policy of a resource that can be read. */
function eachStatement(
  resource: RenderedResource,
  check: (statement: IamStatement, kind: Kind) => readonly Finding[],
): Finding[] {
  const unreadable = unreadablePolicies(resource).map(({ path }) => path);
  return policiesOf(resource)
    .filter(({ path }) => !unreadable.includes(path))
    .flatMap(({ kind, path, value }) =>
      statementsOf(value).flatMap((statement, i) =>
        check(statement, kind).map(({ what, fix }) => ({
          what: `${nameOf(statement, i)} of ${path} ${what}`,
          fix,
        })),
      ),
    );
}

/** A reference to a resource is no wildcard; a variable or an expression may be one. */
const hasWildcard = (text: string) =>
  /[*?]|\$\{/.test(text.replace(/\$\{(?!var\.|local\.)[\w.-]+(?:\[\d+\][\w.-]*)*\}/g, ""));

const wildcardAction: PolicyRule = {
  id: "policy/iam-wildcard-action",
  demands: "An IAM policy names each action that it allows.",
  check: (resource) =>
    eachStatement(resource, ({ effect, actions, notActions }) => {
      if (effect === "Deny") return [];
      const wild = actions.filter(hasWildcard);
      return [
        ...(notActions.length > 0
          ? [{ what: "allows everything but some actions", fix: "Name the actions it needs in Action" }]
          : []),
        ...(wild.length > 0
          ? [{ what: `allows the actions ${wild.join(", ")}`, fix: "Name each action" }]
          : []),
      ];
    }),
};

const wildcardResource: PolicyRule = {
  id: "policy/iam-wildcard-resource",
  demands: `An IAM policy names each resource on which it allows something; only ${Object.keys(ACTIONS_WITHOUT_RESOURCE).join(", ")} concerns none.`,
  check: (resource) =>
    eachStatement(resource, ({ effect, actions, resources, notResources }) => {
      if (effect === "Deny") return [];
      const concernsNone = actions.every((action) => Object.hasOwn(ACTIONS_WITHOUT_RESOURCE, action));
      // In a key's own policy `*` is that key.
      const isOwnPolicy = resource.type.startsWith("aws_kms_key");
      const wide = resources.filter(
        (name) => hasWildcard(name) && !(name === "*" && (concernsNone || isOwnPolicy)),
      );
      return [
        ...(notResources.length > 0
          ? [{ what: "allows everything but some resources", fix: "Name the resources it needs in Resource" }]
          : []),
        ...(wide.length > 0
          ? [
              {
                what: `allows ${actions.join(", ")} on ${wide.join(", ")}`,
                fix: "Name each resource by its ARN",
              },
            ]
          : []),
      ];
    }),
};

const principal: PolicyRule = {
  id: "policy/iam-principal",
  demands:
    "A trust or resource policy names exactly whom it lets in; tokens of an identity provider are held by equality to an audience and to subjects.",
  check: (resource) =>
    eachStatement(resource, (statement, kind) => {
      if (kind === "identity" || statement.effect === "Deny") return [];
      const anyone = Object.entries(statement.principals).flatMap(([of, names]) =>
        names.filter(hasWildcard).map((name) => (of === name ? name : `${of} ${name}`)),
      );
      return [
        ...(statement.notPrincipals
          ? [{ what: "lets in everybody but some", fix: "Name whom it lets in, in Principal" }]
          : []),
        ...(anyone.length > 0
          ? [{ what: `lets in ${anyone.join(", ")}`, fix: "Name the role, the service or the provider" }]
          : []),
        ...(statement.principals.Federated ? federated(statement) : []),
      ];
    }),
};

function federated({ conditions }: IamStatement): Finding[] {
  const exact = Object.keys(conditions.StringEquals ?? {});
  const missing = ["aud", "sub"].filter(
    (claim) => !exact.some((key) => key.toLowerCase().endsWith(`:${claim}`)),
  );
  if (missing.length === 0) return [];
  return [
    {
      what: `lets in tokens without StringEquals on their ${missing.join(" and ")}`,
      fix: "Name the audience and each subject in StringEquals, as GithubActionsRole does",
    },
  ];
}

const managed: PolicyRule = {
  id: "policy/iam-managed",
  demands: `A role holds no other AWS managed policy than ${Object.keys(MANAGED_POLICIES).join(", ")}.`,
  check: ({ type, body }) => {
    if (!type.startsWith("aws_iam_")) return [];
    const attached = [...listOf(body.policy_arn), ...listOf(body.managed_policy_arns)];
    return attached
      .filter((arn) => typeof arn !== "string" || !isKnownPolicy(arn))
      .map((arn) => ({
        what: `attaches ${shown(arn)}`,
        fix: "Write what the role needs with policyDocument(), or add the policy to MANAGED_POLICIES in constructs/policy/iam.ts",
      }));
  },
};

/** A policy of the stack itself is checked where it is written. */
const isKnownPolicy = (arn: string) =>
  /^\$\{aws_iam_policy\.[\w-]+\.arn\}$/.test(arn) ||
  (arn.startsWith(MANAGED_PREFIX) && Object.hasOwn(MANAGED_POLICIES, arn.slice(MANAGED_PREFIX.length)));

const rbac: PolicyRule = {
  id: "policy/rbac-wildcard",
  demands: "A Kubernetes role names each API group, resource and verb, and nobody is bound to cluster-admin.",
  check: (resource) =>
    eachObject(resource, ({ kind, body }) => {
      if (/^(Cluster)?RoleBinding$/.test(kind)) {
        return blocks(body.roleRef)
          .filter(({ name }) => name === "cluster-admin")
          .map(() => ({ what: "binds cluster-admin", fix: "Bind a role that names what it needs" }));
      }
      return /^(Cluster)?Role$/.test(kind) ? blocks(body.rule ?? body.rules).flatMap(wildcardsIn) : [];
    }),
};

const RBAC_LISTS = ["apiGroups", "resources", "verbs", "nonResourceUrls", "nonResourceURLs"];

function wildcardsIn(rule: Values, index: number): Finding[] {
  return RBAC_LISTS.filter((key) =>
    listOf(rule[key]).some(
      (value) => typeof value !== "string" || value.includes("*") || isExpression(value),
    ),
  ).map((key) => ({ what: `rule ${index + 1} allows ${key} ${shown(rule[key])}`, fix: "Name each of them" }));
}

export const IAM_RULES: readonly PolicyRule[] = [wildcardAction, wildcardResource, principal, managed, rbac];
