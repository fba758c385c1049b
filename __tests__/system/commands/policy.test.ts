import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Finished, ProjectCopy } from "../../helpers/copy";

const WEAK = `
import { Eip } from "@cdktf/provider-aws/lib/eip";
import { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import { Aspects, type TerraformStack } from "cdktf";

export function weaken(stacks: readonly TerraformStack[]): void {
  for (const stack of stacks) {
    if (stack.node.id.endsWith("-registry")) new Eip(stack, "door", { domain: "vpc" });
    Aspects.of(stack).add({
      visit(node) {
        if (node instanceof LaunchTemplate) node.addOverride("metadata_options.http_put_response_hop_limit", 2);
      },
    });
  }
}
`;
const MESSAGE = `3 errors in the stacks. Nothing was written.
  - c5n-registry/door: policy/public-address: is a public address. Leave it out.
  - c5n-cluster/system/template: policy/instance-metadata: metadata_options.http_put_response_hop_limit is 2. Set it to 1.
  - c5n-cluster/builders/template: policy/instance-metadata: metadata_options.http_put_response_hop_limit is 2. Set it to 1.
`;

describe.each(["main.ts", "cli/bin.mjs"])("%s with stacks that violate the policy", (file) => {
  let copy: ProjectCopy;
  let finished: Finished;

  beforeAll(() => {
    copy = new ProjectCopy();
    writeFileSync(join(copy.folder, "weaken.ts"), WEAK);
    writeFileSync(
      join(copy.folder, "environments", "index.ts"),
      'import { c5n } from "./c5n";\nexport const environments = [c5n];\n',
    );
    copy.edit("main.ts", (text) =>
      text
        .replace("addEnvironmentStacks(app, environment, account)", "weakened(app, environment, account)")
        .concat(
          'import { weaken } from "./weaken";\n',
          "function weakened(...of: Parameters<typeof addEnvironmentStacks>) {\n",
          "  const stacks = addEnvironmentStacks(...of);\n  weaken(stacks);\n  return stacks;\n}\n",
        ),
    );
    finished = copy.run(file, ...(file === "main.ts" ? [] : ["overview"]));
  });
  afterAll(() => copy.remove());

  it("ends with code 1", () => {
    expect(finished.code).toBe(1);
  });

  it("says every violation of every stack, and nothing else: no stack trace", () => {
    expect(finished.stderr).toBe(MESSAGE);
  });

  it("prints nothing to standard output", () => {
    expect(finished.stdout).toBe("");
  });

  it("writes no file", () => {
    const outdir = join(copy.folder, "cdktf.out");
    expect(
      readdirSync(outdir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()),
    ).toEqual([]);
  });
});
