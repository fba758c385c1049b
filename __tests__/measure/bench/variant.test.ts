import { expect, test } from "vitest";
import {
  AXES,
  AXIS_NAMES,
  AXIS_WORDS,
  layerCount,
  PRESETS,
  parseVariants,
  slugOf,
} from "../../../measure/bench/variant";

const parsed = (expression: string) => parseVariants(expression).variants;
const problems = (expression: string) => parseVariants(expression).problems;

test("reads presets, and presets with axes changed", () => {
  const [original, fast, changed] = parsed("original, fast ,fast+compression=gzip+layers=one");
  expect(original).toEqual({ label: "original", settings: PRESETS.original });
  expect(fast).toEqual({ label: "fast", settings: PRESETS.fast });
  expect(changed?.settings).toEqual({ ...PRESETS.fast, compression: "gzip", layers: "one" });
});

test("gives two spellings of one variant the same label", () => {
  const [one] = parsed("fast+compression=gzip+layers=one");
  const [other] = parsed("fast+layers=one+compression=gzip+installer=uv");
  expect(other).toEqual(one);
  expect(one?.label).toBe("fast+layers=one+compression=gzip");
});

test("takes short names for the usual values", () => {
  expect(parsed("original+layers=split+compression=zstd")[0]?.settings).toMatchObject({
    layers: "split:4",
    compression: "zstd:3",
  });
});

test("takes every value of every axis", () => {
  for (const axis of AXIS_NAMES) {
    for (const value of AXES[axis]) {
      expect(parsed(`original+${axis}=${value}`)[0]?.settings[axis]).toBe(value);
    }
    expect(AXIS_WORDS[axis]).not.toBe("");
  }
});

test("says everything that is wrong with an expression at once", () => {
  expect(problems("orginal,fast+compresion=gzip,fast+cache=s3+layers")).toEqual([
    '--variants must name original or fast, each with +AXIS=VALUE as wanted, or with --context NAME=DOCKERFILE; got "orginal". Did you mean "original"?',
    '--variants: an axis must be one of installer, layers, link, compression, force, cache, concurrency, bytecode; got "compresion=gzip". Did you mean "compression"?',
    '--variants: cache must be one of none, inline, registry-min, registry; got "s3".',
    '--variants: layers must be one of one, split:2, split:4, split:6, split:8; got "".',
  ]);
});

test("refuses a variant that is named twice, in any spelling", () => {
  expect(problems("fast,fast+installer=uv")).toEqual(["--variants names fast twice"]);
  expect(problems("fast,fast+installer=pip")).toEqual([]);
});

test("refuses an axis that is given twice", () => {
  expect(problems("fast+link=on+link=off")).toEqual(['--variants: "fast+link=on+link=off" gives link twice']);
});

test("counts the layers of a variant", () => {
  expect(layerCount(PRESETS.original)).toBe(1);
  expect(layerCount({ ...PRESETS.fast, layers: "split:8" })).toBe(8);
});

test("makes an image name of a label", () => {
  expect(slugOf("fast+compression=zstd:3+link=off")).toBe("fast-compression-zstd-3-link-off");
});
