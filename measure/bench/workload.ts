import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_HINTS } from "../../pipeline/layers/hints";
import { parseLock } from "../../pipeline/layers/lock";
import { freshPlan, isLinked } from "../../pipeline/layers/plan";
import { dockerfileOf } from "./dockerfile";
import type { FileList } from "./file-list";
import { formatRequirements, parseRequirements, type Requirement, withOtherVersion } from "./requirements";
import { layerCount, type Settings } from "./variant";
import type { Wheel } from "./wheels";

export const SIZES = ["small", "medium", "full"] as const;

export type Size = (typeof SIZES)[number];

interface SizeFacts {
  readonly lock: string;
  /** Of the whole image, about. */
  readonly unpackedBytes: number;
  /** Of the wheels, about. */
  readonly wheelBytes: number;
  /** What the image's code imports. */
  readonly modules: readonly string[];
}

const ROOT = join(__dirname, "../..");
const SMALL_MODULES = ["numpy", "pandas", "scipy.linalg", "sklearn"];

export const SIZE_FACTS: Readonly<Record<Size, SizeFacts>> = {
  small: {
    lock: join(__dirname, "workloads/small.txt"),
    unpackedBytes: 0.43e9,
    wheelBytes: 0.08e9,
    modules: SMALL_MODULES,
  },
  medium: {
    lock: join(__dirname, "workloads/medium.txt"),
    unpackedBytes: 1.15e9,
    wheelBytes: 0.3e9,
    modules: [...SMALL_MODULES, "pyarrow", "polars", "cv2", "onnxruntime", "transformers"],
  },
  full: {
    lock: join(ROOT, "pipeline", "image", "requirements.txt"),
    unpackedBytes: 5.3e9,
    wheelBytes: 2.8e9,
    modules: ["torch", "torchvision", "transformers", "accelerate", "sentencepiece"],
  },
};

export interface Workload {
  /** As uv wrote it: its comments name what requires a package. */
  readonly lockText: string;
  readonly lock: readonly Requirement[];
  /** The lock of the scenario dependency-change. */
  readonly changedLock: readonly Requirement[];
  readonly modules: readonly string[];
}

export function readLock(file: string): Requirement[] {
  return parseRequirements(readFileSync(file, "utf8"), file);
}

/** @throws Error when no package of the lock is known in another version */
export function loadWorkload(size: Size): Workload {
  const { lock: file, modules } = SIZE_FACTS[size];
  const lockText = readFileSync(file, "utf8");
  const lock = parseRequirements(lockText, file);
  const changed = withOtherVersion(lock, readLock(join(__dirname, "workloads/other-versions.txt")));
  if (changed === undefined)
    throw new Error(`measure/bench/workloads/other-versions.txt holds no package of ${file}`);
  return { lockText, lock, changedLock: changed.lock, modules };
}

/** The lock of uv itself. */
export function uvLock(): Requirement[] {
  return readLock(join(__dirname, "workloads/uv.txt"));
}

/**
 * Writes the build context of one variant: Dockerfile, locks and code. A changed version stays in the layer of
 * the version before, as the layers of a real project stay where they are.
 *
 * @param revision a text that the code holds, so that another one is a change of code
 */
export function writeContext(
  folder: string,
  settings: Settings,
  workload: Workload,
  wheels: readonly Wheel[],
  { revision, changedLock }: { readonly revision: string; readonly changedLock: boolean },
): void {
  const groups = layersOf(workload, wheels, layerCount(settings));
  const parts = groups.map(({ small }, index) => ({ lock: `layers/${index + 1}.txt`, small }));
  const whole = { lock: "requirements.txt", small: false };
  const lock = changedLock ? workload.changedLock : workload.lock;
  mkdirSync(join(folder, "layers"), { recursive: true });
  mkdirSync(join(folder, "app"), { recursive: true });
  writeFileSync(join(folder, "Dockerfile"), dockerfileOf(settings, parts.length === 1 ? [whole] : parts));
  writeFileSync(join(folder, "requirements.txt"), formatRequirements(lock));
  for (const [index, group] of groups.entries()) {
    const members = lock.filter(({ name }) => group.names.has(name));
    writeFileSync(join(folder, "layers", `${index + 1}.txt`), formatRequirements(members));
  }
  cpSync(join(__dirname, "workloads/app"), join(folder, "app"), { recursive: true });
  writeFileSync(join(folder, "app", "revision.py"), revisionFile(revision));
}

interface PackageGroup {
  readonly names: ReadonlySet<string>;
  /** So that `npx buildx-on-eks layers` would link it. */
  readonly small: boolean;
}

/** The packages of each layer, by the project's own planner: what `npx buildx-on-eks layers` writes. */
export function layersOf(
  { lockText }: Pick<Workload, "lockText">,
  wheels: readonly Wheel[],
  count: number,
): PackageGroup[] {
  const packages = parseLock(lockText).pins.map((pin) => ({
    pin,
    bytes: wheels.find(({ name, version }) => name === pin.name && version === pin.version)?.bytes ?? 0,
  }));
  const { layers } = freshPlan(packages, Math.min(count, packages.length), DEFAULT_HINTS);
  return layers.map((layer) => ({
    names: new Set(layer.packages.map(({ pin }) => pin.name)),
    small: isLinked(layer, layers),
  }));
}

function revisionFile(revision: string): string {
  return `REVISION = ${JSON.stringify(revision)}\n`;
}

/** Whether an image holds the code of its build, and not that of an earlier one out of a cache. */
export function holdsRevision(files: FileList, revision: string): boolean {
  const expected = createHash("sha256").update(revisionFile(revision)).digest("hex");
  return files.get("srv/app/revision.py")?.content === expected;
}
