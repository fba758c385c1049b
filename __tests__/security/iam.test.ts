import { describe, expect, it } from "vitest";
import { statementsOf } from "../../constructs/policy/iam-document";
import { identitiesOf } from "../helpers/identities";
import { demo } from "../helpers/input";
import { synthesize } from "../helpers/synth";
import { ATTACHED_POLICIES, IAM_CASES, IAM_SETUP, IDENTITIES } from "./iam/cases";
import { matchesGlob } from "./iam/match";
import { decide, type Rights } from "./iam/simulate";

const roles = new Map(
  identitiesOf(synthesize(demo(IAM_SETUP)), IAM_SETUP).map((role) => [
    role.name.replace("buildx-demo-", ""),
    role,
  ]),
);

it("the table of rights knows every role of the stacks", () => {
  expect([...roles.keys()].sort()).toEqual([...IDENTITIES].sort());
});

describe.each(IDENTITIES)("%s", (identity) => {
  const { policies, attached } = roles.get(identity) as Rights;
  const rows = IAM_CASES.filter((row) => row.identity === identity);

  it("may do what the table says", () => {
    const described = (decided: (row: (typeof rows)[number]) => string) =>
      rows.map((row) => `${decided(row)}: ${row.words}, ${row.action} on ${row.resource}`);
    expect(described((row) => decide({ policies, attached }, row))).toEqual(described((row) => row.expected));
  });

  it("has no right in a policy of its own that the table does not list", () => {
    const given = policies
      .flatMap(statementsOf)
      .flatMap(({ actions, resources }) =>
        actions.flatMap((action) => resources.map((resource) => ({ action, resource }))),
      );
    const allowed = rows.filter(({ expected }) => expected === "allow");
    const unlisted = given.filter(
      ({ action, resource }) =>
        !allowed.some((row) => row.action === action && matchesGlob(resource, row.resource)),
    );
    expect(unlisted).toEqual([]);
  });

  it("holds the AWS policies that are listed, which are not simulated", () => {
    expect(attached).toEqual(ATTACHED_POLICIES[identity]);
  });
});

describe("the rules of IAM", () => {
  const READ = { Effect: "Allow", Action: ["s3:Get*"], Resource: ["arn:aws:s3:::cache/*"] };
  const asked = { action: "s3:GetObject", resource: "arn:aws:s3:::cache/a" };
  const decided = (...statements: object[]) =>
    decide(
      { policies: [JSON.stringify({ Version: "2012-10-17", Statement: statements })], attached: [] },
      asked,
    );

  it.each<[string, object[], string]>([
    ["allow what a statement allows", [READ], "allow"],
    ["deny what nothing allows", [{ ...READ, Action: "s3:Put*" }], "deny"],
    ["let a denial win", [{ ...READ, Effect: "Deny" }, READ], "deny"],
    ["mind the case of resources", [{ ...READ, Resource: "arn:aws:s3:::Cache/*" }], "deny"],
    ["mind conditions", [{ ...READ, Condition: { StringEquals: { "aws:SourceAccount": "1" } } }], "deny"],
  ])("%s", (_, statements, expected) => {
    expect(decided(...statements)).toBe(expected);
  });

  it("are refused where they are not known", () => {
    expect(() => decided({ ...READ, Verb: "x" })).toThrow("unknown Verb");
    expect(() => decided({ ...READ, Condition: { NumericLessThan: { a: "1" } } })).toThrow("not known here");
  });
});
