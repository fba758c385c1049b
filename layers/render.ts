import type { Lock } from "./lock";
import type { Layer } from "./plan";

/** Folder of the layers' requirements, beside the Dockerfile and so in its context. */
export const FOLDER = "layers";
/** First words of every file that is written here; a file without them is somebody's own. */
export const HEADER = "# Written by npm run layers from";

const BLOCKS = {
  stages: { begin: "# layers: stages, written by npm run layers", end: "# layers: end of stages" },
  copies: { begin: "# layers: copies, written by npm run layers", end: "# layers: end of copies" },
} as const;
export type Block = keyof typeof BLOCKS;

export const layerName = (index: number): string => String(index + 1).padStart(2, "0");

/** The part of the lock that one layer installs. */
export function layerFile(layer: Layer, { options }: Lock, lockName: string): string {
  const pins = layer.packages.map(({ pin }) =>
    [pin.requirement, ...pin.hashes.map((hash) => `--hash=${hash}`)].join(" \\\n    "),
  );
  return `${[`${HEADER} ${lockName}; its hashes are kept.`, ...options, ...pins].join("\n")}\n`;
}

/** The Dockerfile with one stage and one COPY for each layer. */
export function withLayers(dockerfile: string, layers: readonly Layer[]): string {
  const stages = layers.map((layer, index) =>
    [
      `# ${megabytes(layer.bytes)}: ${summary(layer)}`,
      `FROM installer AS layer-${layerName(index)}`,
      `RUN --mount=type=bind,source=${FOLDER}/${layerName(index)}.txt,target=/tmp/layer.txt \\`,
      "    --mount=type=cache,id=uv,target=/var/cache/uv \\",
      "    install-layer /tmp/layer.txt",
    ].join("\n"),
  );
  const copies = layers.map((_, index) => `COPY --link --from=layer-${layerName(index)} /layer/ /`);
  return replaceBlock(replaceBlock(dockerfile, "stages", stages.join("\n\n")), "copies", copies.join("\n"));
}

/** What is wrong with the lines that the written parts stand between. */
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
  const [stages, copies] = ends;
  if (problems.length === 0 && stages && copies && copies.begin < stages.end) {
    problems.push("must hold the stages before the copies: COPY --from knows only stages above it.");
  }
  return problems;
}

function replaceBlock(dockerfile: string, block: Block, content: string): string {
  const { begin, end } = BLOCKS[block];
  const lines = dockerfile.split("\n");
  return [...lines.slice(0, lines.indexOf(begin) + 1), content, ...lines.slice(lines.indexOf(end))].join(
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
