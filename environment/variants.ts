/** One way of writing the same image: which Dockerfile, and how the exporter writes its layers. */
export interface BuildVariant {
  /** Folder with a Dockerfile, or the path of one. */
  readonly image: string;
  /**
   * Folder that the build may read.
   * @default - the environment's build.context, else the Dockerfile's folder
   */
  readonly context?: string | undefined;
  /** Attributes of BuildKit's image exporter, or "default": gzip, one thread a layer. */
  readonly output: string;
}

/**
 * The two that the experiment sets side by side: the original article's (one pip layer, gzip) and the fast path
 * (dependencies in layers that build, compress and push in parallel, zstd).
 */
export const VARIANTS = {
  original: { image: "pipeline/image/Dockerfile.original", output: "default" },
  fast: {
    image: "pipeline/image",
    output: "compression=zstd,compression-level=1,oci-mediatypes=true",
  },
} as const satisfies Record<string, BuildVariant>;

export type VariantName = keyof typeof VARIANTS;

export const VARIANT_NAMES = Object.keys(VARIANTS) as [VariantName, ...VariantName[]];

const ATTRIBUTE =
  "(?:compression=(?:uncompressed|gzip|estargz|zstd)|compression-level=\\d{1,2}|(?:force-compression|oci-mediatypes|rewrite-timestamp)=(?:true|false))";

/** What may be said about layers, and nothing that would turn the push into something else. */
export const OUTPUT_PATTERN = new RegExp(`^(?:default|${ATTRIBUTE}(?:,${ATTRIBUTE})*)$`);

/** A folder or file of the repository: no option, no way out of the checkout. */
export const PATH_PATTERN = /^(?!(?:.*\/)?\.\.(?:\/|$))[A-Za-z0-9._@+(~][A-Za-z0-9 ._@+()~/-]*(?<! )$/;
