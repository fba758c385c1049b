import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { describe, expect, it } from "vitest";
import { ImageRepository, type ImageRepositoryProps } from "../../constructs/image-repository";
import { type EcrImage, expired } from "../helpers/ecr-lifecycle";
import { asList, asObject, asText, parseJson } from "../helpers/json";
import { once, synthesizeConstruct } from "../helpers/synth";

const synthesizedOnce = once((change: Partial<ImageRepositoryProps>) =>
  synthesizeConstruct((scope) => {
    new ImageRepository(scope, "image", { name: "demo/app", ...change });
  }),
);
const synthesized = (change: Partial<ImageRepositoryProps> = {}) => synthesizedOnce(change);
const repository = (change: Partial<ImageRepositoryProps> = {}) =>
  synthesized(change).body("aws_ecr_repository");
const lifecycle = (change: Partial<ImageRepositoryProps> = {}) =>
  asObject(parseJson(asText(synthesized(change).body("aws_ecr_lifecycle_policy").policy))).rules;

describe("ImageRepository", () => {
  it("scans every push, keeps tags and is not deleted with its images", () => {
    expect(repository()).toEqual({
      name: "demo/app",
      image_tag_mutability: "IMMUTABLE",
      image_scanning_configuration: { scan_on_push: true },
      encryption_configuration: [{ encryption_type: "AES256" }],
      force_delete: false,
    });
  });

  it("exempts one prefix of tags from immutability", () => {
    expect(repository({ mutableTagPrefix: "cache-" })).toMatchObject({
      image_tag_mutability: "IMMUTABLE_WITH_EXCLUSION",
      image_tag_mutability_exclusion_filter: [{ filter: "cache-*", filter_type: "WILDCARD" }],
    });
  });

  it("names no exempt prefix where every tag can be overwritten", () => {
    const mutable = repository({ immutableTags: false, mutableTagPrefix: "cache-" });
    expect(mutable.image_tag_mutability).toBe("MUTABLE");
    expect(mutable).not.toHaveProperty("image_tag_mutability_exclusion_filter");
  });

  it("encrypts with a KMS key where one is given", () => {
    const stack = synthesizeConstruct((scope) => {
      new ImageRepository(scope, "image", { name: "demo/app", encryptionKey: new KmsKey(scope, "key") });
    });
    expect(stack.body("aws_ecr_repository").encryption_configuration).toEqual([
      { encryption_type: "KMS", kms_key: "<aws_kms_key.key.arn>" },
    ]);
  });

  it("expires untagged images after a week, and nothing else, by default", () => {
    expect(lifecycle()).toEqual([
      {
        rulePriority: 1,
        description: "Untagged images expire after 7 days",
        selection: {
          tagStatus: "untagged",
          countType: "sinceImagePushed",
          countUnit: "days",
          countNumber: 7,
        },
        action: { type: "expire" },
      },
    ]);
  });

  it("lets a mutable tag go when nobody pushed it for so many days", () => {
    const rules = lifecycle({ mutableTagPrefix: "cache-", mutableTagExpiryDays: 14 });
    expect(asList(rules).at(-1)).toMatchObject({
      rulePriority: 2,
      selection: {
        tagStatus: "tagged",
        tagPrefixList: ["cache-"],
        countType: "sinceImagePushed",
        countUnit: "days",
        countNumber: 14,
      },
    });
    expect(lifecycle({})).toHaveLength(1);
  });

  it("keeps so many images of each prefix, by rules of different priority", () => {
    const rules = lifecycle({
      untaggedExpiryDays: 3,
      keep: { tagPrefixes: ["hosted-default-", "custom-default-"], images: 5 },
    });
    expect(rules).toMatchObject([
      { rulePriority: 1, selection: { tagStatus: "untagged", countNumber: 3 } },
      {
        rulePriority: 2,
        selection: {
          tagStatus: "tagged",
          tagPrefixList: ["hosted-default-"],
          countType: "imageCountMoreThan",
          countNumber: 5,
        },
      },
      { rulePriority: 3, selection: { tagPrefixList: ["custom-default-"], countNumber: 5 } },
    ]);
  });
});

describe("what a lifecycle takes", () => {
  const policy = asText(
    synthesized({
      mutableTagPrefix: "cache-",
      mutableTagExpiryDays: 30,
      untaggedExpiryDays: 7,
      keep: { tagPrefixes: ["hosted-default-", "custom-kubernetes-"], images: 2 },
    }).body("aws_ecr_lifecycle_policy").policy,
  );
  const image = (daysOld: number, ...tags: string[]): EcrImage => ({ daysOld, tags });
  const left = (...images: EcrImage[]) => {
    const gone = expired(policy, images);
    return images.filter((one) => !gone.includes(one));
  };

  it("is no image that its configuration keeps, though it carries an old cache's tag too", () => {
    const kept = image(90, "hosted-default-1", "cache-hosted-default-main");
    expect(left(kept)).toEqual([kept]);
  });

  it("is an image beyond those that are kept, with its cache's tag", () => {
    const newest = [image(1, "hosted-default-3"), image(2, "hosted-default-2")];
    expect(left(image(3, "hosted-default-1", "cache-x"), ...newest)).toEqual(newest);
  });

  it("is a cache that nobody pushes, and none that somebody does", () => {
    const pushed = image(30, "cache-main");
    expect(left(pushed, image(31, "cache-gone"))).toEqual([pushed]);
  });

  it("counts each configuration by itself", () => {
    const images = [1, 2].flatMap((days) => [
      image(days, `hosted-default-${days}`),
      image(days, `custom-kubernetes-${days}`),
    ]);
    expect(left(...images, image(3, "hosted-default-3"), image(3, "custom-kubernetes-3"))).toEqual(images);
  });

  it("is what has no tag after a week, and nothing with a tag of one's own", () => {
    const own = image(900, "v1.2");
    expect(left(own, image(8), image(7))).toEqual([own, image(7)]);
  });
});
