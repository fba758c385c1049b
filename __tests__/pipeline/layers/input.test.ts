import { describe, expect, test } from "vitest";
import { DEFAULT_HINTS, fits, parseHints } from "../../../pipeline/layers/hints";
import { parseSizes } from "../../../pipeline/layers/sizes";
import { packageOf } from "./fixture";

const PINS = [packageOf("numpy", 0).pin, packageOf("torch-vision", 0).pin];
const HOW = "Measure again.";
const sizes = (...packages: object[]) => parseSizes(JSON.stringify({ packages }), PINS, HOW);
const numpy = { name: "numpy", version: "1.0", compressedBytes: 5 };

describe("sizes", () => {
  test("are found for every package, however its name is written", () => {
    const { bytes, problems } = sizes(numpy, { name: "Torch_Vision", version: "1.0", compressedBytes: 7 });
    expect(problems).toEqual([]);
    expect([...bytes]).toEqual([
      ["numpy", 5],
      ["torch-vision", 7],
    ]);
  });

  test("of another version or of no version are named, all of them, with how to measure", () => {
    expect(sizes({ ...numpy, version: "0.9" }).problems).toEqual([
      "it has numpy 0.9; the lock pins 1.0.",
      "it has no torch-vision; the lock pins 1.0.",
      HOW,
    ]);
  });

  test.each([
    ["no JSON", "{", "it must be JSON."],
    ["another shape", "[]", "it: Invalid input"],
    [
      "a size below zero",
      JSON.stringify({ packages: [{ ...numpy, compressedBytes: -1 }] }),
      "packages.0.compressedBytes: ",
    ],
  ])("with %s are rejected", (_, text, problem) => {
    expect(parseSizes(text, PINS, HOW).problems.join(" ")).toContain(problem);
  });
});

describe("hints", () => {
  test("add what changes often and replace what changes rarely", () => {
    expect(parseHints("often: [my-*]")).toEqual({
      hints: { rarely: DEFAULT_HINTS.rarely, often: ["my-*"] },
      problems: [],
    });
    expect(parseHints("rarely: []").hints.rarely).toEqual([]);
    expect(parseHints("").hints).toEqual(DEFAULT_HINTS);
  });

  test("fit by the normalized name, over the whole of it", () => {
    expect(fits("nvidia-nccl-cu13", ["NVIDIA_*"])).toBe(true);
    expect(fits("nvidia", ["nvidia-*"])).toBe(false);
    expect(fits("not-nvidia-nccl", ["nvidia-*"])).toBe(false);
    expect(fits("torch", ["torch"])).toBe(true);
    expect(fits("torchvision", ["torch"])).toBe(false);
    expect(fits("torchvision", ["*vision"])).toBe(true);
  });

  test.each([
    ["a list", "- torch", 'it must hold rarely and often; got ["torch"].'],
    ["an unknown key", "rarly: [torch]", 'rarly is none of rarely, often. Did you mean "rarely"?'],
    [
      "one name instead of a list",
      "often: torch",
      'often must be a list of package names, * for any characters; got "torch".',
    ],
    [
      "a name that no package has",
      "often: ['a b']",
      'often must be a list of package names, * for any characters; got ["a b"].',
    ],
    ["no YAML", "often: [", "it must be YAML:"],
  ])("reject %s", (_, text, problem) => {
    const { problems } = parseHints(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });
});
