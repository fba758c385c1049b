import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { GithubActionsRole } from "../constructs/github-actions-role";
import { GithubAppKey, SET_GITHUB_APP_KEY } from "../constructs/github-app-key";
import type { GithubOidcProvider } from "../constructs/github-oidc-provider";
import type { GithubJobs } from "../constructs/github-trust";
import { grantImagePush } from "../constructs/image-push";
import { ImageRepository } from "../constructs/image-repository";
import { policyDocument } from "../constructs/policy-document";
import { Preflight } from "../constructs/preflight";
import { except } from "../constructs/security-exception";
import { AwsStack, type AwsStackProps } from "./aws-stack";

export interface HostedJobs extends GithubJobs {
  readonly roleName: string;
  readonly oidcProvider: GithubOidcProvider;
  /**
   * The cluster whose address hosted jobs may ask for.
   * @default - none: only hosted-kubernetes needs it
   */
  readonly clusterName?: string | undefined;
}

export interface RegistryStackProps extends AwsStackProps {
  /** Names of the repositories, without and with their namespace in ECR. */
  readonly repositories: readonly { readonly image: string; readonly name: string }[];
  readonly immutableTags: boolean;
  /** Prefix of the tags that builds overwrite. */
  readonly mutableTagPrefix: string;
  readonly untaggedExpiryDays: number;
  readonly keep: { readonly tagPrefixes: readonly string[]; readonly images: number };
  /** Delete repositories that hold images. */
  readonly forceDelete: boolean;
  /** @default - AES256 with keys that S3 manages */
  readonly encryptionKey?: { readonly alias: string; readonly deletionWindowInDays: number } | undefined;
  /** @default - no role: nothing hosted is chosen */
  readonly hostedJobs?: HostedJobs | undefined;
  /** The environment has runners, so its deploy needs the GitHub App's private key. */
  readonly needsGithubAppKey: boolean;
  /** Props that still hold the example's values, in words. */
  readonly placeholders: readonly string[];
}

/** Where images go, and who outside the cluster may put them there. The first stack of an environment. */
export class RegistryStack extends AwsStack {
  readonly repositories: readonly ImageRepository[];
  readonly hostedRole: GithubActionsRole | undefined;

  constructor(scope: Construct, id: string, props: RegistryStackProps) {
    super(scope, id, props);
    new Preflight(this, "preflight", {
      placeholders: props.placeholders,
      checks: props.needsGithubAppKey ? [this.githubAppKeyIsGiven()] : [],
    });
    const encryptionKey = props.encryptionKey && this.imagesKey(props.encryptionKey);
    this.repositories = props.repositories.map(
      ({ image, name }) =>
        new ImageRepository(this, `image-${image}`, {
          name,
          immutableTags: props.immutableTags,
          mutableTagPrefix: props.mutableTagPrefix,
          untaggedExpiryDays: props.untaggedExpiryDays,
          keep: props.keep,
          forceDelete: props.forceDelete,
          ...(encryptionKey && { encryptionKey }),
        }),
    );
    this.hostedRole = props.hostedJobs && this.roleOf(props.hostedJobs, props);
    this.addOutputs(props);
  }

  private githubAppKeyIsGiven() {
    const key = new GithubAppKey(this, "github-app-key");
    return {
      condition: key.isGiven,
      errorMessage: `Set the private key of the GitHub App first: ${SET_GITHUB_APP_KEY}`,
    };
  }

  private imagesKey({
    alias,
    deletionWindowInDays,
  }: NonNullable<RegistryStackProps["encryptionKey"]>): KmsKey {
    const key = new KmsKey(this, "images-key", {
      description: "Images in ECR",
      enableKeyRotation: true,
      deletionWindowInDays,
    });
    except(key, "default-key-policy");
    new KmsAlias(this, "images-key-alias", { name: alias, targetKeyId: key.keyId });
    return key;
  }

  private roleOf(hosted: HostedJobs, { region, accountId }: AwsStackProps): GithubActionsRole {
    const jobs = new GithubActionsRole(this, "hosted-jobs", {
      roleName: hosted.roleName,
      oidcProviderArn: hosted.oidcProvider.arn,
      jobs: hosted,
    });
    grantImagePush(this, "hosted-jobs-push", jobs, this.repositories);
    if (hosted.clusterName !== undefined) {
      new IamRolePolicy(this, "hosted-jobs-cluster", {
        name: "find-cluster",
        role: jobs.roleName,
        policy: policyDocument({
          sid: "FindCluster",
          actions: ["eks:DescribeCluster"],
          resources: [`arn:aws:eks:${region}:${accountId}:cluster/${hosted.clusterName}`],
        }),
      });
    }
    return jobs;
  }

  private addOutputs(props: RegistryStackProps): void {
    new TerraformOutput(this, "repository_urls", {
      description: "URL of each image repository, by image",
      value: Object.fromEntries(
        props.repositories.map(({ image }, i) => [image, this.repositories[i]?.repositoryUrl]),
      ),
    });
    new TerraformOutput(this, "region", { description: "Region of the registry", value: props.region });
    if (this.hostedRole) {
      new TerraformOutput(this, "hosted_role_arn", {
        description: "Role that GitHub-hosted jobs assume (role-to-assume of configure-aws-credentials)",
        value: this.hostedRole.roleArn,
      });
    }
  }
}
