import { isPrivateNetwork } from "../constructs/cidr";
import { needsOf } from "./configurations";
import type { Environment } from "./environment";
import { isEnterpriseServer } from "./github-host";
import { namesOf } from "./names";
import { ofOtherAccounts, placeholdersIn } from "./placeholders";
import { idleWarmBuilders } from "./warm-builders";

/** What is valid and still deserves a look before money is spent. Each says what it means and which prop changes it. */
export function warningsFor(environment: Environment): string[] {
  const needs = needsOf(environment.configurations);
  const { name, github, apiEndpoint, runners, builders } = environment;
  const warnings: string[] = [];
  const placeholders = placeholdersIn(environment);
  if (placeholders.length > 0) {
    warnings.push(
      `Still the example's values: ${placeholders.join(", ")}. A deploy stops until they are replaced.`,
    );
  }
  if (needs.publicApiEndpoint && apiEndpoint.publicAccessCidrs.includes("0.0.0.0/0")) {
    warnings.push(
      "The Kubernetes API can be reached from everywhere (it still asks for an IAM identity): hosted-kubernetes needs it, because GitHub's runners have too many addresses to list.",
    );
  }
  if (needs.publicApiEndpoint && !apiEndpoint.publicAccessCidrs.includes("0.0.0.0/0")) {
    warnings.push(
      "apiEndpoint.publicAccessCidrs does not hold 0.0.0.0/0: hosted-kubernetes works only from runners with fixed addresses in it, such as GitHub's larger runners.",
    );
  }
  if (needs.cluster && !needs.publicApiEndpoint) {
    warnings.push(
      `The Kubernetes API has a private endpoint only: deploy up to ${name}-cluster, then the rest from a machine in its VPC, or from a network in apiEndpoint.privateAccessCidrs that is connected to it.`,
    );
  }
  const strangers = ofOtherAccounts(environment.clusterAdmins, environment.accountId);
  if (needs.cluster && strangers.length > 0) {
    warnings.push(
      `clusterAdmins holds ${strangers.length === 1 ? "a role of another account" : "roles of other accounts"} (${strangers.join(", ")}): EKS gives them the whole cluster, and whoever administers those accounts can take them.`,
    );
  }
  if (needs.cluster && !isPrivateNetwork(environment.vpcCidr)) {
    warnings.push(
      `vpcCidr holds public addresses (${environment.vpcCidr}): builds cannot reach whoever has them on the internet. Use a part of 10.0.0.0/8.`,
    );
  }
  if (needs.runners) {
    warnings.push(
      "Self-hosted runners take jobs of every branch: everyone who can push a branch can run code on the builder nodes and push images. Never give them to a public repository.",
    );
  }
  if (needs.hostedRole && github.ownerId === undefined && !isEnterpriseServer(github.issuer)) {
    warnings.push(
      "github.ownerId and github.repositoryId are not set: hosted jobs of a repository created or renamed since 2026-07-15 cannot assume the role without them.",
    );
  }
  if (needs.hostedRole && isEnterpriseServer(github.issuer)) {
    warnings.push(
      `GitHub Enterprise Server has no machines of GitHub's: hosted-* jobs wait for runners of your own with their label, and AWS must reach ${github.issuer} to read its keys.`,
    );
  }
  if (needs.cluster && environment.natGateways === "one") {
    warnings.push("One NAT gateway: when its zone fails, no build can download (natGateways).");
  }
  if (environment.removalPolicy === "destroy") {
    warnings.push(
      `cdktf destroy '${name}-*' deletes the image repositories with their images${needs.cluster ? `, and nothing protects cluster ${namesOf(name).cluster.value} from deletion` : ""} (removalPolicy).`,
    );
  }
  if (
    needs.dockerInRunner &&
    needs.builders &&
    (runners.cpu !== builders.cpu || runners.memoryGib !== builders.memoryGib)
  ) {
    warnings.push(
      `Builds get ${runners.cpu} CPU, ${runners.memoryGib} GiB in a runner and ${builders.cpu} CPU, ${builders.memoryGib} GiB in a builder: the configurations are not comparable.`,
    );
  }
  if (environment.build.platforms?.includes("linux/arm64")) {
    warnings.push(
      "The builders have x86_64 processors and emulate no other: a RUN of a linux/arm64 stage fails, unless that stage is FROM --platform=$BUILDPLATFORM (build.platforms).",
    );
  }
  if (builders.mode === "warm" && !needs.builders) {
    warnings.push(
      'builders.mode is "warm", and no configuration builds in a builder: none is made. Add a *-kubernetes configuration.',
    );
  }
  const idle = idleWarmBuilders(environment);
  if (idle.length > 0) {
    warnings.push(
      `No image repository is built by ${idle.join(", ")}, each of which holds ${builders.cpu} CPU, ${builders.memoryGib} GiB and a volume all the time: a repository's name chooses its builder (builders.replicas, images.repositories).`,
    );
  }
  return warnings;
}
