import { Annotations, type IAspect, TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";
import { exceptionsAt, exceptionsWithin } from "../security-exception";
import { RenderedStack } from "./rendered-stack";
import type { PolicyRule } from "./rule";

const PREFIX = "policy/";

/** A violation and the construct at which it is reported. */
interface Violation {
  readonly construct: IConstruct;
  readonly message: string;
}

/**
 * Refuses stacks that violate a rule without an exception, and exceptions that except nothing, by error
 * annotations. It looks when cdktf validates a stack, the last moment before it is written: what aspects, overrides and
 * escape hatches changed is seen.
 */
export class Policy implements IAspect {
  private readonly checked = new WeakSet<TerraformStack>();

  constructor(private readonly rules: readonly PolicyRule[]) {}

  visit(node: IConstruct): void {
    if (!TerraformStack.isStack(node)) return;
    node.node.addValidation({
      validate: () => {
        this.check(node);
        return [];
      },
    });
  }

  /** Once: an app's stacks are validated together, and then again one by one as they are written. */
  private check(stack: TerraformStack): void {
    if (this.checked.has(stack)) return;
    this.checked.add(stack);
    for (const { construct, message } of this.violationsOf(stack))
      Annotations.of(construct).addError(message);
  }

  private violationsOf(stack: TerraformStack): Violation[] {
    const rendered = new RenderedStack(stack);
    const found = this.rules.flatMap((rule) =>
      rendered.resources.flatMap((resource) =>
        rule.check(resource, rendered).map((finding) => ({ rule, resource, finding })),
      ),
    );
    const excepted = ({ construct }: { construct: IConstruct }, id: string) =>
      exceptionsAt(construct).some(({ checks }) => checks.includes(id));
    const violations = found
      .filter(({ rule, resource }) => !excepted(resource, rule.id))
      .map(({ rule, resource, finding: { what, fix } }) => ({
        construct: resource.construct,
        message: `${rule.id}: ${named(resource)}${what}. ${fix}.`,
      }));
    const unused = exceptionsWithin(stack).flatMap(({ name, resource: construct, checks }) =>
      checks
        .filter((id) => id.startsWith(PREFIX))
        .filter(
          (id) => !found.some(({ rule, resource }) => rule.id === id && resource.construct === construct),
        )
        .map((id) => ({
          construct,
          message: `${id}: the exception ${name} excepts nothing here. Take except(..., "${name}") away.`,
        })),
    );
    return [...violations, ...unused];

    /** What a stack's own override added has no construct that names it. */
    function named({ construct, address }: { construct: IConstruct; address: string }): string {
      return construct === stack ? `${address}: ` : "";
    }
  }
}
