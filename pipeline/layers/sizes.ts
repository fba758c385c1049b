import { z } from "zod";
import { counted, showName } from "../../util/invalid-input";
import { DEFAULT_PYTHON, normalizedName, type Pin } from "./lock";
import { canonicalVersion } from "./pep440";

/** What `npx buildx-on-eks layers --measure` writes, as far as it is needed here. */
const schema = z.object({
  python: z.string().optional(),
  packages: z.array(
    z.object({ name: z.string(), version: z.string(), compressedBytes: z.number().int().nonnegative() }),
  ),
});

export interface Sizes {
  /** Compressed bytes by normalized name, of the packages of the lock. */
  readonly bytes: ReadonlyMap<string, number>;
  readonly problems: readonly string[];
}

/** The Python that was measured for, which markers of the lock are judged with. */
export function pythonOf(text: string | undefined): string {
  try {
    return schema.parse(JSON.parse(text ?? "")).python ?? DEFAULT_PYTHON;
  } catch {
    return DEFAULT_PYTHON;
  }
}

/** Reads sizes.json and asks it for every package of the lock. */
export function parseSizes(text: string, pins: readonly Pin[], howToMeasure: string): Sizes {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { bytes: new Map(), problems: [`it must be JSON. ${howToMeasure}`] };
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const where = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "it"}: ${message}`);
    return { bytes: new Map(), problems: [...where.slice(0, 5), howToMeasure] };
  }
  const measured = new Map(parsed.data.packages.map((one) => [normalizedName(one.name), one]));
  const bytes = new Map<string, number>();
  const problems: string[] = [];
  for (const { name, version } of pins) {
    const size = measured.get(name);
    if (size && canonicalVersion(size.version) === canonicalVersion(version))
      bytes.set(name, size.compressedBytes);
    else
      problems.push(
        `it has ${size ? `${name} ${showName(size.version)}` : `no ${name}`}; the lock pins ${showName(version)}.`,
      );
  }
  return {
    bytes,
    problems:
      problems.length > 0
        ? [...counted(problems, "packages have no size, or one of another version"), howToMeasure]
        : [],
  };
}
