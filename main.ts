import { type App, type AppConfig, Aspects } from "cdktf";
import { POLICY_RULES, Policy } from "./constructs/policy";
import { Tags } from "./constructs/tags";
import type { Environment } from "./environment/environment";
import { projectEnvironments } from "./environment/project";
import { ACCOUNT_TAGS, tagsOf } from "./environment/tags";
import { unlistedEnvironments } from "./environment/unlisted";
import { stopUnreadyDeploy } from "./stacks/deploy-guard";
import { addAccountStack, addEnvironmentStacks } from "./stacks/environment-stacks";
import { ProjectApp } from "./stacks/project-app";
import { attachBackend } from "./stacks/state";
import { ancestors } from "./util/ancestors";
import { runProgram } from "./util/exit";

/** The account's stack, then each environment's: registry, cluster, platform, runners. */
export function createApp(environments: readonly Environment[], config?: AppConfig): App {
  const app = new ProjectApp(config);
  Aspects.of(app).add(new Policy(POLICY_RULES));

  const account = addAccountStack(app, environments);
  attachBackend(account, environments[0]?.state ?? { type: "local" });
  Aspects.of(account).add(new Tags(ACCOUNT_TAGS));

  for (const environment of environments) {
    for (const stack of addEnvironmentStacks(app, environment, account)) {
      attachBackend(stack, environment.state);
      Aspects.of(stack).add(new Tags(tagsOf(environment)));
    }
  }
  return app;
}

if (require.main === module) {
  void runProgram(async () => {
    const environments = await projectEnvironments();
    for (const warning of await unlistedEnvironments(environments)) process.stderr.write(`${warning}\n`);
    stopUnreadyDeploy(environments, ancestors());
    createApp(environments).synth();
  });
}
