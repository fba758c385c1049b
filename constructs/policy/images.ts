import { type KubernetesObject, runnerSpecOf } from "./kubernetes-objects";
import { eachObject, leavesOf } from "./pods";
import type { RenderedResource } from "./rendered-stack";
import type { Finding, PolicyRule } from "./rule";
import { isValues, type Leaf, shown, type Value, walk } from "./values";

const FIX = "Name it by digest, or by a tag with a full version such as v0.31.2";
const EXACT_VERSION = /^v?\d+\.\d+\.\d+(?:[-+.][\w.+-]*)?$/;

/** An image that is the same tomorrow: by digest, or by a tag that begins with a full version. */
export function isExactImage(image: string): boolean {
  if (/@sha256:[0-9a-f]{64}$/.test(image)) return true;
  // A port of the registry comes before a slash.
  const tag = /^[\w.:/-]+?:([\w.-]+)$/.exec(image)?.[1];
  return tag !== undefined && EXACT_VERSION.test(tag);
}

/** Keys whose value is a whole image: `image`, `dockerImage`, `dindSidecarRepositoryAndTag`. */
const IMAGE_KEY = /(?:^i|I)mage$|RepositoryAndTag$/;

/** Images that a chart takes in a moving version unless its values say otherwise. */
const MOVING_DEFAULTS: Readonly<Record<string, string>> = {
  "actions-runner-controller": "dindSidecarRepositoryAndTag",
};

const imageVersion: PolicyRule = {
  id: "policy/image-version",
  demands: "Every container image is named by digest or exact version, and every chart by exact version.",
  check: (resource) => [
    ...eachObject(resource, (object) => [...imagesIn(object), ...runnerImage(object)]),
    ...chart(resource),
    ...options(resource),
  ],
};

function imagesIn(object: KubernetesObject): Finding[] {
  return leavesOf(object)
    .flatMap((leaf) => imageAt(leaf))
    .filter(({ image }) => typeof image !== "string" || !isExactImage(image))
    .map(({ path, image }) => ({ what: `${path} is ${shown(image)}`, fix: FIX }));
}

function imageAt({ path, key, value }: Leaf): { readonly path: string; readonly image: Value }[] {
  if (!IMAGE_KEY.test(key) || path.endsWith("]")) return [];
  if (typeof value === "string") return [{ path, image: value }];
  // Charts write repository, tag and digest apart, and without a tag take the one of their own version.
  if (!isValues(value)) return [];
  const { repository, tag, digest } = value;
  if (!tag && !digest) return [];
  return [{ path, image: `${repository ?? "image"}${digest ? `@${digest}` : `:${tag}`}` }];
}

function runnerImage(object: KubernetesObject): Finding[] {
  const runner = runnerSpecOf(object);
  return runner && runner.image === undefined
    ? [{ what: "names no image, and the controller's default moves", fix: FIX }]
    : [];
}

function chart({ type, body }: RenderedResource): Finding[] {
  if (type !== "helm_release") return [];
  const { version } = body;
  const moving = MOVING_DEFAULTS[String(body.chart).split("/").pop() ?? ""];
  const values = JSON.stringify([body.values, body.set]);
  return [
    ...(typeof version === "string" && EXACT_VERSION.test(version)
      ? []
      : [{ what: `version is ${shown(version)}`, fix: "Name the chart's exact version" }]),
    ...(moving !== undefined && !values.includes(moving)
      ? [{ what: `names no ${moving}, and the chart's default moves`, fix: FIX }]
      : []),
  ];
}

/** Options of buildx in any text, outputs included: `image=moby/buildkit:v0.31.2`. */
function options({ body }: RenderedResource): Finding[] {
  return [...walk(body)].flatMap(({ path, value }) =>
    typeof value === "string"
      ? [...value.matchAll(/(?:^|[\s,"])image=([^\s,"]+)/g)]
          .filter(([, image]) => !isExactImage(image ?? ""))
          .map(([, image]) => ({ what: `${path} has image=${image}`, fix: FIX }))
      : [],
  );
}

export const IMAGE_RULES: readonly PolicyRule[] = [imageVersion];
