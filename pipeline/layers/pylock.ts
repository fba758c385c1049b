import { parse as parseToml } from "smol-toml";
import { z } from "zod";
import { cut, showName } from "../../util/invalid-input";
import type { Read } from "./lock";

const pylockSchema = z.object({
  packages: z
    .array(
      z.object({
        name: z.string(),
        version: z.string().optional(),
        marker: z.string().optional(),
        index: z.string().optional(),
        wheels: z.array(z.object({ hashes: z.record(z.string(), z.string()) })).default([]),
        archive: z
          .object({ url: z.string().optional(), hashes: z.record(z.string(), z.string()) })
          .optional(),
        directory: z.unknown().optional(),
        vcs: z.unknown().optional(),
      }),
    )
    .default([]),
});
const PYPI = /^https:\/\/pypi\.org\/simple\/?$/;

/** PEP 751: the same as lines of requirements. */
export function pylockLines(text: string, report: (problem: string) => void): Read {
  let parsed: z.infer<typeof pylockSchema>;
  try {
    parsed = pylockSchema.parse(parseToml(text));
  } catch (error) {
    report(`it must be a pylock.toml of PEP 751: ${cut(showName((error as Error).message), 200)}`);
    return { options: [], lines: [] };
  }
  const lines = parsed.packages.map(({ name, version = "", marker, wheels, archive, directory, vcs }) => {
    const hashes = [...wheels, ...(archive ? [archive] : [])].flatMap((file) =>
      Object.entries(file.hashes).map(([algorithm, digest]) => `${algorithm}:${digest}`),
    );
    const suffix = marker === undefined ? "" : ` ; ${marker}`;
    const source =
      directory !== undefined || vcs !== undefined
        ? ` @ file:${name}`
        : archive?.url === undefined
          ? `==${version}`
          : ` @ ${archive.url}`;
    return { where: `package ${showName(name)}`, requirement: `${name}${source}${suffix}`, hashes, via: [] };
  });
  const indexes = [...new Set(parsed.packages.flatMap(({ index }) => index ?? []))].filter(
    (index) => !PYPI.test(index),
  );
  const onlyThese = parsed.packages.every(({ index }) => index === undefined || !PYPI.test(index));
  const options = indexes.map(
    (index, i) => `${onlyThese && i === 0 ? "--index-url" : "--extra-index-url"} ${index}`,
  );
  return { options, lines };
}
