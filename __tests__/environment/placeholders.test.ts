import { describe, expect, it } from "vitest";
import type { Configuration } from "../../environment/configurations";
import { loadEnvironments } from "../../environment/load";
import { placeholdersIn } from "../../environment/placeholders";
import { environments } from "../helpers/example-environments";
import { DEMO, loadOne } from "../helpers/input";

const example = (configurations: Configuration[]) => {
  const [c5n] = environments;
  if (!c5n) throw new Error("no example");
  return loadEnvironments([{ ...c5n, configurations }]).flatMap(placeholdersIn);
};

describe("placeholdersIn", () => {
  it("names every value that the example environments leave to be replaced", () => {
    expect(loadEnvironments(environments).map(placeholdersIn)).toEqual(
      Array.from({ length: 2 }, () => [
        "accountId (111122223333)",
        "github.owner (your-organization)",
        "github.app.id (1)",
        "github.app.installationId (1)",
        "clusterAdmins (111122223333)",
      ]),
    );
  });

  it("finds none in an environment of one's own", () => {
    expect(placeholdersIn(loadOne())).toEqual([]);
  });

  it("does not ask for the App where no runner registers", () => {
    expect(example(["hosted-kubernetes"])).toEqual([
      "accountId (111122223333)",
      "github.owner (your-organization)",
      "clusterAdmins (111122223333)",
    ]);
  });

  it("does not ask for an operator where there is no cluster", () => {
    expect(example(["hosted-default"])).toEqual([
      "accountId (111122223333)",
      "github.owner (your-organization)",
    ]);
  });

  it("finds one that is left alone", () => {
    const github = { ...DEMO.github, owner: "your-organization" };
    expect(placeholdersIn(loadOne({ github }))).toEqual(["github.owner (your-organization)"]);
  });
});
