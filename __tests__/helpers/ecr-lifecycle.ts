import { asList, asObject, asText, type JsonObject, parseJson } from "./json";

/** An image as ECR's lifecycle rules see it. */
export interface EcrImage {
  readonly tags: readonly string[];
  readonly daysOld: number;
}

/**
 * The images that a lifecycle policy expires. An image is the affair of the first rule, by priority, whose tags it
 * has: what that one keeps no later one takes. A list of prefixes or patterns wants a tag for each. A count counts
 * every image with the rule's tags, whichever rule takes it.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
 * @throws Error for what is not known here
 */
export function expired<T extends EcrImage>(policy: string, images: readonly T[]): T[] {
  const rules = asList(asObject(parseJson(policy)).rules)
    .map((rule) => asObject(rule))
    .sort((a, b) => Number(a.rulePriority) - Number(b.rulePriority));
  if (new Set(rules.map(({ rulePriority }) => rulePriority)).size !== rules.length) {
    throw new Error("two rules have one priority");
  }
  const selections = rules.map(({ selection }) => asObject(selection));
  return images.filter((image) => {
    const first = selections.find((selection) => hasTags(selection, image));
    return first !== undefined && takes(first, image, images);
  });
}

function hasTags({ tagStatus, tagPrefixList, tagPatternList }: JsonObject, { tags }: EcrImage): boolean {
  if (tagStatus === "untagged") return tags.length === 0;
  if (tagStatus !== "tagged") throw new Error(`tagStatus ${JSON.stringify(tagStatus)} is not known here`);
  const prefixes = asList(tagPrefixList ?? []).map((prefix) => asText(prefix));
  const patterns = asList(tagPatternList ?? []).map((pattern) => asText(pattern));
  if (prefixes.length + patterns.length === 0) throw new Error("tagged asks for prefixes or patterns");
  return (
    prefixes.every((prefix) => tags.some((tag) => tag.startsWith(prefix))) &&
    patterns.every((pattern) => tags.some((tag) => wildcard(pattern).test(tag)))
  );
}

const wildcard = (pattern: string) =>
  new RegExp(
    `^${pattern
      .split("*")
      .map((part) => part.replaceAll(/[.+?^$()[\]{}|\\]/g, "\\$&"))
      .join(".*")}$`,
  );

function takes(selection: JsonObject, image: EcrImage, images: readonly EcrImage[]): boolean {
  const number = Number(selection.countNumber);
  if (selection.countType === "sinceImagePushed" && selection.countUnit === "days") {
    return image.daysOld > number;
  }
  if (selection.countType !== "imageCountMoreThan") throw new Error("the count is not known here");
  const newer = images.filter((other) => hasTags(selection, other) && other.daysOld < image.daysOld);
  return newer.length >= number;
}
