import { isUnreadable, type KubernetesObject, kubernetesObjectsOf, runnerSpecOf } from "./kubernetes-objects";
import type { RenderedResource } from "./rendered-stack";
import type { Finding, PolicyRule } from "./rule";
import { isFalse, isValues, type Leaf, listOf, shown, type Value, walk } from "./values";

/** Capabilities that the baseline Pod Security Standard lets a container add. */
const BASELINE_CAPABILITIES = [
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
];

/** Values that a key of a pod may have; the baseline forbids all others. */
const BASELINE: Readonly<Record<string, (value: Value) => boolean>> = {
  hostNetwork: isFalse,
  hostPID: isFalse,
  hostIPC: isFalse,
  hostProcess: isFalse,
  hostPath: () => false,
  hostPort: (value) => String(value) === "0",
  procMount: (value) => value === "Default",
  sysctls: (value) => listOf(value).length === 0,
  seccompProfile: (value) => !isValues(value) || ["RuntimeDefault", "Localhost"].includes(String(value.type)),
  appArmorProfile: (value) =>
    !isValues(value) || ["RuntimeDefault", "Localhost"].includes(String(value.type)),
  capabilities: (value) =>
    !isValues(value) || listOf(value.add).every((name) => BASELINE_CAPABILITIES.includes(String(name))),
};

/** Checks every object that a resource hands to Kubernetes and that can be read, chart values included. */
export function eachObject(
  resource: RenderedResource,
  check: (object: KubernetesObject) => readonly Finding[],
): Finding[] {
  return kubernetesObjectsOf(resource).flatMap((object) => (isUnreadable(object) ? [] : check(object)));
}

/** Values of an object by path, from the resource on. */
export function leavesOf({ path, body }: KubernetesObject): Leaf[] {
  return [...walk(body, path)];
}

const privileged: PolicyRule = {
  id: "policy/privileged",
  demands: "No container is privileged.",
  check: (resource) =>
    eachObject(resource, (object) => [...privilegedContainers(object), ...dockerOf(object)]),
};

function privilegedContainers(object: KubernetesObject): Finding[] {
  return leavesOf(object)
    .filter(({ key, value }) => key === "privileged" && !isFalse(value) && value !== null)
    .map(({ path, value }) => ({
      what: `${path} is ${shown(value)}`,
      fix: "Leave privileged out",
    }));
}

/** A Docker daemon in or beside a runner is privileged, and is there unless it is turned off. */
function dockerOf(object: KubernetesObject): Finding[] {
  const runner = runnerSpecOf(object);
  if (runner && !isFalse(runner.dockerEnabled)) {
    return [{ what: "the Docker sidecar of runners is privileged", fix: "Set dockerEnabled to false" }];
  }
  const { containerMode } = object.body;
  return isValues(containerMode) && containerMode.type === "dind"
    ? [{ what: "containerMode dind is privileged", fix: "Leave containerMode out, or set it to kubernetes" }]
    : [];
}

const baseline: PolicyRule = {
  id: "policy/pod-baseline",
  demands:
    "Pods keep to the rest of the baseline Pod Security Standard: no namespace, path, port or process of the host, no further capability, no seccomp or AppArmor profile switched off.",
  check: (resource) =>
    eachObject(resource, (object) =>
      leavesOf(object)
        .filter(({ key, value, path }) => {
          const allowed = path.endsWith("]") ? undefined : BASELINE[key];
          return allowed !== undefined && value !== null && !allowed(value);
        })
        .map(({ path, value }) => ({ what: `${path} is ${shown(value)}`, fix: "Leave it out" })),
    ),
};

const ENFORCE = "pod-security.kubernetes.io/enforce";

const podSecurity: PolicyRule = {
  id: "policy/pod-security",
  demands: "Each namespace enforces the baseline or the restricted Pod Security Standard.",
  check: (resource) =>
    eachObject(resource, ({ kind, body }) => {
      if (kind !== "Namespace") return [];
      const [metadata] = listOf(body.metadata);
      const labels = isValues(metadata) && isValues(metadata.labels) ? metadata.labels : {};
      const level = labels[ENFORCE];
      return level === "baseline" || level === "restricted"
        ? []
        : [{ what: `label ${ENFORCE} is ${shown(level)}`, fix: 'Set it to "baseline" or "restricted"' }];
    }),
};

export const POD_RULES: readonly PolicyRule[] = [privileged, baseline, podSecurity];
