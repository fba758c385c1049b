import { expect, it } from "vitest";
import { drawTable } from "../../util/table";
import { WORDS_AND_HYPHENS, wrap, wrapBelow } from "../../util/wrap";

it.each([
  ["a line that fits", "one two", 7, ["one two"]],
  ["at spaces", "one two three", 7, ["one two", "three"]],
  ["after hyphens, but not in ranges", "custom-kubernetes 10-20", 8, ["custom-", "kubernet", "es 10-20"]],
  ["inside a long word", "abcdefgh", 3, ["abc", "def", "gh"]],
  ["never inside a character", "ab\u{1f600}", 3, ["ab", "\u{1f600}"]],
  ["lines as they are", "one\ntwo three", 5, ["one", "two", "three"]],
])("breaks %s", (_, text, width, lines) => {
  expect(wrap(text, width, WORDS_AND_HYPHENS)).toEqual(lines);
});

it("leaves hyphens alone in prose", () => {
  expect(wrap("a custom-kubernetes", 10)).toEqual(["a", "custom-kub", "ernetes"]);
});

it("indents below a mark", () => {
  expect(wrapBelow("- ", "one two", 5)).toBe("- one\n  two");
});

it("keeps a table as wide as its text where there is room", () => {
  expect(drawTable(["a", "n"], [["first", "1"]], { width: 80, aligns: ["left", "right"] })).toBe(
    ["┌───────┬───┐", "│ a     │ n │", "├───────┼───┤", "│ first │ 1 │", "└───────┴───┘"].join("\n"),
  );
});

it.each([80, 40, 20])("fits %i columns: the widest column gives first", (width) => {
  const rows = [["custom-kubernetes", "a ".repeat(100).trim(), "$12.34"]];
  const lines = drawTable(["configuration", "why", "cost"], rows, { width }).split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
  expect(lines.join("\n").includes("$12.34")).toBe(width > 20);
});
