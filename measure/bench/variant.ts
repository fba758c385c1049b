import { didYouMean } from "../../util/suggest";

/**
 * The axes along which variants differ, and their values. `concurrency` is BuildKit's maxRegistryConcurrency:
 * connections to one registry at a time.
 */
export const AXES = {
  installer: ["pip", "uv"],
  layers: ["one", "split:2", "split:4", "split:6", "split:8"],
  link: ["off", "code", "small", "on"],
  compression: ["gzip", "zstd:1", "zstd:3", "uncompressed", "estargz"],
  force: ["off", "on"],
  cache: ["none", "inline", "registry-min", "registry"],
  concurrency: ["1", "2", "4", "8", "16"],
  bytecode: ["on", "off"],
} as const;

export type Axis = keyof typeof AXES;

export type Settings = { readonly [A in Axis]: (typeof AXES)[A][number] };

/** One way to build the workload. The label is its identity in records and reports. */
export interface Variant {
  readonly label: string;
  readonly settings: Settings;
  /** A Dockerfile of the user's, which this variant alone builds. @default - that of the workload or the context */
  readonly dockerfile?: string;
}

export const AXIS_NAMES = [
  "installer",
  "layers",
  "link",
  "compression",
  "force",
  "cache",
  "concurrency",
  "bytecode",
] as const;

/** What each axis means, for --list. */
export const AXIS_WORDS: Readonly<Record<Axis, string>> = {
  installer: "program that installs the packages",
  layers: "packages in one layer, or in N of similar size",
  link: "what is copied by COPY --link instead of installed by RUN straight into the image: nothing, the code, the small layers too (each from a stage of its own, as pipeline/image/Dockerfile has it), or every layer",
  compression: "of the layers that the build makes (and of the cache that it exports)",
  force:
    "whether layers that the build finds, such as those of the base, are written anew in that compression (force-compression)",
  cache:
    "what the build leaves for the next one: nothing, the image itself, the image's layers apart from it (mode=min), or all stages (mode=max)",
  concurrency: "connections to the registry at a time (maxRegistryConcurrency; 4 is BuildKit's default)",
  bytecode: "modules compiled during the install, or at their first import",
};

/** Written first when somebody writes `layers=split`. */
const ALIASES: Readonly<Record<string, string>> = { split: "split:4", zstd: "zstd:3" };

export type Preset = "original" | "fast";

export const PRESETS: Readonly<Record<Preset, Settings>> = {
  /** The original article's way: one pip layer, BuildKit's defaults, the cache in the image. */
  original: {
    installer: "pip",
    layers: "one",
    link: "off",
    compression: "gzip",
    force: "off",
    cache: "inline",
    concurrency: "4",
    bytecode: "on",
  },
  /** What pipeline/image/Dockerfile, the fast variant of environment/variants.ts and the cache registry-min do together. */
  fast: {
    installer: "uv",
    layers: "split:8",
    link: "small",
    compression: "zstd:1",
    force: "off",
    cache: "registry-min",
    concurrency: "4",
    bytecode: "off",
  },
};

export const PRESET_NAMES: readonly Preset[] = ["original", "fast"];

export type ParsedVariants = { readonly variants: readonly Variant[]; readonly problems: readonly string[] };

/**
 * Reads `original,fast,fast+compression=gzip+layers=one`: presets, each with any number of axes changed; or
 * `before=Dockerfile,after=Dockerfile.fast`, Dockerfiles of the user's under names of theirs. A preset's
 * label names only what differs from its preset, in the order of the axes, so that two spellings of one
 * variant are seen to be the same. Never throws: everything wrong comes together.
 */
export function parseVariants(expression: string): ParsedVariants {
  const variants: Variant[] = [];
  const problems: string[] = [];
  for (const term of expression.split(",").map((part) => part.trim())) {
    const variant = parseVariant(term, problems);
    if (variant === undefined) continue;
    // Images and folders are named by the slug.
    if (variants.some(({ label }) => slugOf(label) === slugOf(variant.label))) {
      problems.push(`--variants names ${variant.label} twice`);
    } else variants.push(variant);
  }
  return { variants, problems };
}

/** `after=Dockerfile.fast+compression=zstd:1`: a name of the user's and a file, each with axes changed. */
const NAMED = /^([A-Za-z0-9][A-Za-z0-9_.-]{0,39})=(.+)$/s;

function parseVariant(term: string, problems: string[]): Variant | undefined {
  const [name = "", ...changes] = term.split("+").map((part) => part.trim());
  const [, label, dockerfile] = NAMED.exec(name) ?? [];
  if (label !== undefined && dockerfile !== undefined) {
    const changed = readChanges(term, changes, problems);
    // What differs is the Dockerfile: both are written by BuildKit's defaults, unless the user says otherwise.
    return changed && { label, settings: withChanges(PRESETS.original, changed), dockerfile };
  }
  const preset = PRESET_NAMES.find((known) => known === name);
  if (preset === undefined) {
    problems.push(
      `--variants must name ${PRESET_NAMES.join(" or ")}, each with +AXIS=VALUE as wanted, or with --context NAME=DOCKERFILE; got "${term}".${didYouMean(name, PRESET_NAMES)}`,
    );
    return undefined;
  }
  const changed = readChanges(term, changes, problems);
  if (changed === undefined) return undefined;
  const settings = withChanges(PRESETS[preset], changed);
  const differing = AXIS_NAMES.filter((axis) => settings[axis] !== PRESETS[preset][axis]);
  return { label: [preset, ...differing.map((axis) => `${axis}=${settings[axis]}`)].join("+"), settings };
}

/** The axes that a term changes; undefined when one cannot be. */
function readChanges(
  term: string,
  changes: readonly string[],
  problems: string[],
): ReadonlyMap<Axis, string> | undefined {
  const before = problems.length;
  const changed = new Map<Axis, string>();
  for (const change of changes) {
    const [axisName = "", written = "", ...rest] = change.split("=");
    const axis = AXIS_NAMES.find((known) => known === axisName);
    if (axis === undefined || rest.length > 0) {
      problems.push(
        `--variants: an axis must be one of ${AXIS_NAMES.join(", ")}; got "${change}".${didYouMean(axisName, AXIS_NAMES)}`,
      );
      continue;
    }
    const values: readonly string[] = AXES[axis];
    const value = values.includes(written) ? written : (ALIASES[written] ?? written);
    if (!values.includes(value)) {
      problems.push(
        `--variants: ${axis} must be one of ${values.join(", ")}; got "${written}".${didYouMean(written, values)}`,
      );
    } else if (changed.has(axis)) problems.push(`--variants: "${term}" gives ${axis} twice`);
    else changed.set(axis, value);
  }
  return problems.length > before ? undefined : changed;
}

function withChanges(preset: Settings, changed: ReadonlyMap<Axis, string>): Settings {
  const pick = <A extends Axis, V extends string>(axis: A, values: readonly V[]): V | Settings[A] =>
    values.find((value) => value === changed.get(axis)) ?? preset[axis];
  return {
    installer: pick("installer", AXES.installer),
    layers: pick("layers", AXES.layers),
    link: pick("link", AXES.link),
    compression: pick("compression", AXES.compression),
    force: pick("force", AXES.force),
    cache: pick("cache", AXES.cache),
    concurrency: pick("concurrency", AXES.concurrency),
    bytecode: pick("bytecode", AXES.bytecode),
  };
}

/** How many layers the packages are split into. */
export function layerCount({ layers }: Settings): number {
  return layers === "one" ? 1 : Number(layers.slice("split:".length));
}

/** A label as a part of an image name. */
export function slugOf(label: string): string {
  return label
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}
