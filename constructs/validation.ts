import { Token } from "cdktf";
import type { IConstruct } from "constructs";

/** A rule of a construct's props: whether it holds, and what to write when it does not. @internal */
export type Rule = readonly [holds: boolean, message: string];

/**
 * Throws one error that lists every rule that does not hold.
 *
 * @internal
 */
export function validate(construct: IConstruct, ...rules: readonly Rule[]): void {
  const broken = rules.filter(([holds]) => !holds).map(([, message]) => message);
  if (broken.length > 0) throw new Error(`${construct.node.path}: ${broken.join("; ")}`);
}

/** A text of at most `max` characters. A value that is known when Terraform runs is not checked. @internal */
export function atMost(max: number, prop: string, text: string | undefined): Rule {
  const holds = text === undefined || Token.isUnresolved(text) || (text.length > 0 && text.length <= max);
  return [holds, `${prop} must have 1 to ${max} characters; got "${text}"`];
}

/** A whole number from `min` to `max`. @internal */
export function within(min: number, max: number, prop: string, value: number | undefined): Rule {
  const holds =
    value === undefined ||
    Token.isUnresolved(value) ||
    (Number.isInteger(value) && value >= min && value <= max);
  return [holds, `${prop} must be a whole number from ${min} to ${max}; got ${value}`];
}

/** A list with at least `min` entries, none of them twice. @internal */
export function distinct(min: number, prop: string, values: readonly string[]): Rule {
  const holds = values.length >= min && new Set(values).size === values.length;
  const least = min > 0 ? `at least ${min} and ` : "";
  return [holds, `${prop} must name ${least}none twice; got ${JSON.stringify(values)}`];
}
