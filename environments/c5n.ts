import type { EnvironmentInput } from "../environment/environment";

/** Four configurations on c5n.2xlarge. Replace the account, the owner, the App and the operator before you deploy. */
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
