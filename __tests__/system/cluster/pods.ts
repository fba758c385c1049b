import type { Environment } from "../../../environment/environment";
import { BUILD_NAMESPACE } from "../../../environment/names";
import { BUILDKITD_FLAGS, driverOptions } from "../../../pipeline/workflow/driver";
import { asList, asObject, asText, type JsonObject } from "../../helpers/json";
import type { KubernetesObject } from "./api";

/**
 * The pod that actions-runner-controller makes of a RunnerDeployment: the runner, and a privileged Docker beside it
 * unless the runner has none.
 *
 * @see https://github.com/actions/actions-runner-controller/blob/v0.27.6/controllers/actions.summerwind.net/runner_controller.go
 */
export function runnerPod({ spec, metadata }: KubernetesObject, name: string): KubernetesObject {
  const template = asObject(asObject(spec).template);
  const {
    image,
    imagePullPolicy,
    env = [],
    resources,
    dockerdContainerResources,
    dockerEnabled,
    // What only the controller reads.
    repository: _repository,
    labels: _labels,
    ephemeral: _ephemeral,
    ...podSpec
  } = asObject(template.spec);
  const docker: JsonObject = {
    name: "docker",
    image: "docker:dind",
    securityContext: { privileged: true },
    resources: asObject(dockerdContainerResources ?? {}),
  };
  const runner: JsonObject = {
    name: "runner",
    image: asText(image),
    imagePullPolicy: asText(imagePullPolicy),
    env,
    securityContext: { privileged: false },
    resources: asObject(resources),
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...asObject(template.metadata), name, namespace: asText(metadata.namespace) },
    spec: {
      ...podSpec,
      restartPolicy: "Never",
      containers: dockerEnabled === true ? [runner, docker] : [runner],
    },
  };
}

/** The driver's options by name; those that may be repeated hold what follows the first `=`. */
function optionsOf(environment: Environment): ReadonlyMap<string, string> {
  return new Map(
    driverOptions(environment, "hosted-kubernetes").map((line) => {
      const [, name = "", value = ""] = /^"?([^=]+)=(.*?)"?$/.exec(line) ?? [];
      return [name, value] as const;
    }),
  );
}

const pairs = (text = "") =>
  Object.fromEntries(text.split(",").map((pair) => pair.split("=") as [string, string]));

/**
 * The Deployment that buildx makes of the workflow's options. `builders.test.ts` lets the real buildx make one; other
 * tests need many.
 *
 * @see https://github.com/docker/buildx/blob/v0.37.2/driver/kubernetes/manifest/manifest.go
 */
export function builderDeployment(environment: Environment, builder: string): KubernetesObject {
  const options = optionsOf(environment);
  const name = `${builder}0`;
  const labels = { app: name };
  const amounts = (of: "requests" | "limits") => ({
    cpu: options.get(`${of}.cpu`) ?? "",
    memory: options.get(`${of}.memory`) ?? "",
  });
  const rootless = options.get("rootless") === "true";
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: options.get("namespace") ?? BUILD_NAMESPACE, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: pairs(options.get("annotations")) },
        spec: {
          nodeSelector: pairs(options.get("nodeselector")),
          tolerations: [pairs(options.get("tolerations"))],
          containers: [
            {
              name: "buildkitd",
              image: options.get("image") ?? "",
              args: [BUILDKITD_FLAGS, ...(rootless ? ["--oci-worker-no-process-sandbox"] : [])],
              securityContext: rootless
                ? { seccompProfile: { type: "Unconfined" }, runAsUser: 1000, runAsGroup: 1000 }
                : { privileged: true },
              readinessProbe: { exec: { command: ["buildctl", "debug", "workers"] } },
              resources: { requests: amounts("requests"), limits: amounts("limits") },
            },
          ],
        },
      },
    },
  };
}

/** A pod of a workload's template, as its controller makes it but for the volumes that it claims. */
export function podOf({ metadata, spec }: KubernetesObject, name: string): KubernetesObject {
  const { replicas: _, template, volumeClaimTemplates = [] } = asObject(spec);
  const { metadata: own, spec: podSpec } = asObject(template);
  const claims = asList(volumeClaimTemplates).map((claim) => ({
    name: asText(asObject(asObject(claim).metadata).name),
    emptyDir: {},
  }));
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...asObject(own), name, namespace: asText(metadata.namespace) },
    spec: { ...asObject(podSpec), volumes: [...asList(asObject(podSpec).volumes ?? []), ...claims] },
  };
}
