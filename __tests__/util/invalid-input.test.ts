import { describe, expect, it } from "vitest";
import { InvalidInput, show, showName } from "../../util/invalid-input";

it("lists its problems below the summary", () => {
  expect(new InvalidInput("2 problems.", ["one.", "two."]).message).toBe("2 problems.\n  - one.\n  - two.");
});

describe("show", () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;

  it.each([
    ["nothing", undefined, "nothing"],
    ["a text in quotes", "a", '"a"'],
    ["what no terminal should act on, escaped", "\u001b[31m\n", '"\\u001b[31m\\n"'],
    ["NaN, which JSON has no word for", Number.NaN, "NaN"],
    ["a list", ["a", 1], '["a",1]'],
    ["an object", { a: 1 }, '{"a":1}'],
    ["a symbol", Symbol("s"), "Symbol(s)"],
    ["a bigint, which JSON refuses", 5n, "5n"],
    ["a function, whose text may be long", () => undefined, "a function"],
    [
      "what would steer a terminal and JSON leaves alone, escaped",
      "\u009b31m\u202e\u{e0001}",
      '"\\u009b31m\\u202e\\udb40\\udc01"',
    ],
    ["a symbol on one line", Symbol("a\nb"), "Symbol(a\\u000ab)"],
    ["a circle, which JSON refuses", circle, "an object that JSON cannot hold"],
  ])("writes %s", (_, value, expected) => {
    expect(show(value)).toBe(expected);
  });

  it("keeps 80 characters and cuts what is longer", () => {
    expect(show("a".repeat(78))).toBe(`"${"a".repeat(78)}"`);
    expect(show("a".repeat(79))).toBe(`"${"a".repeat(76)}...`);
    expect(show(`${"a".repeat(75)}${"\u{1f600}".repeat(9)}`)).toBe(`"${"a".repeat(75)}...`);
  });
});

it("writes a name without quotes, on one line, cut where it is long", () => {
  expect(showName("a\nb")).toBe("a\\nb");
  expect(showName("a".repeat(81))).toBe(`${"a".repeat(77)}...`);
});
