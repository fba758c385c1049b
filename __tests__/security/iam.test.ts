import { describe, expect, it } from "vitest";
import { statementsOf } from "../../constructs/policy/iam-document";
import { identitiesOf } from "../helpers/identities";
import { demo } from "../helpers/input";
import { synthesize } from "../helpers/synth";
import { ATTACHED_POLICIES, IAM_CASES, IAM_SETUP, IDENTITIES, type IdentityId } from "./iam/cases";
import { fulfils } from "./iam/conditions";
import { matchesAction, matchesGlob } from "./iam/match";
import { decide, type Rights } from "./iam/simulate";

const ROLES = identitiesOf(synthesize(demo(IAM_SETUP)), IAM_SETUP);
const roleOf = (identity: string) => {
  const found = ROLES.filter(({ name }) => name === `buildx-demo-${identity}`);
  const [role] = found;
  if (!role || found.length > 1) throw new Error(`there are ${found.length} roles of ${identity}`);
  return role;
};
const rights = (...statements: readonly object[]): Rights => ({
  policies: [JSON.stringify({ Version: "2012-10-17", Statement: statements })],
  attached: [],
});

describe("the table of rights", () => {
  it("knows every role of the stacks", () => {
    expect(ROLES.map(({ name }) => name).sort()).toEqual(
      Object.keys(IDENTITIES)
        .map((identity) => `buildx-demo-${identity}`)
        .sort(),
    );
  });

  it("has each case once", () => {
    const ids = IAM_CASES.map(({ id }) => id);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
  });

  it.each(IAM_CASES)(
    "$expected: $identity to $words, $action on $resource",
    ({ identity, expected, ...request }) => {
      expect(decide(roleOf(identity), request)).toBe(expected);
    },
  );

  it.each(Object.keys(IDENTITIES) as IdentityId[])(
    "lists every right that %s has in a policy of its own",
    (identity) => {
      const allowed = IAM_CASES.filter((row) => row.identity === identity && row.expected === "allow");
      const given = roleOf(identity)
        .policies.flatMap(statementsOf)
        .flatMap(({ actions, resources }) =>
          actions.flatMap((action) => resources.map((resource) => ({ action, resource }))),
        );
      const unlisted = given.filter(
        ({ action, resource }) =>
          !allowed.some((row) => row.action === action && matchesGlob(resource, row.resource)),
      );
      expect(unlisted).toEqual([]);
    },
  );

  it.each(Object.entries(ATTACHED_POLICIES))(
    "lists what AWS wrote and %s holds: it is not simulated",
    (identity, attached) => {
      expect(roleOf(identity).attached).toEqual(attached);
    },
  );
});

describe("decide", () => {
  const READ = { Effect: "Allow", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::cache/*"] };
  const read = (resource: string, action = "s3:GetObject") => ({ action, resource });

  it.each([
    ["allows what a statement allows", rights(READ), read("arn:aws:s3:::cache/a/b"), "allow"],
    ["denies what nothing allows", rights(READ), read("arn:aws:s3:::other/a"), "deny"],
    ["denies another action", rights(READ), read("arn:aws:s3:::cache/a", "s3:PutObject"), "deny"],
    ["denies without any policy", { policies: [], attached: [] }, read("arn:aws:s3:::cache/a"), "deny"],
    [
      "lets a denial win, in whatever order",
      rights({ ...READ, Effect: "Deny" }, READ),
      read("arn:aws:s3:::cache/a"),
      "deny",
    ],
    [
      "lets a denial of another policy win",
      {
        policies: [
          ...rights(READ).policies,
          ...rights({ ...READ, Effect: "Deny", Action: "*", Resource: "*" }).policies,
        ],
        attached: [],
      },
      read("arn:aws:s3:::cache/a"),
      "deny",
    ],
    ["minds no case in actions", rights(READ), read("arn:aws:s3:::cache/a", "S3:getobject"), "allow"],
    ["minds the case in resources", rights(READ), read("arn:aws:s3:::Cache/a"), "deny"],
    [
      "knows wildcards in actions",
      rights({ ...READ, Action: "s3:Get*" }),
      read("arn:aws:s3:::cache/a"),
      "allow",
    ],
    [
      "knows everything but some actions",
      rights({ Effect: "Allow", NotAction: "s3:Put*", Resource: "*" }),
      read("arn:aws:s3:::cache/a"),
      "allow",
    ],
    [
      "knows some actions of everything but",
      rights({ Effect: "Allow", NotAction: "s3:Get*", Resource: "*" }),
      read("arn:aws:s3:::cache/a"),
      "deny",
    ],
    [
      "knows everything but some resources",
      rights({ Effect: "Allow", Action: "s3:GetObject", NotResource: "arn:aws:s3:::cache/secret" }),
      read("arn:aws:s3:::cache/secret"),
      "deny",
    ],
    [
      "minds conditions",
      rights({ ...READ, Condition: { StringEquals: { "aws:SourceAccount": "1" } } }),
      read("arn:aws:s3:::cache/a"),
      "deny",
    ],
    [
      "does not guess what a managed policy says",
      { ...rights(READ), attached: ["arn:aws:iam::aws:policy/AdministratorAccess"] },
      read("arn:aws:s3:::other/a"),
      "unknown",
    ],
  ] as const)("%s", (_, of, request, expected) => {
    expect(decide(of, request)).toBe(expected);
  });

  it.each([
    ["an unknown element", { ...READ, Verb: "x" }, "statement 1 has an unknown Verb"],
    ["an unknown effect", { ...READ, Effect: "allow" }, "statement 1 has neither the effect Allow nor Deny"],
    [
      "an unknown operator",
      { ...READ, Condition: { NumericLessThan: { a: "1" } } },
      "condition operator NumericLessThan is not known here",
    ],
    ["a principal", { ...READ, Principal: "*" }, "an identity's policy names no principal"],
    [
      "a statement without actions",
      { Effect: "Allow", Resource: "*" },
      "a statement has either Action or NotAction, and either Resource or NotResource",
    ],
  ])("refuses to judge %s, whatever was asked", (_, statement, message) => {
    expect(() => decide(rights(statement), { action: "x:Y", resource: "*" })).toThrow(message);
  });

  it.each([
    ["no JSON", "{", "it is no JSON"],
    ["another version", '{"Version":"2008-10-17","Statement":[]}', "its version is not 2012-10-17"],
    ["no statement", '{"Version":"2012-10-17"}', "it has no statement"],
  ])("refuses to judge a policy that is or has %s", (_, policy, message) => {
    expect(() => decide({ policies: [policy], attached: [] }, { action: "x:Y", resource: "*" })).toThrow(
      message,
    );
  });
});

describe("IAM's wildcards", () => {
  it.each([
    ["*", ""],
    ["*", "anything/at:all"],
    ["a*c", "abbbc"],
    ["a*c", "ac"],
    ["a?c", "abc"],
    ["a.c", "a.c"],
    ["repo:acme/*:ref", "repo:acme/x:y:ref"],
    ["[a]", "[a]"],
    ["a**", "a"],
  ])("%s matches %s", (pattern, text) => {
    expect(matchesGlob(pattern, text)).toBe(true);
  });

  it.each([
    ["a?c", "ac"],
    ["a?c", "abbc"],
    ["a.c", "abc"],
    ["a", "ab"],
    ["a", "A"],
    ["[ab]", "a"],
    ["a*", "ba"],
    ["a", "a\n"],
    ["", "a"],
  ])("%s does not match %s", (pattern, text) => {
    expect(matchesGlob(pattern, text)).toBe(false);
  });

  it("in actions mind no case", () => {
    expect(matchesAction("ECR:Put*", "ecr:putimage")).toBe(true);
  });
});

describe("IAM's conditions", () => {
  const context = { "aws:SourceAccount": "444455556666", "aws:PrincipalTag/team": "Build" };

  it.each([
    ["equal", { StringEquals: { "aws:SourceAccount": ["444455556666"] } }, true],
    ["one of several values", { StringEquals: { "aws:SourceAccount": ["1", "444455556666"] } }, true],
    ["a key in other case", { StringEquals: { "AWS:sourceaccount": ["444455556666"] } }, true],
    ["a value in other case", { StringEquals: { "aws:PrincipalTag/team": ["build"] } }, false],
    [
      "a value in other case where that is asked for",
      { StringEqualsIgnoreCase: { "aws:PrincipalTag/team": ["build"] } },
      true,
    ],
    ["a wildcard where it is a character", { StringEquals: { "aws:PrincipalTag/team": ["B*"] } }, false],
    ["a wildcard", { StringLike: { "aws:PrincipalTag/team": ["B*"] } }, true],
    ["a wildcard in other case", { StringLike: { "aws:PrincipalTag/team": ["b*"] } }, false],
    ["a key that is missing", { StringEquals: { "aws:SourceArn": ["x"] } }, false],
    ["a wildcard for a key that is missing", { StringLike: { "aws:SourceArn": ["*"] } }, false],
    [
      "a second key that differs",
      { StringEquals: { "aws:SourceAccount": ["444455556666"], "aws:PrincipalTag/team": ["x"] } },
      false,
    ],
    [
      "a second operator that differs",
      {
        StringEquals: { "aws:SourceAccount": ["444455556666"] },
        StringLike: { "aws:PrincipalTag/team": ["x*"] },
      },
      false,
    ],
    ["another value", { StringNotEquals: { "aws:SourceAccount": ["1", "2"] } }, true],
    ["not another value", { StringNotEquals: { "aws:SourceAccount": ["1", "444455556666"] } }, false],
    ["another value where the key is missing", { StringNotEquals: { "aws:SourceArn": ["x"] } }, true],
    ["unlike", { StringNotLike: { "aws:PrincipalTag/team": ["B*"] } }, false],
    ["no value at all", { StringEquals: { "aws:SourceAccount": [] } }, false],
    ["no condition", {}, true],
  ])("%s: %j is %s", (_, conditions, expected) => {
    expect(fulfils(conditions as Record<string, Record<string, string[]>>, context)).toBe(expected);
  });

  it.each([
    "StringEqualsIfExists",
    "ForAnyValue:StringLike",
    "ForAllValues:StringEquals",
    "ArnLike",
    "stringequals",
    "toString",
  ])("of an operator that is not known are refused: %s", (operator) => {
    expect(() => fulfils({ StringEquals: { x: ["no"] }, [operator]: { y: ["z"] } }, context)).toThrow(
      `condition operator ${operator} is not known here`,
    );
  });

  it("with a variable are refused", () => {
    const variable = `\${aws:username}`;
    expect(() => fulfils({ StringEquals: { "aws:SourceAccount": [variable] } }, context)).toThrow(
      `policy variable in ${variable} is not known here`,
    );
  });
});
