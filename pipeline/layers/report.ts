import Table from "cli-table3";
import type { Plan } from "./plan";
import { layerName, megabytes, summary } from "./render";

/** What is in which layer, for a person. */
export function reportOf({ layers, renewed }: Plan): string {
  const table = new Table({
    head: ["layer", "compressed", "packages", "largest"],
    colAligns: ["left", "right", "right", "left"],
    style: { head: [], border: [] },
  });
  for (const [index, layer] of layers.entries()) {
    table.push([layerName(index), megabytes(layer.bytes), layer.packages.length, summary(layer)]);
  }
  const total = layers.reduce((bytes, layer) => bytes + layer.bytes, 0);
  table.push([
    "all",
    megabytes(total),
    layers.reduce((count, { packages }) => count + packages.length, 0),
    "",
  ]);
  const note =
    renewed === undefined ? "" : `Planned anew, because ${renewed}: expect every layer to change.\n`;
  return `${note}${table.toString()}\n`;
}
