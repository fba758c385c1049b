import type { Rights } from "../security/iam/simulate";
import { asText, type Json, type JsonObject } from "./json";
import type { Resource, Synthesized } from "./synth";

/** An IAM role of the rendered stacks, every reference in its policies resolved. */
export interface Identity extends Rights {
  readonly name: string;
  readonly trustPolicy: string;
}

export interface Location {
  readonly accountId: string;
  readonly region: string;
}

interface Placed extends Resource {
  readonly stack: string;
}

/** `<stack:type.path.attribute>`, the stack only where it is another one. */
const REFERENCE = /<(?:([\w-]+):)?(aws_\w+)\.([^<>]+)\.(\w+)>/g;

/** ARNs as AWS gives them. A key's id is made up by AWS: its place in the stacks stands for it. */
const ARNS: Readonly<Record<string, (body: JsonObject, place: string, at: Location) => string>> = {
  aws_iam_role: ({ name }, _, { accountId }) => `arn:aws:iam::${accountId}:role/${name}`,
  aws_iam_openid_connect_provider: ({ url }, _, { accountId }) =>
    `arn:aws:iam::${accountId}:oidc-provider/${asText(url).replace("https://", "")}`,
  aws_ecr_repository: ({ name }, _, { accountId, region }) =>
    `arn:aws:ecr:${region}:${accountId}:repository/${name}`,
  aws_eks_cluster: ({ name }, _, { accountId, region }) =>
    `arn:aws:eks:${region}:${accountId}:cluster/${name}`,
  aws_cloudwatch_log_group: ({ name }, _, { accountId, region }) =>
    `arn:aws:logs:${region}:${accountId}:log-group:${name}`,
  aws_kms_key: (_, place, { accountId, region }) => `arn:aws:kms:${region}:${accountId}:key/${place}`,
};

/**
 * Every IAM role of the stacks.
 *
 * @throws Error for a reference that cannot be resolved and for rights that are given in a way not known here
 */
export function identitiesOf({ stacks }: Synthesized, at: Location): Identity[] {
  const placed = [...stacks.values()].flatMap((stack) =>
    stack.resources.map((resource): Placed => ({ ...resource, stack: stack.name })),
  );
  const resolve = (text: string, from: string): string => {
    const resolved = text.replace(
      REFERENCE,
      (reference, stack: string | undefined, type, path, attribute) => {
        const place = `${stack ?? from}/${path}`;
        const target = placed.find(
          (other) => other.type === type && `${other.stack}/${other.path}` === place,
        );
        if (!target) throw new Error(`${reference} leads nowhere`);
        if (attribute !== "arn") return asText(target.body[attribute], reference);
        const arnOf = ARNS[type];
        if (!arnOf) throw new Error(`the ARN of ${reference} is not known here`);
        return arnOf(target.body, place, at);
      },
    );
    if (/[<>]/.test(resolved)) throw new Error(`a reference is left in ${resolved}`);
    return resolved;
  };
  const of = (type: string, role: string) =>
    placed.filter(({ type: t, body, stack }) => t === type && resolve(asText(body.role), stack) === role);
  const unknown = placed.filter(({ type }) => GRANTING.test(type) && !KNOWN.includes(type));
  if (unknown.length > 0) throw new Error(`${unknown.map(({ type }) => type).join(", ")} is not known here`);

  return placed
    .filter(({ type }) => type === "aws_iam_role")
    .map(({ body, stack }) => {
      const other = ["inline_policy", "managed_policy_arns"].filter(
        (attribute) => body[attribute] !== undefined,
      );
      if (other.length > 0) throw new Error(`${other.join(", ")} of a role is not known here`);
      const name = asText(body.name);
      const text = (value: Json | undefined, from: string) => resolve(asText(value), from);
      return {
        name,
        trustPolicy: text(body.assume_role_policy, stack),
        policies: of("aws_iam_role_policy", name).map((policy) => text(policy.body.policy, policy.stack)),
        attached: of("aws_iam_role_policy_attachment", name)
          .map((attachment) => text(attachment.body.policy_arn, attachment.stack))
          .sort(),
      };
    });
}

/** Resources that give rights, and those of them that are read. */
const GRANTING = /^aws_iam_|^aws_\w+_policy$/;
const KNOWN = [
  "aws_iam_role",
  "aws_iam_role_policy",
  "aws_iam_role_policy_attachment",
  "aws_iam_openid_connect_provider",
  "aws_ecr_lifecycle_policy",
];
