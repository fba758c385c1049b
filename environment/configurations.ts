/** The four ways of running one build: where the job runs, and which buildx driver builds. */
export const CONFIGURATIONS = [
  "hosted-default",
  "hosted-kubernetes",
  "custom-default",
  "custom-kubernetes",
] as const;

export type Configuration = (typeof CONFIGURATIONS)[number];

/** All 15 sets of configurations that an environment can have. */
export const CONFIGURATION_SETS: readonly (readonly Configuration[])[] = Array.from({ length: 15 }, (_, i) =>
  CONFIGURATIONS.filter((_, bit) => (i + 1) & (1 << bit)),
);

/** What a set of configurations asks of AWS and of the cluster. */
export interface Needs {
  /** A GitHub-hosted job assumes a role through OIDC. */
  readonly hostedRole: boolean;
  /** Anything at all runs on EKS. */
  readonly cluster: boolean;
  /** A GitHub-hosted job talks to the Kubernetes API, from addresses no allow-list can name. */
  readonly publicApiEndpoint: boolean;
  /** actions-runner-controller and its runners. */
  readonly runners: boolean;
  /** A job builds in a Docker daemon beside its runner. */
  readonly dockerInRunner: boolean;
  /** A job creates builder pods through the buildx kubernetes driver. */
  readonly builders: boolean;
}

export function needsOf(configurations: readonly Configuration[]): Needs {
  const chosen = new Set(configurations);
  const hostedKubernetes = chosen.has("hosted-kubernetes");
  const runners = chosen.has("custom-default") || chosen.has("custom-kubernetes");
  return {
    hostedRole: chosen.has("hosted-default") || hostedKubernetes,
    cluster: hostedKubernetes || runners,
    publicApiEndpoint: hostedKubernetes,
    runners,
    dockerInRunner: chosen.has("custom-default"),
    builders: hostedKubernetes || chosen.has("custom-kubernetes"),
  };
}
