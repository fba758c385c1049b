import { describe, expect, test } from "vitest";
import { DEFAULT_HINTS } from "../../../pipeline/layers/hints";
import { compareText } from "../../../pipeline/layers/lock";
import { bound, ownersOf, plan, ranksOf } from "../../../pipeline/layers/plan";
import { allNames, fresh, packageOf } from "./fixture";

const byName = (a: { pin: { name: string } }, b: { pin: { name: string } }) =>
  compareText(a.pin.name, b.pin.name);

describe("a new plan", () => {
  test("reaches that bound with one package more than layers, all of one size: it cannot be stated lower", () => {
    const some = ["a", "b", "c", "d"].map((name) => packageOf(name, 100));
    expect(Math.max(...fresh(some, 3).layers.map(({ bytes }) => bytes))).toBe(bound(some, 3));
  });

  test("begins with what changes least often and ends with what was asked for", () => {
    const some = [
      packageOf("app", 60),
      packageOf("dependency", 100, ["app", "other"]),
      packageOf("nvidia-lib", 100, ["app"]),
      packageOf("other", 50),
    ];
    expect(allNames(fresh(some, 3))).toEqual([["nvidia-lib"], ["dependency"], ["app", "other"]]);
    // Not the names decide, but the reasons.
    const turned = [packageOf("app", 100, ["dependency"]), packageOf("dependency", 100)];
    expect(allNames(fresh(turned, 2))).toEqual([["app"], ["dependency"]]);
  });

  test("keeps what only one large package needs apart from what others need", () => {
    const some = [
      packageOf("huge", 500),
      packageOf("its-own", 90, ["huge"]),
      packageOf("shared", 80, ["huge", "small"]),
      packageOf("small", 10),
    ];
    expect(allNames(fresh(some, 4))).toEqual([["its-own"], ["shared"], ["huge"], ["small"]]);
    expect(allNames(fresh(some, 3))).toEqual([["its-own"], ["huge"], ["shared", "small"]]);
  });

  test("gives evenness precedence over the order of change where both cannot be had", () => {
    // Apart: 300 in one layer, 10 in the other.
    const some = [
      packageOf("a", 10),
      packageOf("nvidia-a", 100, ["a"]),
      packageOf("nvidia-b", 100, ["a"]),
      packageOf("nvidia-c", 100, ["a"]),
    ];
    const sizes = fresh(some, 2).layers.map(({ bytes }) => bytes);
    expect(Math.max(...sizes)).toBe(200);
  });

  test("fills all layers with packages of no size too", () => {
    const shared = ["c", "d", "e", "f"].map((name) => packageOf(name, 0, ["a", "b"]));
    const some = [packageOf("a", 10), packageOf("b", 10), ...shared];
    expect(allNames(fresh(some, 6)).map((names) => names.length)).toEqual([1, 1, 1, 1, 1, 1]);
  });
});

describe("how often a package changes", () => {
  test("is read from who asked for it, and from the hints first", () => {
    const some = [
      packageOf("asked", 1),
      packageOf("cuda-bindings", 1),
      packageOf("deep", 1, ["asked"]),
      packageOf("hinted", 1, ["asked"]),
      packageOf("nvidia-nccl-cu13", 1, ["asked"]),
      packageOf("unsaid", 1, []),
    ];
    const hints = { rarely: DEFAULT_HINTS.rarely, often: ["hint*"] };
    expect(Object.fromEntries(ranksOf(some, hints))).toEqual({
      asked: 2,
      "cuda-bindings": 0,
      deep: 1,
      hinted: 2,
      "nvidia-nccl-cu13": 0,
      unsaid: 2,
    });
  });

  test("goes by the one direct requirement that needs it, through any depth and around circles", () => {
    const some = [
      packageOf("jinja2", 1, ["torch"]),
      packageOf("markupsafe", 1, ["jinja2", "loop"]),
      packageOf("loop", 1, ["markupsafe"]),
      packageOf("numpy", 1, ["torch", "transformers"]),
      // Asked for itself, so not transformers' although only transformers needs it besides.
      packageOf("torch", 1, ["-r in.txt", "transformers"]),
      packageOf("transformers", 1),
    ].sort(byName);
    expect(Object.fromEntries(ownersOf(some))).toEqual({
      jinja2: "torch",
      loop: "torch",
      markupsafe: "torch",
      numpy: undefined,
      torch: "torch",
      transformers: "transformers",
    });
  });
});

describe("a plan for a lock that changed", () => {
  test("changes one layer when a package goes from a layer that holds others", () => {
    // Sizes near each other, so that a layer less one package does not make the others too large.
    const some = ["a", "b", "c", "d", "e", "f"].map((name) => packageOf(name, 100));
    const before = fresh(some, 2);
    const after = plan(some.slice(1), 2, DEFAULT_HINTS, allNames(before));
    expect(allNames(before)).toEqual([
      ["a", "c", "e"],
      ["b", "d", "f"],
    ]);
    expect(allNames(after)).toEqual([
      ["c", "e"],
      ["b", "d", "f"],
    ]);
  });

  test("puts a new package beside those that change as often, not into the smallest of all", () => {
    const some = [packageOf("app", 100), packageOf("dependency", 80, ["app"]), packageOf("tool", 20)];
    const more = [...some, packageOf("new", 5)].sort(byName);
    expect(allNames(plan(more, 2, DEFAULT_HINTS, [["dependency"], ["app", "tool"]]))).toEqual([
      ["dependency"],
      ["app", "new", "tool"],
    ]);
  });

  test.each([
    ["another number of layers", [["a"], ["b"], ["c", "d"]], "there were 3 layers"],
    ["a layer that nothing is left of", [["a", "b", "c", "d"], ["gone"]], "a layer would be empty"],
    [
      "a layer that outgrew the others",
      [["a", "b", "c"], ["d"]],
      "the largest layer would be 1.9 times the mean",
    ],
  ])("is a new one for %s, and says so", (_, existing, reason) => {
    const some = [packageOf("a", 500), packageOf("b", 300), packageOf("c", 150), packageOf("d", 50)];
    const after = plan(some, 2, DEFAULT_HINTS, existing);
    expect(after.renewed).toBe(reason);
    expect(allNames(after)).toEqual(allNames(fresh(some, 2)));
  });

  test("keeps a layer that is uneven within the tolerance", () => {
    const some = [packageOf("a", 500), packageOf("b", 300), packageOf("c", 150), packageOf("d", 50)];
    const existing = [
      ["a", "b"],
      ["c", "d"],
    ];
    expect(allNames(plan(some, 2, DEFAULT_HINTS, existing))).toEqual(existing);
  });
});
