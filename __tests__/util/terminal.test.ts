import { expect, it } from "vitest";
import { wantsColor, widthOf } from "../../util/terminal";

it.each([
  ["a terminal", true, {}, true],
  ["no terminal", false, {}, false],
  ["NO_COLOR", true, { NO_COLOR: "1" }, false],
  ["an empty NO_COLOR", true, { NO_COLOR: "" }, true],
  ["TERM=dumb", true, { TERM: "dumb" }, false],
])("colours with %s", (_, isTTY, env, expected) => {
  expect(wantsColor({ isTTY }, env)).toBe(expected);
});

it.each([
  [{ isTTY: true, columns: 80 }, 80],
  [{ isTTY: true, columns: 5 }, 40],
  [{ isTTY: false, columns: 300 }, 100],
])("the width of %j is %i", (stream, width) => {
  expect(widthOf(stream)).toBe(width);
});
