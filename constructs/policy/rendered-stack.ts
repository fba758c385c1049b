import {
  TerraformBackend,
  TerraformModule,
  TerraformOutput,
  TerraformResource,
  type TerraformStack,
} from "cdktf";
import type { IConstruct } from "constructs";
import { blocks, isValues, type Value, type Values } from "./values";

/** A resource, output, module or backend as Terraform would read it: tokens, overrides and escape hatches applied. */
export interface RenderedResource {
  /** Terraform's type, for example `aws_eks_cluster`; `output`, `module` or `backend.s3`. */
  readonly type: string;
  /** Terraform's address, for example `aws_eks_cluster.cluster_A4C38409`. */
  readonly address: string;
  readonly body: Values;
  /** Where a finding is reported: the stack, for what only an override of the stack put there. */
  readonly construct: IConstruct;
}

/** What a stack would write into its file. */
export class RenderedStack {
  readonly resources: readonly RenderedResource[];

  constructor(readonly stack: TerraformStack) {
    const json = stack.toTerraform() as Values;
    const constructs = stack.node.findAll();
    const byAddress = new Map<string, IConstruct>();
    for (const construct of constructs) {
      if (TerraformResource.isTerraformResource(construct)) {
        byAddress.set(`${construct.terraformResourceType}.${construct.friendlyUniqueId}`, construct);
      } else if (TerraformOutput.isTerraformOutput(construct)) {
        byAddress.set(`output.${construct.friendlyUniqueId}`, construct);
      } else if (construct instanceof TerraformModule) {
        byAddress.set(`module.${construct.friendlyUniqueId}`, construct);
      }
    }
    const backend = constructs.find((construct) => TerraformBackend.isBackend(construct)) ?? stack;
    const here = (address: string) => byAddress.get(address) ?? stack;
    this.resources = [
      ...entries(json.resource).flatMap(([type, of]) =>
        named(of).map(([id, body]) => ({
          type,
          address: `${type}.${id}`,
          body: withoutComment(body),
          construct: here(`${type}.${id}`),
        })),
      ),
      ...["output", "module"].flatMap((type) =>
        named(json[type]).map(([id, body]) => ({
          type,
          address: `${type}.${id}`,
          body,
          construct: here(`${type}.${id}`),
        })),
      ),
      ...named(isValues(json.terraform) ? json.terraform.backend : undefined).map(([type, body]) => ({
        type: `backend.${type}`,
        address: `backend.${type}`,
        body,
        construct: backend,
      })),
    ];
  }

  all(type: string): RenderedResource[] {
    return this.resources.filter((resource) => resource.type === type);
  }
}

/** Blocks by their name. */
const named = (value: Value): [string, Values][] =>
  entries(value).flatMap(([name, body]) => blocks(body).map((block): [string, Values] => [name, block]));

const entries = (value: Value): [string, Value][] => (isValues(value) ? Object.entries(value) : []);

function withoutComment({ "//": _, ...body }: Values): Values {
  return body;
}
