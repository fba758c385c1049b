import type { TerraformElement } from "cdktf";
import type { IConstruct } from "constructs";
import {
  SECURITY_EXCEPTIONS,
  type SecurityException,
  type SecurityExceptionName,
} from "./security-exceptions";

const METADATA = "security-exception";

/** An exception and the resource that it stands at. */
export interface PlacedException extends SecurityException {
  readonly name: SecurityExceptionName;
  readonly resource: IConstruct;
}

/** Says at the resource that findings about it stay, each for the reason that its entry gives. */
export function except(resource: TerraformElement, ...names: readonly SecurityExceptionName[]): void {
  for (const name of names) resource.node.addMetadata(METADATA, name);
}

/** Exceptions that stand at one construct, without those of its children. */
export function exceptionsAt(resource: IConstruct): PlacedException[] {
  return resource.node.metadata
    .filter(({ type }) => type === METADATA)
    .map(({ data }) => {
      const name = data as SecurityExceptionName;
      return { name, resource, ...(SECURITY_EXCEPTIONS[name] as SecurityException) };
    });
}

/** Exceptions of a construct and of everything in it. */
export function exceptionsWithin(root: IConstruct): PlacedException[] {
  return root.node.findAll().flatMap(exceptionsAt);
}
