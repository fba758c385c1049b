import { Document, isScalar, visit } from "yaml";
import { ACTIONS } from "./toolchain";

const VERSIONS: ReadonlyMap<string, string> = new Map(
  Object.values(ACTIONS).map(({ name, commit, version }) => [`${name}@${commit}`, version] as const),
);

/** A workflow as YAML: each pinned action with its release behind it, the notice above everything. */
export function toYaml(workflow: object, notice: string): string {
  const document = new Document(workflow, { aliasDuplicateObjects: false });
  document.commentBefore = ` ${notice}`;
  visit(document, {
    Pair(_, { key, value }) {
      if (!isScalar(key) || key.value !== "uses" || !isScalar(value)) return;
      const version = VERSIONS.get(String(value.value));
      if (version === undefined) throw new Error(`${value.value} is not one of the pinned actions`);
      value.comment = ` ${version}`;
    },
  });
  return document.toString({ lineWidth: 0 });
}
