import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type App, TerraformElement, TerraformResource, TerraformStack } from "cdktf";
import { exceptionsWithin } from "../../constructs/security-exception";

/** A stack as cdktf wrote it, and what its constructs say about findings. */
export interface RenderedStack {
  /** What was rendered together with it. */
  readonly app: string;
  readonly name: string;
  /** The stack's name without its environment's: "cluster", "account". */
  readonly kind: string;
  /** Text of its cdk.tf.json. */
  readonly text: string;
  /** Exceptions at resources, by Terraform's address `type.id`. */
  readonly placements: readonly { readonly exception: string; readonly address: string }[];
  /** Construct paths within the stack, by address. */
  readonly paths: ReadonlyMap<string, string>;
}

/** Renders an app into a temporary folder, and reads its stacks. */
export function renderApp(name: string, create: (outdir: string) => App): RenderedStack[] {
  const outdir = mkdtempSync(join(tmpdir(), "scan-synth-"));
  try {
    const app = create(outdir);
    app.synth();
    return app.node.children.filter(TerraformStack.isStack).map((stack) => ({
      app: name,
      name: stack.node.id,
      kind: stack.node.id.slice(stack.node.id.lastIndexOf("-") + 1),
      text: readFileSync(join(outdir, "stacks", stack.node.id, "cdk.tf.json"), "utf8"),
      placements: exceptionsWithin(stack).map(({ name, resource }) => ({
        exception: name,
        address: addressOf(resource),
      })),
      paths: new Map(
        stack.node
          .findAll()
          .filter(TerraformElement.isTerraformElement)
          .map((element) => [addressOf(element), element.node.path.slice(stack.node.path.length + 1)]),
      ),
    }));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

function addressOf(element: unknown): string {
  if (TerraformResource.isTerraformResource(element)) {
    return `${element.terraformResourceType}.${element.friendlyUniqueId}`;
  }
  return TerraformElement.isTerraformElement(element) ? element.friendlyUniqueId : String(element);
}
