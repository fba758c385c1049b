import { Document, isScalar, visit } from "yaml";
import { ACTIONS } from "./toolchain";

const VERSIONS: ReadonlyMap<string, string> = new Map(
  Object.values(ACTIONS).map(({ name, commit, version }) => [`${name}@${commit}`, version] as const),
);

/** Why a job may write what it may write; zizmor asks for the reason beside each. */
const REASONS: ReadonlyMap<string, string> = new Map([["id-token", "proves to AWS which job this is"]]);

/** A workflow as YAML: each pinned action with its release behind it, the notice above everything. */
export function toYaml(workflow: object, notice: string): string {
  const document = new Document(workflow, { aliasDuplicateObjects: false });
  document.commentBefore = ` ${notice}`;
  visit(document, {
    Pair(_, { key, value }) {
      if (!isScalar(key) || !isScalar(value)) return;
      const reason = REASONS.get(String(key.value));
      if (reason !== undefined) value.comment = ` ${reason}`;
      if (key.value !== "uses") return;
      const version = VERSIONS.get(String(value.value));
      if (version === undefined) throw new Error(`${value.value} is not one of the pinned actions`);
      value.comment = ` ${version}`;
    },
  });
  return document.toString({ lineWidth: 0 });
}
