import { matchesGlob } from "./match";

/** Values of condition keys that a request carries. IAM reads the keys' names without regard to case. */
export type RequestContext = Readonly<Record<string, string>>;

type Conditions = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

interface Operator {
  readonly matches: (expected: string, actual: string) => boolean;
  /** Holds when no value matches, and also when the request lacks the key. */
  readonly negated: boolean;
}

/** Operators for keys of one value. @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: { matches: (expected, actual) => expected === actual, negated: false },
  StringNotEquals: { matches: (expected, actual) => expected === actual, negated: true },
  StringEqualsIgnoreCase: {
    matches: (expected, actual) => expected.toLowerCase() === actual.toLowerCase(),
    negated: false,
  },
  StringLike: { matches: matchesGlob, negated: false },
  StringNotLike: { matches: matchesGlob, negated: true },
};

/**
 * Whether a request fulfils a statement's conditions: every operator and every key in it, by any of the key's values.
 *
 * @throws Error for an operator that is not known here and for a policy variable in a value: guessing would prove nothing
 */
export function fulfils(conditions: Conditions, context: RequestContext): boolean {
  const actualOf = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
  // Every one is looked at, so that an unknown operator is not hidden behind one that fails.
  return Object.entries(conditions)
    .map(([name, keys]) => {
      const operator = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
      if (!operator) throw new Error(`condition operator ${name} is not known here`);
      return Object.entries(keys).every(([key, expected]) =>
        holds(operator, expected, actualOf.get(key.toLowerCase())),
      );
    })
    .every(Boolean);
}

function holds(
  { matches, negated }: Operator,
  expected: readonly string[],
  actual: string | undefined,
): boolean {
  const variable = expected.find((value) => value.includes("${"));
  if (variable !== undefined) throw new Error(`policy variable in ${variable} is not known here`);
  if (actual === undefined) return negated;
  return expected.some((value) => matches(value, actual)) !== negated;
}
