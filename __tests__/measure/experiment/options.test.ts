import { describe, expect, test } from "vitest";
import { parseRunOptions, type RawRunOptions } from "../../../measure/experiment/options";
import { InvalidInput } from "../../../util/invalid-input";

function problemsOf(raw: RawRunOptions): readonly string[] {
  try {
    parseRunOptions({ rounds: "1", ...raw });
    return [];
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems;
    throw error;
  }
}

describe("an option", () => {
  test.each<[RawRunOptions, RawRunOptions]>([
    [{ rounds: "1000" }, { rounds: "1001" }],
    [{ rounds: "1" }, { rounds: "0" }],
    [{ rounds: "5" }, { rounds: "5.5" }],
    [{ rounds: "5" }, { rounds: "five" }],
    [{ seed: "0" }, { seed: "-1" }],
    [{ seed: "4294967295" }, { seed: "4294967296" }],
    [{ maxAttempts: "20" }, { maxAttempts: "21" }],
    [{ cache: "registry" }, { cache: "Registry" }],
    [{ configurations: "hosted-default, custom-default" }, { configurations: "hosted-default,custom" }],
    [{ configurations: "hosted-default" }, { configurations: "hosted-default,hosted-default" }],
    [{ variants: "original, fast" }, { variants: "original,faster" }],
    [{ variants: "fast" }, { variants: "fast,fast" }],
    [{ variants: "fast" }, { variants: "custom" }],
    [{ variants: "fast" }, { variants: "fast", image: "image" }],
    [{ variants: "fast" }, { variants: "fast", image: "image", output: "default" }],
    [
      { image: "image", output: "default" },
      { variants: "original,fast", output: "default" },
    ],
    [{ output: "default" }, { output: "zstd" }],
    [{ output: "compression=zstd,force-compression=true" }, { output: "compression=zstd;rm" }],
    [{ output: "compression=zstd,oci-mediatypes=true" }, { output: "push=false" }],
    [{ output: "compression-level=3" }, { output: "compression=zstd,type=local" }],
    [{ image: "pipeline/image/Dockerfile.original" }, { image: "/image" }],
    [{ image: "image/allennlp" }, { image: "a:image" }],
    [{ image: "_mine" }, { image: "../image" }],
    [{ image: ".docker/web (new)" }, { image: "web/../../x" }],
    [{ context: "." }, { context: "/" }],
    [{ variants: "fast" }, { variants: "fast", context: "." }],
    [{ ref: "faster/zstd-2" }, { ref: "-f" }],
    [{ apiUrl: "https://github.example.com/api/v3" }, { apiUrl: "github.example.com" }],
    [{ apiUrl: "http://localhost:3000" }, { apiUrl: "http://github.example.com/api/v3" }],
    [{ apiUrl: "https://github.example.com" }, { apiUrl: "https://me:secret@github.example.com" }],
  ])("%j is accepted, and %j is not", (good, bad) => {
    expect(problemsOf(good)).toEqual([]);
    expect(problemsOf(bad)).toHaveLength(1);
  });

  test("--rounds is needed, but not by --resume", () => {
    expect(() => parseRunOptions({})).toThrow("--rounds is needed");
    expect(parseRunOptions({ resume: true }).rounds).toBeUndefined();
  });
});

test("all problems come at once, with the nearest right word", () => {
  const problems = problemsOf({ rounds: "x", cache: "registri", configurations: "hosted-defalt" });
  expect(problems).toHaveLength(3);
  expect(problems.join("\n")).toContain('Did you mean "registry"?');
  expect(problems.join("\n")).toContain('Did you mean "hosted-default"?');
});

test("sets are in their own order, whatever that of the words", () => {
  const { variants, configurations } = parseRunOptions({
    rounds: "1",
    variants: "fast,original",
    configurations: "custom-default,hosted-default",
  });
  expect(variants).toEqual(["original", "fast"]);
  expect(configurations).toEqual(["hosted-default", "custom-default"]);
});

test("a password in --api-url is not repeated", () => {
  expect(problemsOf({ apiUrl: "https://me:secret@github.example.com" }).join()).not.toContain("secret");
  expect(problemsOf({ apiUrl: "http://me:secret@github.example.com" }).join()).not.toContain("secret");
});
