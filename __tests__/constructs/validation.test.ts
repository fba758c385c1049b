import type { TerraformStack } from "cdktf";
import { expect, it } from "vitest";
import { BuildNamespace } from "../../constructs/build-namespace";
import { BuilderAccess } from "../../constructs/builder-access";
import { BuilderStorageClass } from "../../constructs/builder-storage-class";
import { GithubActionsRole } from "../../constructs/github-actions-role";
import { grantImagePush } from "../../constructs/image-push";
import { ImageRepository } from "../../constructs/image-repository";
import { NodeGroup } from "../../constructs/node-group";
import { NodeRole } from "../../constructs/node-role";
import { RunnerDeployment } from "../../constructs/runner-deployment";
import { WarmBuilders } from "../../constructs/warm-builders";
import { newCluster, newNetwork, OPERATOR, POD } from "../helpers/parts";
import { synthesizeConstruct } from "../helpers/synth";

const LONG = "n".repeat(65);
const zone = { zone: "us-west-2a", publicCidr: "10.30.240.0/24", privateCidr: "10.30.0.0/20" };
const namespace = (stack: TerraformStack) =>
  new BuildNamespace(stack, "builds", { name: "builds", allowances: [POD] });

const CASES: readonly (readonly [message: string, build: (stack: TerraformStack) => unknown])[] = [
  [
    `test/cluster: roleName must have 1 to 64 characters; got "${LONG}-cluster"; deletionWindowInDays must be a whole number from 7 to 30; got 3`,
    (stack) => newCluster(stack, { name: LONG, deletionWindowInDays: 3 }),
  ],
  [
    `test/cluster: clusterAdmins must name none twice; got ["${OPERATOR}","${OPERATOR}"]`,
    (stack) => newCluster(stack, { clusterAdmins: [OPERATOR, OPERATOR] }),
  ],
  [
    "test/cluster: publicAccessCidrs must name a network; leave it out for none",
    (stack) => newCluster(stack, { publicAccessCidrs: [] }),
  ],
  [
    'test/network: subnets must name at least 2 and none twice; got ["us-west-2a"]',
    (stack) => newNetwork(stack, { subnets: [zone] }),
  ],
  [
    "test/nodes: minSize must be a whole number from 0 to 1; got 2; desiredSize must be a whole number from 2 to 1; got 2",
    (stack) =>
      new NodeGroup(stack, "nodes", {
        name: "nodes",
        cluster: newCluster(stack),
        nodeRole: new NodeRole(stack, "role", { roleName: "node" }),
        instanceType: "c5.2xlarge",
        minSize: 2,
        maxSize: 1,
        volumeGib: 50,
      }),
  ],
  [
    `test/role: roleName must have 1 to 64 characters; got "${LONG}"`,
    (stack) => new NodeRole(stack, "role", { roleName: LONG }),
  ],
  [
    "test/jobs: jobs must name a branch or a GitHub environment, or no job can assume the role",
    (stack) =>
      new GithubActionsRole(stack, "jobs", {
        roleName: "jobs",
        oidcProviderArn: "arn",
        jobs: { owner: "acme", repository: "images" },
      }),
  ],
  [
    'test/jobs: branches must be names without refs/heads/; got ["refs/heads/main"]',
    (stack) =>
      new GithubActionsRole(stack, "jobs", {
        roleName: "jobs",
        oidcProviderArn: "arn",
        jobs: { owner: "acme", repository: "images", branches: ["refs/heads/main"] },
      }),
  ],
  [
    "test/jobs: jobs must fit a trust policy of 2048 characters; got 50 subjects, which take 2275. Name fewer branches",
    (stack) =>
      new GithubActionsRole(stack, "jobs", {
        roleName: "jobs",
        oidcProviderArn: "arn",
        jobs: {
          owner: "acme",
          repository: "images",
          branches: Array.from({ length: 50 }, (_, i) => `b${i + 10}`),
        },
      }),
  ],
  [
    "test/image: untaggedExpiryDays must be a whole number from 1 to 3650; got 0",
    (stack) => new ImageRepository(stack, "image", { name: "image", untaggedExpiryDays: 0 }),
  ],
  [
    "test: repositories must name at least one: IAM takes no empty list",
    (stack) => grantImagePush(stack, "push", { roleName: "jobs" }, []),
  ],
  [
    "test/builds: allowances must name at least one shape of pod",
    (stack) => new BuildNamespace(stack, "builds", { name: "builds", allowances: [] }),
  ],
  [
    "test/access: warmBuilders must name at least 1 and none twice; got []",
    (stack) =>
      new BuilderAccess(stack, "access", {
        namespace: namespace(stack),
        name: "jobs",
        user: { group: "jobs" },
        warmBuilders: [],
      }),
  ],
  [
    'test/warm: names must name at least 1 and none twice; got ["a","a"]',
    (stack) =>
      new WarmBuilders(stack, "warm", {
        names: ["a", "a"],
        namespace: namespace(stack),
        image: "moby/buildkit:v0.31.2",
        resources: { milliCpu: 2000, memoryMib: 4096 },
        storageClass: new BuilderStorageClass(stack, "storage"),
        volumeGib: 50,
      }),
  ],
  [
    'test/runners: minReplicas must be a whole number from 0 to 1; got 2; repository must be owner/name; got "images"',
    (stack) =>
      new RunnerDeployment(stack, "runners", {
        name: "runner",
        namespace: "builds",
        repository: "images",
        labels: [],
        minReplicas: 2,
        maxReplicas: 1,
        resources: { milliCpu: 500, memoryMib: 1024 },
        serviceAccountName: "runner",
        nodeSelector: {},
        tolerations: [],
      }),
  ],
];

it.each(CASES)("%s", (message, build) => {
  expect(() => synthesizeConstruct(build)).toThrow(new Error(message));
});

it("lets a name pass that Terraform resolves", () => {
  const build = (stack: TerraformStack) => {
    const { roleName } = new NodeRole(stack, "one", { roleName: "one" });
    new NodeRole(stack, "two", { roleName });
  };
  expect(() => synthesizeConstruct(build)).not.toThrow();
});
