import { fits, type Hints } from "./hints";
import { compareText, type Pin } from "./lock";

/** A layer above this many times the mean is worth a coarser split by change, so that the work is even. */
const EVEN = 1.25;
/** What is there is kept while its largest layer is at most this many times what a new plan can be held to. */
const KEPT = 1.25;
/** Of an image's 127 layers at most; the base and the code need some. */
export const MAX_LAYERS = 64;
export const DEFAULT_LAYERS = 8;
/** A layer below this share of the mean is linked. */
const LINKED = 0.5;

export interface PlannedPackage {
  readonly pin: Pin;
  readonly bytes: number;
}

export interface Layer {
  /** By name. */
  readonly packages: readonly PlannedPackage[];
  readonly bytes: number;
}

export interface Plan {
  /** The one that changes least often first. */
  readonly layers: readonly Layer[];
  /** Why the layers that were there are not kept; undefined when they are, or when there were none. */
  readonly renewed?: string;
}

/**
 * Whether a layer is installed in a stage of its own and copied with --link, instead of straight into the image. Linking
 * writes every file twice, which a small layer bears; then its change runs no other layer and needs none below it.
 */
export function isLinked({ bytes }: Layer, layers: readonly Layer[]): boolean {
  const total = layers.reduce((sum, layer) => sum + layer.bytes, 0);
  return bytes < LINKED * (total / layers.length);
}

/** How often a package changes: 0 seldom, 1 as a dependency does, 2 as what was asked for directly does. */
export type Rank = 0 | 1 | 2;

/** A plan that takes nothing over: the same packages, sizes, hints and count give the same layers. */
export function freshPlan(packages: readonly PlannedPackage[], count: number, hints: Hints): Plan {
  const total = sum(packages);
  const even = Math.max(largestOf(packages), EVEN * (total / count));
  const candidates: PlannedPackage[][][] = [];
  // From the finest split by change to none at all: the first one that is even is taken, or else the most even one.
  // The last candidate is a plain greedy split, so that `bound` holds for every plan.
  for (let cells = cellsOf(packages, count, hints); ; cells = mergeSmallest(cells)) {
    if (cells.length <= count) candidates.push(spread(cells, count));
    if (cells.length === 1) break;
  }
  const largest = (layers: readonly (readonly PlannedPackage[])[]) => Math.max(...layers.map(sum));
  const least = Math.min(...candidates.map(largest));
  const chosen = candidates.find((layers) => largest(layers) <= Math.max(even, least)) ?? [];
  const ranks = ranksOf(packages, hints);
  const rankOf = (layer: readonly PlannedPackage[]) =>
    Math.max(...layer.map(({ pin }) => ranks.get(pin.name) ?? 2));
  const layers = chosen.sort(
    (a, b) => rankOf(a) - rankOf(b) || sum(b) - sum(a) || compareText(firstName(a), firstName(b)),
  );
  return { layers: layers.map(layerOf) };
}

/**
 * The layers that are there, brought up to date: each package stays where it is, a new one goes to the smallest layer
 * that holds packages that change as often. A new plan where that cannot be kept even.
 */
export function plan(
  packages: readonly PlannedPackage[],
  count: number,
  hints: Hints,
  existing: readonly (readonly string[])[],
): Plan {
  if (existing.length === 0) return freshPlan(packages, count, hints);
  const renewed = (reason: string): Plan => ({ ...freshPlan(packages, count, hints), renewed: reason });
  if (existing.length !== count) return renewed(`there were ${existing.length} layers`);

  const ranks = ranksOf(packages, hints);
  const home = new Map(existing.flatMap((names, index) => names.map((name) => [name, index] as const)));
  const layers: PlannedPackage[][] = existing.map(() => []);
  for (const one of packages) layers[home.get(one.pin.name) ?? -1]?.push(one);
  const fresh = packages.filter(({ pin }) => !home.has(pin.name)).sort(bySize);
  // Before any is added: what one brings must not decide where the next one goes.
  const held = layers.map((layer) => new Set(layer.map(({ pin }) => ranks.get(pin.name))));
  for (const one of fresh) {
    const alike = layers.filter((_, index) => held[index]?.has(ranks.get(one.pin.name)));
    smallest(alike.length > 0 ? alike : layers)?.push(one);
  }
  if (layers.some((layer) => layer.length === 0)) return renewed("a layer would be empty");
  const largest = Math.max(...layers.map(sum));
  if (largest > KEPT * bound(packages, count)) {
    const times = (largest / (sum(packages) / count)).toFixed(1);
    return renewed(`the largest layer would be ${times} times the mean`);
  }
  return { layers: layers.map(layerOf) };
}

/**
 * What no layer of a new plan exceeds: the largest package, or 2n/(n+1) times the mean of n layers, which is less than
 * twice the mean. Greedy by size: the layer that ends as the largest got its last package, of at most the (n+1)th size
 * and so at most total/(n+1), when it was the smallest and so at most (total - package)/n.
 */
export function bound(packages: readonly PlannedPackage[], count: number): number {
  return Math.max(largestOf(packages), (2 * sum(packages)) / (count + 1));
}

export function ranksOf(packages: readonly PlannedPackage[], hints: Hints): ReadonlyMap<string, Rank> {
  const names = new Set(packages.map(({ pin }) => pin.name));
  return new Map(
    packages.map(({ pin }) => {
      if (fits(pin.name, hints.often)) return [pin.name, 2];
      if (fits(pin.name, hints.rarely)) return [pin.name, 0];
      return [pin.name, isDirect(pin, names) ? 2 : 1];
    }),
  );
}

/** Asked for by a file or project rather than by a package of the lock, or the lock does not say. */
function isDirect({ via }: Pin, names: ReadonlySet<string>): boolean {
  return via.length === 0 || via.some((who) => !names.has(who));
}

/**
 * The one direct requirement without which each package would not be there, and so whose release decides over it: torch
 * for the CUDA libraries that it pins. Undefined for what several need. A direct requirement is its own.
 */
export function ownersOf(packages: readonly PlannedPackage[]): ReadonlyMap<string, string | undefined> {
  const pins = new Map(packages.map(({ pin }) => [pin.name, pin]));
  const names = new Set(pins.keys());
  const reachedFrom = new Map<string, Set<string>>();
  const dependents = new Map<string, string[]>();
  for (const { pin } of packages) {
    for (const who of pin.via) dependents.set(who, [...(dependents.get(who) ?? []), pin.name]);
  }
  for (const { pin } of packages.filter((one) => isDirect(one.pin, names))) {
    const queue = [pin.name];
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      const reached = reachedFrom.get(name) ?? new Set();
      if (reached.has(pin.name)) continue;
      reachedFrom.set(name, reached.add(pin.name));
      // Through another direct requirement it is that one's: it would be there without this one.
      const next = dependents.get(name) ?? [];
      queue.push(...next.filter((other) => !isDirect(pins.get(other) ?? pin, names)));
    }
  }
  return new Map(
    packages.map(({ pin }) => {
      const owners = [...(reachedFrom.get(pin.name) ?? [])];
      return [pin.name, owners.length === 1 ? owners[0] : undefined];
    }),
  );
}

/**
 * Packages that change together and as often: one cell for each rank, and again for each direct requirement that owns as
 * much as a mean layer. What smaller ones own is pooled.
 */
function cellsOf(packages: readonly PlannedPackage[], count: number, hints: Hints): PlannedPackage[][] {
  const owners = ownersOf(packages);
  const ranks = ranksOf(packages, hints);
  const owned = new Map<string, number>();
  for (const { pin, bytes } of packages) {
    const owner = owners.get(pin.name);
    if (owner !== undefined) owned.set(owner, (owned.get(owner) ?? 0) + bytes);
  }
  const mean = sum(packages) / count;
  const cells = new Map<string, PlannedPackage[]>();
  for (const one of packages) {
    const owner = owners.get(one.pin.name);
    const heavy = owner !== undefined && (owned.get(owner) ?? 0) >= mean;
    const key = JSON.stringify([ranks.get(one.pin.name), heavy ? owner : ""]);
    cells.set(key, [...(cells.get(key) ?? []), one]);
  }
  return [...cells.values()];
}

function mergeSmallest(cells: readonly PlannedPackage[][]): PlannedPackage[][] {
  const [first = [], second = [], ...rest] = [...cells].sort(
    (a, b) => sum(a) - sum(b) || compareText(firstName(a), firstName(b)),
  );
  return [[...first, ...second], ...rest];
}

/** Splits the cells into `count` layers: one for each, and one more for whichever has the largest layer, as often as it takes. */
function spread(cells: readonly PlannedPackage[][], count: number): PlannedPackage[][] {
  const parts = cells.map((cell) => ({ cell, layers: [cell] }));
  for (let made = cells.length; made < count; made += 1) {
    // A layer of one package gets no smaller, but another cell's may.
    const [next] = parts
      .filter(({ cell, layers }) => layers.length < cell.length)
      .map((part) => ({ part, bytes: Math.max(...part.layers.filter((one) => one.length > 1).map(sum)) }))
      .sort((a, b) => b.bytes - a.bytes || compareText(firstName(a.part.cell), firstName(b.part.cell)));
    if (next) next.part.layers = greedy(next.part.cell, next.part.layers.length + 1);
  }
  return parts.flatMap(({ layers }) => layers);
}

/** The largest first, each into the layer that is smallest so far. No layer is empty. */
function greedy(packages: readonly PlannedPackage[], count: number): PlannedPackage[][] {
  const layers: PlannedPackage[][] = Array.from({ length: count }, () => []);
  for (const one of [...packages].sort(bySize)) smallest(layers)?.push(one);
  return layers;
}

/** Of equal ones the one with fewer packages, so that packages without a size fill all layers too. */
function smallest(layers: readonly PlannedPackage[][]): PlannedPackage[] | undefined {
  return [...layers].sort((a, b) => sum(a) - sum(b) || a.length - b.length)[0];
}

function layerOf(packages: readonly PlannedPackage[]): Layer {
  return {
    packages: [...packages].sort((a, b) => compareText(a.pin.name, b.pin.name)),
    bytes: sum(packages),
  };
}

const bySize = (a: PlannedPackage, b: PlannedPackage) =>
  b.bytes - a.bytes || compareText(a.pin.name, b.pin.name);

const sum = (packages: readonly PlannedPackage[]) => packages.reduce((total, { bytes }) => total + bytes, 0);

const largestOf = (packages: readonly PlannedPackage[]) => Math.max(...packages.map(({ bytes }) => bytes));

const firstName = (packages: readonly PlannedPackage[]) =>
  packages.reduce((least, { pin }) => (least === "" || pin.name < least ? pin.name : least), "");
