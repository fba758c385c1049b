import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { InvalidInput, show } from "../../util/invalid-input";
import { readLock } from "./files";
import { type Lock, parseLock } from "./lock";
import { pipDownload } from "./pip-download";

const SIZES = resolve(__dirname, "../image/sizes.py");

export interface MeasureInput {
  readonly lock: string;
  readonly sizes: string;
  /** Version of the image's Python, such as 3.12. */
  readonly python: string;
  /** Folder that holds the wheels already. @default - they are downloaded with pip into a temporary folder */
  readonly wheels?: string | undefined;
}

/**
 * Writes what each package of a lock weighs, compressed and unpacked, from its wheel.
 *
 * @throws InvalidInput when the lock cannot be read, a wheel cannot be had, or two wheels write one file differently
 */
export function measureLock({ lock: path, sizes, python, wheels }: MeasureInput): void {
  if (!/^3\.\d{1,2}(\.\d{1,2})?$/.test(python)) {
    throw new InvalidInput("The lock cannot be measured. Nothing was written.", [
      `--python must be a version such as 3.12; got ${show(python)}.`,
    ]);
  }
  const text = readLock(path);
  const lock = text === undefined ? undefined : parseLock(text, python);
  const problems = lock?.problems ?? ["there is no such file, or it cannot be read."];
  if (lock === undefined || problems.length > 0) {
    throw new InvalidInput(
      "The lock cannot be measured. Nothing was written.",
      problems.map((problem) => `${path}: ${problem}`),
    );
  }
  const folder = mkdtempSync(join(tmpdir(), "sizes-"));
  try {
    if (wheels === undefined) download(lock, python, folder);
    const packages = lock.pins.map(({ name, version, hashes }) => ({ name, version, hashes }));
    const pins = join(folder, "pins.json");
    writeFileSync(pins, JSON.stringify({ python, packages }));
    const { status } = python3([SIZES, wheels ?? folder, "--pins", pins, "--output", sizes]);
    if (status !== 0)
      throw new InvalidInput("The lock was not measured. Nothing was written.", ["see above."]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Without markers: pip would judge them for the machine and the Python that run it. */
function download({ options, pins }: Lock, python: string, folder: string): void {
  const lines = pins.map(({ requirement, hashes }) =>
    [requirement.replace(/\s*;.*$/, ""), ...hashes.map((hash) => `--hash=${hash}`)].join(" "),
  );
  const lock = join(folder, "lock.txt");
  writeFileSync(lock, `${[...options, ...lines].join("\n")}\n`);
  const { status } = python3(pipDownload(python, lock, folder));
  if (status !== 0) {
    throw new InvalidInput("The lock was not measured. Nothing was written.", [
      `pip could not download all wheels for Linux x86_64 and Python ${python}; its words are above. A package without such a wheel needs one built first, or another version (--python names another Python).`,
    ]);
  }
}

function python3(args: readonly string[]) {
  const finished = spawnSync("python3", args, { stdio: ["ignore", 2, 2] });
  if (finished.error) {
    throw new InvalidInput("The lock cannot be measured. Nothing was written.", [
      "python3 is not on PATH: install Python 3.9 or newer, with pip.",
    ]);
  }
  return finished;
}
