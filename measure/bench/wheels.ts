import { createHash } from "node:crypto";
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { normalizedName } from "../../pipeline/layers/lock";
import { canonicalVersion } from "../../pipeline/layers/pep440";
import { pipDownload } from "../../pipeline/layers/pip-download";
import { mustRun } from "../../util/process";
import { formatRequirements, type Requirement } from "./requirements";

/** A wheel on this disk whose hash is one of its lock's. */
export interface Wheel {
  readonly name: string;
  readonly version: string;
  readonly fileName: string;
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * The wheels of a lock, from the folder where they are already, or downloaded into it by pip, which reads the
 * user's own configuration (index, certificates) and checks the hashes. What is there is checked again.
 *
 * @param python version such as 3.13
 */
export async function fetchWheels(
  requirements: readonly Requirement[],
  python: string,
  folder: string,
  python3: string,
  tell: (message: string) => void,
  stop: AbortSignal,
): Promise<Wheel[]> {
  mkdirSync(folder, { recursive: true });
  const before = await wheelsIn(folder, requirements);
  const missing = without(requirements, before);
  if (missing.length === 0) return before;
  tell(`downloading ${missing.length} of ${requirements.length} wheels into ${folder}`);
  const lock = join(folder, `.wanted-${process.pid}.txt`);
  writeFileSync(lock, formatRequirements(missing));
  try {
    await mustRun(python3, pipDownload(python, lock, folder), { stop });
  } finally {
    rmSync(lock, { force: true });
  }
  const after = await wheelsIn(folder, requirements);
  const lost = without(requirements, after);
  if (lost.length > 0) {
    throw new Error(`pip left no wheel with the lock's hash for ${lost.map(({ name }) => name).join(", ")}`);
  }
  return after;
}

function without(requirements: readonly Requirement[], wheels: readonly Wheel[]): Requirement[] {
  return requirements.filter(
    ({ name, version }) => !wheels.some((wheel) => wheel.name === name && wheel.version === version),
  );
}

/** The folder's wheels that a lock admits, one a package. */
async function wheelsIn(folder: string, requirements: readonly Requirement[]): Promise<Wheel[]> {
  if (!existsSync(folder)) return [];
  const found: Wheel[] = [];
  const fileNames = readdirSync(folder).filter((fileName) => fileName.endsWith(".whl"));
  for (const fileName of fileNames.sort()) {
    const [project = "", written = ""] = fileName.split("-");
    const name = normalizedName(project);
    const wanted = requirements.find(
      (one) => one.name === name && canonicalVersion(one.version) === canonicalVersion(written),
    );
    if (wanted === undefined || found.some((wheel) => wheel.name === name)) continue;
    const { version } = wanted;
    const path = join(folder, fileName);
    const sha256 = await sha256Of(path);
    if (wanted.hashes.includes(sha256)) {
      found.push({ name, version, fileName, path, sha256, bytes: statSync(path).size });
    }
  }
  return found;
}

/** Hexadecimal. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest("hex");
}
