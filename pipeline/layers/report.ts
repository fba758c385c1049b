import { drawTable } from "../../util/table";
import type { Layer, Plan } from "./plan";
import { layerName, megabytes, summary } from "./render";

/** What is in which layer, for a person. */
export function reportOf({ layers, renewed }: Plan, width: number): string {
  const sizeOf = (some: readonly Layer[]) => [
    megabytes(some.reduce((bytes, layer) => bytes + layer.bytes, 0)),
    String(some.reduce((count, { packages }) => count + packages.length, 0)),
  ];
  const rows = layers.map((layer, index) => [layerName(index), ...sizeOf([layer]), summary(layer)]);
  const table = drawTable(
    ["layer", "compressed", "packages", "largest"],
    [...rows, ["all", ...sizeOf(layers), ""]],
    { width, aligns: ["left", "right", "right", "left"] },
  );
  const note =
    renewed === undefined ? "" : `Planned anew, because ${renewed}: expect every layer to change.\n`;
  return `${note}${table}\n`;
}
