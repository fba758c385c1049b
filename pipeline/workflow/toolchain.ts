/** GitHub's machines, by release: `latest` moves, and a measurement must not. */
export const HOSTED_RUNNER = "ubuntu-24.04";

/** Actions by commit; the workflow names the release beside it. */
export const ACTIONS = {
  checkout: {
    name: "actions/checkout",
    version: "v7.0.1",
    commit: "3d3c42e5aac5ba805825da76410c181273ba90b1",
  },
  uploadArtifact: {
    name: "actions/upload-artifact",
    version: "v7.0.0",
    commit: "bbbca2ddaa5d8feaa63e36b76fdaad77386f024f",
  },
  awsCredentials: {
    name: "aws-actions/configure-aws-credentials",
    version: "v6.2.3",
    commit: "e6de054238d6b7531b4efff3b6587d9aade6a06c",
  },
  ecrLogin: {
    name: "aws-actions/amazon-ecr-login",
    version: "v2.1.7",
    commit: "03f1aad4c6c7ffd436567f42f9384779290529bd",
  },
  setupBuildx: {
    name: "docker/setup-buildx-action",
    version: "v4.3.0",
    commit: "37fe631027851001ddb9b187196cc803df7f5f0e",
  },
} as const;

/** As `uses:` names an action. */
export const uses = ({ name, commit }: (typeof ACTIONS)[keyof typeof ACTIONS]) => `${name}@${commit}`;
