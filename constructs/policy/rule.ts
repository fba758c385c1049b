import type { RenderedResource, RenderedStack } from "./rendered-stack";

/** One thing about one resource that a rule does not allow. */
export interface Finding {
  /** What is wrong and where in the resource, as a clause. */
  readonly what: string;
  /** How to make it right, as a sentence without its full stop. */
  readonly fix: string;
}

export interface PolicyRule {
  /** By this id an exception names the rule. */
  readonly id: `policy/${string}`;
  /** What it demands, in one sentence. */
  readonly demands: string;
  /** What one resource does against it. */
  readonly check: (resource: RenderedResource, stack: RenderedStack) => readonly Finding[];
}
