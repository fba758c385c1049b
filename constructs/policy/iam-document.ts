/** One statement of an IAM policy, every list written as a list. */
export interface IamStatement {
  readonly sid: string | undefined;
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly resources: readonly string[];
  readonly notResources: readonly string[];
  /** By kind: `AWS`, `Service`, `Federated`; `*` where the policy says `"Principal": "*"`. */
  readonly principals: Readonly<Record<string, readonly string[]>>;
  readonly notPrincipals: boolean;
  /** Operator to condition key to values. */
  readonly conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

const KNOWN = [
  "Sid",
  "Effect",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Principal",
  "NotPrincipal",
  "Condition",
];

/**
 * Statements of an IAM policy.
 *
 * @throws Error when the text is no policy, or one with an element that IAM does not know
 */
export function statementsOf(text: string): IamStatement[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error("it is no JSON");
  }
  const document = objectOf(json, "the policy");
  if (document.Version !== "2012-10-17") throw new Error("its version is not 2012-10-17");
  if (document.Statement === undefined) throw new Error("it has no statement");
  const statements = Array.isArray(document.Statement) ? document.Statement : [document.Statement];
  return statements.map((statement: unknown, i) => statementOf(objectOf(statement, `statement ${i + 1}`), i));
}

function statementOf(statement: Readonly<Record<string, unknown>>, index: number): IamStatement {
  const unknown = Object.keys(statement).filter((key) => !KNOWN.includes(key));
  if (unknown.length > 0) throw new Error(`statement ${index + 1} has an unknown ${unknown.join(", ")}`);
  const { Sid, Effect, Principal, Condition } = statement;
  if (Effect !== "Allow" && Effect !== "Deny") {
    throw new Error(`statement ${index + 1} has neither the effect Allow nor Deny`);
  }
  return {
    sid: typeof Sid === "string" ? Sid : undefined,
    effect: Effect,
    actions: texts(statement.Action),
    notActions: texts(statement.NotAction),
    resources: texts(statement.Resource),
    notResources: texts(statement.NotResource),
    principals:
      typeof Principal === "string"
        ? { [Principal]: [Principal] }
        : valuesOf(objectOf(Principal ?? {}, "Principal")),
    notPrincipals: statement.NotPrincipal !== undefined,
    conditions: Object.fromEntries(
      Object.entries(objectOf(Condition ?? {}, "Condition")).map(([operator, keys]) => [
        operator,
        valuesOf(objectOf(keys, operator)),
      ]),
    ),
  };
}

/** A statement as a message names it. */
export const nameOf = ({ sid }: IamStatement, index: number): string =>
  sid === undefined ? `statement ${index + 1}` : `statement ${sid}`;

function objectOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error(`${what} is no object`);
  return value as Readonly<Record<string, unknown>>;
}

const valuesOf = (object: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, texts(value)]));

function texts(value: unknown): string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map((item) => {
    if (!["string", "number", "boolean"].includes(typeof item)) {
      throw new Error(`${JSON.stringify(item)} is not a text`);
    }
    return String(item);
  });
}
