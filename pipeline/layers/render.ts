import type { Lock } from "./lock";
import { isLinked, type Layer } from "./plan";

/** Folder of the layers' requirements, beside the Dockerfile and so in its context. */
export const FOLDER = "layers";
/** First words of every file that is written here; a file without them is somebody's own. */
export const HEADER = "# Written by npx buildx-on-eks layers from";

/** Where a stage of its own installs, so that COPY takes nothing but the packages. */
export const LAYER = "/layer";

const BLOCKS = {
  stages: { begin: "# layers: stages, written by npx buildx-on-eks layers", end: "# layers: end of stages" },
  layers: { begin: "# layers: written by npx buildx-on-eks layers", end: "# layers: end" },
} as const;
export type Block = keyof typeof BLOCKS;

/** Version 0.1 wrote another command into its files. */
export const renewed = (text: string): string =>
  text.replaceAll(/^(# .*[Ww]ritten by )npm run layers/gm, "$1npx buildx-on-eks layers");

export const layerName = (index: number): string => String(index + 1).padStart(2, "0");

/** The part of the lock that one layer installs. */
export function layerFile(layer: Layer, { options }: Lock, lockName: string): string {
  const pins = layer.packages.map(({ pin }) =>
    [pin.requirement, ...pin.hashes.map((hash) => `--hash=${hash}`)].join(" \\\n    "),
  );
  return `${[`${HEADER} ${lockName}; its hashes are kept.`, ...options, ...pins].join("\n")}\n`;
}

/**
 * The Dockerfile with all layers: those that are installed straight into the image, one upon the other, then the linked
 * ones, each with a stage above.
 */
export function withLayers(dockerfile: string, layers: readonly Layer[]): string {
  const named = layers.map((layer, index) => ({
    name: layerName(index),
    comment: `# ${megabytes(layer.bytes)}: ${summary(layer)}`,
    linked: isLinked(layer, layers),
  }));
  const linked = named.filter((layer) => layer.linked);
  const stages = linked.flatMap(({ name, comment }, index) => [
    ...(index === 0 ? [] : [""]),
    comment,
    `FROM runtime AS layer-${name}`,
    ...installLines(`${FOLDER}/${name}.txt`, LAYER),
  ]);
  const straight = named.filter((layer) => !layer.linked);
  const content = [
    ...straight.flatMap(({ name, comment }) => [comment, ...installLines(`${FOLDER}/${name}.txt`, "/")]),
    ...linked.map(({ name }) => `COPY --link --from=layer-${name} ${LAYER}/ /`),
  ];
  return replaceBlock(replaceBlock(dockerfile, "stages", stages), "layers", content);
}

/**
 * The instruction that installs what a lock names, with the stage `installer` of pipeline/image/Dockerfile.
 *
 * @param target the image itself, or the folder that is copied out of a stage
 */
export function installLines(lock: string, target: "/" | typeof LAYER): string[] {
  return [
    "RUN --mount=type=bind,from=installer,target=/installer \\",
    `    --mount=type=bind,source=${lock},target=/layer.txt \\`,
    "    --mount=type=cache,id=uv,target=/wheels \\",
    `    /installer/install-layer /layer.txt ${target}`,
  ];
}

/** What is wrong with the lines around the written parts. */
export function markerProblems(dockerfile: string): string[] {
  const lines = dockerfile.split("\n");
  const problems: string[] = [];
  const ends = Object.values(BLOCKS).map(({ begin, end }) => {
    for (const marker of [begin, end]) {
      const found = lines.filter((line) => line === marker).length;
      if (found !== 1) problems.push(`must hold the line "${marker}" once; it does ${found} times.`);
    }
    if (lines.indexOf(begin) > lines.indexOf(end) && lines.includes(end)) {
      problems.push(`must hold "${begin}" before "${end}".`);
    }
    return { begin: lines.indexOf(begin), end: lines.indexOf(end) };
  });
  const [stages, layers] = ends;
  if (problems.length === 0 && stages && layers && layers.begin < stages.end) {
    problems.push("must hold the stages before the layers: COPY --from knows only stages above it.");
  }
  return problems;
}

function replaceBlock(dockerfile: string, block: Block, content: readonly string[]): string {
  const { begin, end } = BLOCKS[block];
  const lines = dockerfile.split("\n");
  return [...lines.slice(0, lines.indexOf(begin) + 1), ...content, ...lines.slice(lines.indexOf(end))].join(
    "\n",
  );
}

/** The largest packages of a layer, and how many more there are. */
export function summary({ packages }: Layer, shown = 3): string {
  const names = [...packages].sort((a, b) => b.bytes - a.bytes).map(({ pin }) => pin.name);
  const more = names.length - shown;
  return `${names.slice(0, shown).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

export const megabytes = (bytes: number): string =>
  bytes < 1e6 ? `${(bytes / 1e6).toFixed(2)} MB` : `${Math.round(bytes / 1e6)} MB`;
