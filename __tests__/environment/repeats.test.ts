import { expect, it } from "vitest";
import { loadEnvironments } from "../../environment/load";
import { demo } from "../helpers/input";

it("counts the same problem of many entries of a list", () => {
  const github = { ...demo().github, branches: ["main", "", "", ""] };
  expect(() => loadEnvironments([demo({ github })])).toThrow(
    /demo: github\.branches\[1\] and 2 more entries must be a branch's exact name.*; got ""\./,
  );
});
