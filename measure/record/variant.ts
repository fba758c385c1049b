import { type BuildVariant, VARIANT_NAMES, VARIANTS, type VariantName } from "../../environment/variants";

/** What an experiment calls its variants: by preset, or "custom" for one that equals none. */
export const VARIANT_LABELS = [...VARIANT_NAMES, "custom"] as const;

export type VariantLabel = (typeof VARIANT_LABELS)[number];

export interface NamedVariant extends BuildVariant {
  readonly name: VariantLabel;
}

/** The preset that a build's settings equal, or undefined. */
export function presetOf({ image, output }: BuildVariant): VariantName | undefined {
  // Records of version 0.1 name the folder image/ without pipeline/.
  const path = image.replace(/^image(?=\/|$)/, "pipeline/image");
  return VARIANT_NAMES.find((name) => VARIANTS[name].image === path && VARIANTS[name].output === output);
}

export function named(variant: BuildVariant): NamedVariant {
  return { name: presetOf(variant) ?? "custom", ...variant };
}

/** The preset's name, or the settings in words. */
export function variantWords({ image, output }: BuildVariant): string {
  return presetOf({ image, output }) ?? `image ${image}, output ${output}`;
}

/** `custom-kubernetes fast`, or `custom-kubernetes (image mine, output default)`. */
export function cellWords(configuration: string, variant: BuildVariant): string {
  const words = variantWords(variant);
  return presetOf(variant) === undefined ? `${configuration} (${words})` : `${configuration} ${words}`;
}
