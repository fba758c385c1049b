import type { EnvironmentInput } from "../../environment/environment";

/** Four configurations on c5n.2xlarge: what the snapshots in `__snapshots__` are made of. */
export const c5n: EnvironmentInput = {
  name: "c5n",
  accountId: "111122223333",
  region: "us-west-2",
  vpcCidr: "10.20.0.0/16",
  configurations: ["hosted-default", "hosted-kubernetes", "custom-default", "custom-kubernetes"],
  instanceType: "c5n.2xlarge",
  github: {
    owner: "your-organization",
    repository: "large-python-container",
    branches: ["main"],
    app: { id: 1, installationId: 1 },
  },
  clusterAdmins: ["arn:aws:iam::111122223333:role/platform-admin"],
};

/** The same on c5.2xlarge. */
export const c5: EnvironmentInput = {
  ...c5n,
  name: "c5",
  vpcCidr: "10.21.0.0/16",
  instanceType: "c5.2xlarge",
};

/** Two environments for tests, apart from those in `environments/`, which a user edits. */
export const environments: readonly EnvironmentInput[] = [c5n, c5];
