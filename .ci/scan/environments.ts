import { DEMO } from "../../__tests__/helpers/input";
import { CONFIGURATION_SETS } from "../../environment/configurations";
import type { EnvironmentInput } from "../../environment/environment";
import { environments } from "../../environments";

/** Environments that are rendered together, as one `cdktf synth` would. */
export interface ScannedApp {
  readonly name: string;
  readonly environments: readonly EnvironmentInput[];
}

const one = (name: string, change: Partial<EnvironmentInput>): ScannedApp => ({
  name,
  environments: [{ ...DEMO, name: "scan", ...change }],
});

/** Everything that an environment may ask for and the examples do not. */
const CHOICES: readonly ScannedApp[] = [
  one("warm builders, KMS, flow logs, S3 state, autoscaled runners", {
    builders: { mode: "warm", replicas: 2 },
    images: { repositories: ["first", "second"], encryption: "KMS" },
    flowLogs: true,
    natGateways: "per-zone",
    runners: { minReplicas: 0, maxReplicas: 4 },
    nodes: { maxSize: 10 },
    apiEndpoint: {
      publicAccessCidrs: ["203.0.113.0/24"],
      privateAccessCidrs: ["10.99.0.0/16", "198.51.100.0/24"],
    },
    state: { type: "s3", bucket: "example-state", region: "us-west-2" },
  }),
  one("rootless warm builders, mutable tags", {
    builders: { mode: "warm", rootless: true },
    images: { immutableTags: false },
    configurations: ["hosted-kubernetes", "custom-kubernetes"],
  }),
  one("rootless builders of one job, an OIDC provider that is there", {
    builders: { rootless: true },
    github: {
      ...DEMO.github,
      oidcProviderArn: `arn:aws:iam::${DEMO.accountId}:oidc-provider/token.actions.githubusercontent.com`,
      deploymentEnvironments: ["production"],
    },
  }),
  one("logs for a year", { logRetentionDays: 365, flowLogs: true }),
];

/** What is rendered for a scan: the project's own environments, and every choice that an environment may make. */
export const SCANNED_APPS: readonly ScannedApp[] = [
  { name: "environments/", environments },
  ...CONFIGURATION_SETS.map((configurations) =>
    one(configurations.join(" + "), { configurations: [...configurations] }),
  ),
  one("retain", { removalPolicy: "retain" }),
  ...CHOICES,
];
