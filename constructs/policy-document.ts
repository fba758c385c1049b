/** One statement of an IAM policy. */
export interface PolicyStatement {
  /** @default - the statement has no id */
  readonly sid?: string;
  /** Allowed actions, for example "ecr:PutImage". */
  readonly actions: readonly string[];
  /**
   * ARNs of what the actions are allowed on.
   * @default - none, in trust policies only
   */
  readonly resources?: readonly string[];
  /**
   * Who may, in trust policies: `{ Service: "pods.eks.amazonaws.com" }`.
   * @default - the identity that has the policy
   */
  readonly principal?: Readonly<Record<string, string>>;
  /**
   * Operator to condition key to values, for example `{ StringEquals: { "aws:SourceAccount": ["111122223333"] } }`.
   * @default - none
   */
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** The JSON text of an IAM policy that allows these statements. */
export function policyDocument(...statements: PolicyStatement[]): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: statements.map(({ sid, actions, resources, principal, conditions }) => ({
      ...(sid && { Sid: sid }),
      Effect: "Allow",
      ...(principal && { Principal: principal }),
      Action: actions,
      ...(resources && { Resource: resources }),
      ...(conditions && { Condition: conditions }),
    })),
  });
}

/** The trust policy of a role that an AWS service assumes. */
export function serviceTrust(service: string): string {
  return policyDocument({ actions: ["sts:AssumeRole"], principal: { Service: service } });
}
