import { LocalBackend, S3Backend, type TerraformStack } from "cdktf";
import type { Environment } from "../environment/environment";

/** Terraform runs in cdktf.out/stacks/<stack>: three folders up is the project. */
const PROJECT_FOLDER = "../../..";

/** Gives a stack a state of its own: a file under state/, or a key in S3 with native locking. */
export function attachBackend(stack: TerraformStack, state: Environment["state"]): void {
  const stackName = stack.node.id;
  if (state.type === "local") {
    new LocalBackend(stack, { path: `${PROJECT_FOLDER}/state/${stackName}.tfstate` });
    return;
  }
  const backend = new S3Backend(stack, {
    bucket: state.bucket,
    region: state.region,
    key: `${state.prefix}/${stackName}.tfstate`,
    encrypt: true,
  });
  backend.addOverride("use_lockfile", true);
}
