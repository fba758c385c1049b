import { AnnotationMetadataEntryType, App, TerraformStack } from "cdktf";
import { invokeAspects } from "cdktf/lib/synthesize/synthesizer";
import { InvalidInput } from "../util/invalid-input";

/**
 * An app that is checked as a whole before any of its stacks is written. cdktf by itself stops at the first stack with
 * an error annotation, and then has written the ones before; and it passes over aspects of the app.
 */
export class ProjectApp extends App {
  /** @throws InvalidInput that names every error annotation of every stack */
  override synth(): void {
    const stacks = this.node.findAll().filter((construct) => TerraformStack.isStack(construct));
    for (const stack of stacks) stack.prepareStack();
    invokeAspects(this);
    for (const stack of stacks) stack.runAllValidations();
    this.refuseErrors();
    super.synth();
  }

  private refuseErrors(): void {
    const errors = this.node
      .findAll()
      .flatMap(({ node }) =>
        node.metadata
          .filter(({ type }) => type === AnnotationMetadataEntryType.ERROR)
          .map(({ data }) => `${node.path}: ${data}`),
      );
    if (errors.length === 0) return;
    throw new InvalidInput(`${count(errors.length)} in the stacks. Nothing was written.`, errors);
  }
}

const count = (errors: number) => (errors === 1 ? "1 error" : `${errors} errors`);
