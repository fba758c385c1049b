import { count, listed } from "../../util/words";
import type { SuccessRecord } from "../record/record";
import { compareText, gibibytes, gigabytes, NONE } from "./format";

/** MemTotal of one machine type moves a little with the kernel. */
const MEMORY_TOLERANCE = 0.02;
/** The same lock file gives layers that differ by timestamps and by what apt has newer. */
const IMAGE_TOLERANCE = 0.02;

const IMAGE_SIZE = "compressed image size";

type Value = number | string;

/** One property in which builds must agree before their times may be averaged or compared. */
interface Trait {
  readonly name: string;
  readonly of: (record: SuccessRecord) => Value | undefined;
  /** Relative, for numbers. */
  readonly tolerance: number;
  readonly words: (value: Value) => string;
  /** A trait of the build itself must agree between configurations too; the machine around it need not. */
  readonly acrossConfigurations: boolean;
}

const plain = (value: Value) => String(value);
const memory = (value: Value) => (typeof value === "number" ? gibibytes(value) : value);

const TRAITS: readonly Trait[] = [
  {
    name: "machine's instance type",
    of: (record) => record.machine?.instanceType,
    tolerance: 0,
    words: plain,
    acrossConfigurations: false,
  },
  {
    name: "machine's CPUs",
    of: (record) => record.machine?.cpus,
    tolerance: 0,
    words: plain,
    acrossConfigurations: false,
  },
  {
    name: "machine's memory",
    of: (record) => record.machine?.memoryBytes,
    tolerance: MEMORY_TOLERANCE,
    words: memory,
    acrossConfigurations: false,
  },
  {
    name: "CPUs given to the build",
    of: (record) => record.limits?.cpus,
    tolerance: 0,
    words: plain,
    acrossConfigurations: true,
  },
  {
    name: "memory given to the build",
    of: (record) => record.limits?.memoryBytes,
    tolerance: MEMORY_TOLERANCE,
    words: memory,
    acrossConfigurations: true,
  },
  {
    name: "buildx version",
    of: (record) => record.versions?.buildx,
    tolerance: 0,
    words: plain,
    acrossConfigurations: true,
  },
  {
    name: "BuildKit version",
    of: (record) => record.versions?.buildkit,
    tolerance: 0,
    words: plain,
    acrossConfigurations: true,
  },
  {
    name: IMAGE_SIZE,
    of: (record) => record.image?.compressedBytes,
    tolerance: IMAGE_TOLERANCE,
    words: (value) => (typeof value === "number" ? gigabytes(value) : value),
    acrossConfigurations: true,
  },
];

export interface Excluded {
  readonly record: SuccessRecord;
  /** Each difference in words. */
  readonly reasons: readonly string[];
}

export interface Checked {
  readonly kept: readonly SuccessRecord[];
  readonly excluded: readonly Excluded[];
  /** What could not be checked, in words. */
  readonly notes: readonly string[];
}

/**
 * Keeps the builds of one configuration that agree with its majority, trait by trait. A build that does not
 * say a trait is kept and noted: absence is no difference. Where no value has a majority, the earliest
 * round's counts.
 */
export function checkGroup(records: readonly SuccessRecord[]): Checked {
  const ordered = [...records].sort(byRound);
  const notes: string[] = [];
  const reasons = new Map<SuccessRecord, string[]>();
  const unsaid: string[] = [];

  for (const trait of TRAITS) {
    const usual = majority(ordered, trait);
    if (usual === undefined) {
      if (trait.name !== "machine's instance type") unsaid.push(trait.name);
      continue;
    }
    let silent = 0;
    for (const record of ordered) {
      const value = trait.of(record);
      if (value === undefined) silent++;
      else if (!agree(value, usual.value, trait.tolerance)) {
        const reason = `${trait.name}: ${trait.words(value)} instead of ${trait.words(usual.value)}`;
        reasons.set(record, [...(reasons.get(record) ?? []), reason]);
      }
    }
    if (usual.tied) {
      notes.push(
        `${trait.name}: no majority; the runs like the earliest (${trait.words(usual.value)}) are kept`,
      );
    }
    if (silent > 0) notes.push(`${trait.name}: ${count(silent, "run")} did not say; kept`);
  }
  if (unsaid.length > 0 && ordered.length > 0)
    notes.push(`not said by any run, so not checked: ${listed(unsaid)}`);

  return {
    kept: ordered.filter((record) => !reasons.has(record)),
    excluded: [...reasons].map(([record, words]) => ({ record, reasons: words })),
    notes,
  };
}

/**
 * Where configurations as a whole were not given the same: a comparison of their times then also compares
 * that. Nothing is left out for it.
 *
 * @param groups kept builds per configuration
 * @param acrossVariants whether the groups build different images: their size then is a result
 */
export function differencesBetween(
  groups: ReadonlyMap<string, readonly SuccessRecord[]>,
  acrossVariants = false,
): string[] {
  const sentences: string[] = [];
  for (const trait of TRAITS.filter((candidate) => candidate.acrossConfigurations)) {
    if (acrossVariants && trait.name === IMAGE_SIZE) continue;
    const values = [...groups].flatMap(([name, records]) => {
      const usual = majority(records, trait);
      return usual === undefined ? [] : [{ name, value: usual.value }];
    });
    const first = values[0];
    if (first === undefined || values.every(({ value }) => agree(value, first.value, trait.tolerance)))
      continue;
    const parts = values.map(({ name, value }) => `${name} ${trait.words(value)}`);
    sentences.push(
      `Not equal: ${trait.name} (${parts.join(", ")}). The comparison includes that difference.`,
    );
  }
  return sentences;
}

/** What builds were given, as one line of a table. */
export function resourceWords(records: readonly SuccessRecord[]): string {
  const words = TRAITS.filter((trait) =>
    ["CPUs given to the build", "memory given to the build"].includes(trait.name),
  )
    .map((trait) => ({ trait, usual: majority(records, trait) }))
    .flatMap(({ trait, usual }) => (usual === undefined ? [] : [trait.words(usual.value)]));
  return words.length === 2 ? `${words[0]} CPUs, ${words[1]}` : NONE;
}

function majority(
  records: readonly SuccessRecord[],
  trait: Trait,
): { readonly value: Value; readonly tied: boolean } | undefined {
  const values = records.flatMap((record) => trait.of(record) ?? []);
  const agreeing = counter(values, trait.tolerance);
  // Distinct values in order of appearance, so that the earliest wins a tie.
  const votes = [...new Set(values)].map((value) => ({ value, votes: agreeing(value) }));
  let best = votes[0];
  for (const candidate of votes) if (best !== undefined && candidate.votes > best.votes) best = candidate;
  if (best === undefined) return undefined;
  const { value } = best;
  const most = best.votes;
  return {
    value,
    tied: votes.some((other) => other.votes === most && !agree(other.value, value, trait.tolerance)),
  };
}

/** Counts the values that agree with one: by bisection, since image sizes may all differ. */
function counter(values: readonly Value[], tolerance: number): (value: Value) => number {
  const numbers = Float64Array.from(values.filter((value) => typeof value === "number")).sort();
  const words = new Map<string, number>();
  for (const value of values) if (typeof value === "string") words.set(value, (words.get(value) ?? 0) + 1);
  return (value) => {
    if (typeof value === "string") return words.get(value) ?? 0;
    const first = bisect(numbers, (other) => other >= value || agree(other, value, tolerance));
    const end = bisect(numbers, (other) => other > value && !agree(other, value, tolerance));
    return end - first;
  };
}

/** Index of the first element for which `from` holds; it holds for all after it. */
function bisect(sorted: Float64Array, from: (value: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (from(sorted[middle] ?? Number.POSITIVE_INFINITY)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function agree(a: Value, b: Value, tolerance: number): boolean {
  if (typeof a === "number" && typeof b === "number") {
    return Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b));
  }
  return a === b;
}

function byRound(a: SuccessRecord, b: SuccessRecord): number {
  return a.round - b.round || a.attempt - b.attempt || compareText(a.recordedAt, b.recordedAt);
}
