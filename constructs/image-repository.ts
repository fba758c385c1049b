import { EcrLifecyclePolicy } from "@cdktf/provider-aws/lib/ecr-lifecycle-policy";
import { EcrRepository } from "@cdktf/provider-aws/lib/ecr-repository";
import type { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { Construct } from "constructs";
import { except } from "./security-exception";
import { atMost, validate, within } from "./validation";

export interface ImageRepositoryProps {
  /** Name in ECR, its namespace included. */
  readonly name: string;
  /**
   * Tags cannot be overwritten, but for those that begin with `mutableTagPrefix`.
   * @default true
   */
  readonly immutableTags?: boolean;
  /**
   * Prefix of tags that builds overwrite, such as a build cache's.
   * @default - none: every tag is immutable
   */
  readonly mutableTagPrefix?: string;
  /**
   * Key that encrypts the images.
   * @default - AES256 with keys that S3 manages
   */
  readonly encryptionKey?: KmsKey;
  /**
   * Days after which an image with that prefix goes when nobody pushed it again, unless `keep` keeps it: the cache of
   * a branch that is no more.
   * @default 30
   */
  readonly mutableTagExpiryDays?: number;
  /**
   * Days after which untagged images are deleted.
   * @default 7
   */
  readonly untaggedExpiryDays?: number;
  /**
   * Which of the tagged images to keep.
   * @default - all
   */
  readonly keep?: {
    /** Prefixes of the tags that this is about. */
    readonly tagPrefixes: readonly string[];
    /** How many of the newest images to keep for each prefix. */
    readonly images: number;
  };
  /**
   * Delete the repository even while it holds images.
   * @default false
   */
  readonly forceDelete?: boolean;
}

/** An ECR repository: scanned on push, immutable tags, old images expired. */
export class ImageRepository extends Construct {
  readonly resource: EcrRepository;

  constructor(scope: Construct, id: string, props: ImageRepositoryProps) {
    super(scope, id);
    validate(
      this,
      atMost(256, "name", props.name),
      within(1, 3650, "untaggedExpiryDays", props.untaggedExpiryDays),
      within(1, 3650, "mutableTagExpiryDays", props.mutableTagExpiryDays),
    );
    const { immutableTags = true, mutableTagPrefix } = props;
    const exclude = immutableTags && mutableTagPrefix !== undefined;
    this.resource = new EcrRepository(this, "repository", {
      name: props.name,
      imageTagMutability: exclude ? "IMMUTABLE_WITH_EXCLUSION" : immutableTags ? "IMMUTABLE" : "MUTABLE",
      ...(exclude && {
        imageTagMutabilityExclusionFilter: [{ filter: `${mutableTagPrefix}*`, filterType: "WILDCARD" }],
      }),
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: [
        props.encryptionKey
          ? { encryptionType: "KMS", kmsKey: props.encryptionKey.arn }
          : { encryptionType: "AES256" },
      ],
      forceDelete: props.forceDelete ?? false,
    });
    if (exclude) except(this.resource, "mutable-cache-tags");
    if (!immutableTags) except(this.resource, "mutable-image-tags");
    if (!props.encryptionKey) except(this.resource, "aws-managed-image-key");
    new EcrLifecyclePolicy(this, "lifecycle", {
      repository: this.resource.name,
      policy: lifecyclePolicy(props),
    });
  }

  get repositoryName(): string {
    return this.resource.name;
  }

  get repositoryArn(): string {
    return this.resource.arn;
  }

  /** `<account>.dkr.ecr.<region>.amazonaws.com/<name>` */
  get repositoryUrl(): string {
    return this.resource.repositoryUrl;
  }
}

/**
 * ECR takes the rules by ascending priority, and an image that one rule keeps is not expired by a later one. So the
 * caches come last: a build with an inline cache pushes its image under the cache's tag too.
 */
function lifecyclePolicy(props: ImageRepositoryProps): string {
  const { untaggedExpiryDays = 7, mutableTagPrefix, mutableTagExpiryDays = 30, keep } = props;
  const olderThan = (days: number) => ({
    countType: "sinceImagePushed",
    countUnit: "days",
    countNumber: days,
  });
  const rules = [
    {
      description: `Untagged images expire after ${untaggedExpiryDays} days`,
      selection: { tagStatus: "untagged", ...olderThan(untaggedExpiryDays) },
    },
    ...(keep?.tagPrefixes ?? []).map((prefix) => ({
      description: `Keep the newest ${keep?.images} images tagged ${prefix}*`,
      selection: {
        tagStatus: "tagged",
        tagPrefixList: [prefix],
        countType: "imageCountMoreThan",
        countNumber: keep?.images,
      },
    })),
    ...(mutableTagPrefix === undefined
      ? []
      : [
          {
            description: `${mutableTagPrefix}* expire ${mutableTagExpiryDays} days after they were last pushed`,
            selection: {
              tagStatus: "tagged",
              tagPrefixList: [mutableTagPrefix],
              ...olderThan(mutableTagExpiryDays),
            },
          },
        ]),
  ];
  return JSON.stringify({
    rules: rules.map((rule, i) => ({ rulePriority: i + 1, ...rule, action: { type: "expire" } })),
  });
}
