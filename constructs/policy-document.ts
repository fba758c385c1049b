/** One statement of an IAM policy. */
export interface PolicyStatement {
  readonly sid?: string;
  readonly actions: readonly string[];
  /** Left out in trust policies only. */
  readonly resources?: readonly string[];
  readonly principal?: Readonly<Record<string, string>>;
  /** Operator to condition key to values, for example `{ StringEquals: { "aws:SourceAccount": ["111122223333"] } }`. */
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
