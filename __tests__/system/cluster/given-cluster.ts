import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { BUILD_NAMESPACE, CONTROLLER_NAMESPACE } from "../../../environment/names";
import { InvalidInput } from "../../../util/invalid-input";
import { asList, asObject, asText, type JsonObject, parseJson } from "../../helpers/json";
import { builtTool } from "./programs";

const TIMEOUT = "15s";

/** The cluster of a kubeconfig's current context. */
export interface GivenCluster {
  readonly name: string;
  readonly cluster: JsonObject;
  readonly user: JsonObject;
}

function kubectl(...args: string[]) {
  return spawnSync(builtTool("kubectl"), [...args, `--request-timeout=${TIMEOUT}`], { encoding: "utf8" });
}

/**
 * The cluster that KUBECONFIG names, looked at: it answers, its user may do everything, and it does not hold what the
 * tests make and take away again.
 *
 * @throws InvalidInput that says what is wrong
 */
export function givenCluster(env: Readonly<Record<string, string | undefined>>): GivenCluster {
  const how = "set KUBECONFIG to the file of an administrator, or start a cluster here: --embedded";
  if (!env.KUBECONFIG) throw new InvalidInput("No cluster is given.", [`KUBECONFIG is not set: ${how}`]);
  const viewed = kubectl("config", "view", "--raw", "--minify", "--flatten", "--output=json");
  if (viewed.status !== 0) {
    throw new InvalidInput("No cluster is given.", [`KUBECONFIG: ${viewed.stderr.trim()}; ${how}`]);
  }
  const view = asObject(parseJson(viewed.stdout));
  const only = (list: string) => asObject(asList(view[list])[0], `${list} of KUBECONFIG`);
  const name = asText(view["current-context"]);

  const ready = kubectl("get", "--raw", "/readyz");
  if (ready.status !== 0) {
    throw new InvalidInput(`The cluster of context ${name} does not answer.`, [ready.stderr.trim()]);
  }
  const problems = [
    ...(kubectl("auth", "can-i", "*", "*", "--all-namespaces").status === 0
      ? []
      : ["its user may not do everything, which these tests need: use an administrator's"]),
    ...[BUILD_NAMESPACE, CONTROLLER_NAMESPACE]
      .filter((namespace) => kubectl("get", "namespace", namespace).status === 0)
      .map(
        (namespace) => `it has a namespace ${namespace}, which these tests would delete: use another cluster`,
      ),
  ];
  if (problems.length > 0) throw new InvalidInput(`The cluster of context ${name} will not do.`, problems);
  return { name, cluster: asObject(only("clusters").cluster), user: asObject(only("users").user) };
}

/** Writes a kubeconfig of that cluster alone. @returns its path */
export function writeKubeconfig(folder: string, { cluster, user }: GivenCluster): string {
  const path = join(folder, "admin.kubeconfig");
  writeFileSync(
    path,
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "given", cluster }],
      users: [{ name: "given", user }],
      contexts: [{ name: "given", context: { cluster: "given", user: "given" } }],
      "current-context": "given",
    }),
    { mode: 0o600 },
  );
  return path;
}
