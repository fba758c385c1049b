import { GITHUB_APP_KEY_VARIABLE, SET_GITHUB_APP_KEY } from "../constructs/github-app-key";
import { needsOf } from "../environment/configurations";
import type { Environment } from "../environment/environment";
import { placeholdersIn } from "../environment/placeholders";
import type { Ancestor } from "../util/ancestors";
import { InvalidInput } from "../util/invalid-input";
import { count } from "../util/words";

/** Commands of the cdktf CLI that make or change something. */
const DEPLOYS = ["deploy", "apply", "watch"];
const PARTS = ["registry", "cluster", "platform", "runners"];

/**
 * Stops `cdktf deploy` while it synthesizes, before a stack is planned; every other command goes on. The CLI tells the
 * app neither its command nor Terraform's variables, so both are read from the processes that started this one.
 *
 * @throws InvalidInput with everything that the named stacks lack
 */
export function stopUnreadyDeploy(
  environments: readonly Environment[],
  startedBy: readonly Ancestor[],
): void {
  const deploy = startedBy.map(deployOf).find((found) => found !== undefined);
  if (!deploy) return;
  const named = environments.filter(({ name }) => PARTS.some((part) => deploy.names(`${name}-${part}`)));
  const problems = named.flatMap((environment) =>
    placeholdersIn(environment).map((prop) => `${environment.name}: ${prop} is still the example's.`),
  );
  // All environments are in one account, which the stack of the account is made in.
  const [first] = environments;
  if (named.length === 0 && first && deploy.names("account")) {
    const account = placeholdersIn(first).filter((prop) => prop.startsWith("accountId"));
    problems.push(...account.map((prop) => `${first.name}: ${prop} is still the example's.`));
  }
  const needKey = named.filter(({ configurations }) => needsOf(configurations).runners);
  if (needKey.length > 0 && deploy.key !== undefined && !deploy.key.trim().startsWith("-----BEGIN")) {
    problems.push(
      `${needKey.map(({ name }) => name).join(", ")}: the private key of the GitHub App is ${
        deploy.key === "" ? "not set" : "not a key in PEM form"
      }. ${SET_GITHUB_APP_KEY}`,
    );
  }
  if (problems.length > 0) {
    throw new InvalidInput(
      `Nothing was planned: ${count(problems.length, "thing")} to set in environments/ or the shell first.`,
      problems,
    );
  }
}

interface Deploy {
  /** Whether it deploys a stack. */
  readonly names: (stack: string) => boolean;
  /** The private key that it hands to Terraform, "" for none; undefined where that cannot be seen. */
  readonly key: string | undefined;
}

function deployOf({ command, environment }: Ancestor): Deploy | undefined {
  const program = command.findIndex((word) => /(^|[\\/])cdktf(\.js)?$/.test(word));
  const at = command.findIndex((word, i) => i > program && DEPLOYS.includes(word));
  if (program < 0 || at < 0) return undefined;
  const args = command.slice(at + 1);
  const patterns = args.filter((arg) => !arg.startsWith("-")).map(patternOf);
  const inFile = args.some((arg) => /^--var(-file)?(=|$)/.test(arg));
  const key = environment && (environment[`TF_VAR_${GITHUB_APP_KEY_VARIABLE}`] ?? "");
  return {
    names: (stack) => patterns.some((pattern) => pattern.test(stack)),
    key: inFile ? undefined : key,
  };
}

/** Names of stacks as the cdktf CLI reads them: `*` is any text. */
const patternOf = (text: string) =>
  new RegExp(`^${text.replaceAll(/[.+?^$()[\]{}|\\]/g, "\\$&").replaceAll("*", ".*")}$`);
