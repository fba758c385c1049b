import { describe, expect, it } from "vitest";
import { type Identity, identitiesOf } from "../helpers/identities";
import { demo } from "../helpers/input";
import { once, synthesize } from "../helpers/synth";
import { IAM_SETUP } from "./iam/cases";
import { GITHUB, TRUST_CASES, TRUST_SETUPS, type TrustSetupId } from "./trust/cases";
import { callerWithToken, letsIn } from "./trust/evaluate";
import { ACCOUNT_ID, SERVICE_TRUST_CASES, type ServiceRole } from "./trust/service-cases";

const AT = { accountId: ACCOUNT_ID, region: "us-west-2" };
const rolesOf = once((id: TrustSetupId) => {
  const setup = TRUST_SETUPS.find((candidate) => candidate.id === id);
  if (!setup) throw new Error(`no setup ${id}`);
  const { flowLogs, builders } = IAM_SETUP;
  return identitiesOf(synthesize(demo({ github: setup.github, flowLogs, builders })), AT);
});
const named = (roles: readonly Identity[], end: string): Identity => {
  const role = roles.find(({ name }) => name === `buildx-demo-${end}`);
  if (!role) throw new Error(`no role of ${end}`);
  return role;
};
const ROWS = TRUST_SETUPS.flatMap((setup) =>
  TRUST_CASES.map((row) => ({
    ...row,
    setup: setup.id,
    trusts: setup.words,
    expected: row.admittedBy.includes(setup.id) ? "in" : "out",
  })),
);

describe("tokens of GitHub's jobs", () => {
  it("are each in the list once", () => {
    const ids = TRUST_CASES.map(({ id }) => id);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
    const tokens = TRUST_CASES.map(({ token }) => JSON.stringify(token));
    expect(tokens.filter((token, i) => tokens.indexOf(token) !== i)).toEqual([]);
  });

  it.each(ROWS)("$id is $expected where $trusts is trusted", ({ setup, token, expected }) => {
    const { trustPolicy } = named(rolesOf(setup), "hosted-jobs");
    expect(letsIn(trustPolicy, callerWithToken(token, ACCOUNT_ID)) ? "in" : "out").toBe(expected);
  });

  it.each(TRUST_SETUPS)("open no role but that of hosted jobs: $words", ({ id }) => {
    const others = rolesOf(id).filter(({ name }) => name !== "buildx-demo-hosted-jobs");
    expect(others).toHaveLength(6);
    const opened = others.flatMap(({ name, trustPolicy }) =>
      TRUST_CASES.filter(({ token }) => letsIn(trustPolicy, callerWithToken(token, ACCOUNT_ID))).map(
        (row) => `${row.id} opens ${name}`,
      ),
    );
    expect(opened).toEqual([]);
  });

  it("open no role of another account's provider", () => {
    const { trustPolicy } = named(rolesOf("branch"), "hosted-jobs");
    const [{ token } = { token: undefined }] = TRUST_CASES;
    if (!token) throw new Error("there is no case");
    expect(letsIn(trustPolicy, callerWithToken(token, "999988887777"))).toBe(false);
    expect(letsIn(trustPolicy, { ...callerWithToken(token, ACCOUNT_ID), action: "sts:AssumeRole" })).toBe(
      false,
    );
  });
});

describe("everybody else", () => {
  const ROLES: readonly (ServiceRole | "hosted-jobs")[] = [
    "cluster",
    "node",
    "vpc-cni",
    "ebs-csi",
    "runner",
    "flow-logs",
    "hosted-jobs",
  ];

  it("concerns every role", () => {
    expect(
      rolesOf("branch-ids")
        .map(({ name }) => name)
        .sort(),
    ).toEqual(ROLES.map((role) => `buildx-demo-${role}`).sort());
  });

  it.each(SERVICE_TRUST_CASES)("$words: opens $admittedBy", ({ caller, admittedBy }) => {
    const opened = ROLES.filter((role) => letsIn(named(rolesOf("branch-ids"), role).trustPolicy, caller));
    expect(opened).toEqual(admittedBy);
  });
});

describe("letsIn", () => {
  const PROVIDER = `arn:aws:iam::${ACCOUNT_ID}:oidc-provider/${GITHUB}`;
  const policy = (change: object) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Federated: PROVIDER },
          Action: "sts:AssumeRoleWithWebIdentity",
          ...change,
        },
      ],
    });
  const like = (pattern: string) => policy({ Condition: { StringLike: { [`${GITHUB}:sub`]: pattern } } });
  const job = (subject: string) =>
    callerWithToken({ issuer: GITHUB, audience: "sts.amazonaws.com", subject }, ACCOUNT_ID);

  it("shows what a wildcard over the owner would open", () => {
    expect(
      letsIn(
        like("repo:acme*/images*:ref:refs/heads/main"),
        job("repo:acme-evil/images-2:ref:refs/heads/main"),
      ),
    ).toBe(true);
    expect(letsIn(like("repo:*/images:*"), job("repo:evil/images:pull_request"))).toBe(true);
  });

  it("takes a wildcard for a character where equality is asked for", () => {
    const equals = policy({ Condition: { StringEquals: { [`${GITHUB}:sub`]: "repo:acme/*" } } });
    expect(letsIn(equals, job("repo:acme/images"))).toBe(false);
    expect(letsIn(equals, job("repo:acme/*"))).toBe(true);
  });

  it("takes a question mark for one character", () => {
    expect(letsIn(like("repo:acme/image?:x"), job("repo:acme/images:x"))).toBe(true);
    expect(letsIn(like("repo:acme/image?:x"), job("repo:acme/image:x"))).toBe(false);
  });

  it("shows that a role without conditions is open to every repository at GitHub", () => {
    expect(letsIn(policy({}), job("repo:evil/anything:pull_request"))).toBe(true);
  });

  it("lets a denial win", () => {
    const both = JSON.parse(policy({})) as { Statement: object[] };
    both.Statement.push({ ...both.Statement[0], Effect: "Deny" });
    expect(letsIn(JSON.stringify(both), job("repo:acme/images:x"))).toBe(false);
  });

  it("takes an account as principal for each of its roles, and for no other account's", () => {
    const trust = policy({ Principal: { AWS: `arn:aws:iam::${ACCOUNT_ID}:root` }, Action: "sts:AssumeRole" });
    const role = (account: string) =>
      ({
        kind: "AWS",
        name: `arn:aws:iam::${account}:role/x`,
        action: "sts:AssumeRole",
        context: {},
      }) as const;
    expect(letsIn(trust, role(ACCOUNT_ID))).toBe(true);
    expect(letsIn(trust, role("999988887777"))).toBe(false);
  });

  it.each([
    [
      "an unknown operator",
      { Condition: { StringMatches: { x: "y" } } },
      "condition operator StringMatches is not known here",
    ],
    [
      "an operator with IfExists",
      { Condition: { StringEqualsIfExists: { x: "y" } } },
      "condition operator StringEqualsIfExists is not known here",
    ],
    ["NotAction", { NotAction: "sts:AssumeRole" }, "NotAction is not known here"],
    ["NotPrincipal", { NotPrincipal: "x" }, "NotPrincipal is not known here"],
  ])("refuses to judge %s, whoever comes", (_, change, message) => {
    const nobody = callerWithToken({ issuer: "x", audience: "", subject: "" }, ACCOUNT_ID);
    expect(() => letsIn(policy(change), nobody)).toThrow(message);
  });
});
