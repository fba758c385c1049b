import { describe, expect, it } from "vitest";
import { type Identity, identitiesOf } from "../helpers/identities";
import { demo } from "../helpers/input";
import { once, synthesize } from "../helpers/synth";
import { IAM_SETUP } from "./iam/cases";
import { ADMITTED, GITHUB, REFUSED, TRUST_SETUPS, type TrustSetup, tokenOf } from "./trust/cases";
import { callerWithToken, letsIn, type TokenClaims } from "./trust/evaluate";
import { ACCOUNT_ID, SERVICE_TRUST_CASES, type ServiceRole } from "./trust/service-cases";

const AT = { accountId: ACCOUNT_ID, region: "us-west-2" };
const { flowLogs, builders } = IAM_SETUP;
const rolesOf = once((setup: TrustSetup) =>
  identitiesOf(synthesize(demo({ github: TRUST_SETUPS[setup], flowLogs, builders })), AT),
);
const SETUPS = Object.keys(TRUST_SETUPS) as TrustSetup[];
const HOSTED = "buildx-demo-hosted-jobs";
const TOKENS = [...ADMITTED.map(([row]) => row), ...REFUSED];

/** Who of all tokens' bearers is let in. */
const admittedTo = ({ trustPolicy }: Identity) =>
  TOKENS.filter((row) => letsIn(trustPolicy, callerWithToken(tokenOf(row), ACCOUNT_ID))).map(
    ([words]) => words,
  );

describe.each(SETUPS)("where %s is trusted", (setup) => {
  it("the role of hosted jobs lets in who is named", () => {
    const expected = ADMITTED.filter(([, by]) => by.includes(setup)).map(([[words]]) => words);
    expect(
      rolesOf(setup)
        .filter(({ name }) => name === HOSTED)
        .map(admittedTo),
    ).toEqual([expected]);
  });

  it("no token opens another role", () => {
    const others = rolesOf(setup).filter(({ name }) => name !== HOSTED);
    expect(others.map(admittedTo)).toEqual(others.map(() => []));
  });
});

describe.each([
  ["an enterprise's own issuer", `${GITHUB}/acme`],
  ["a server's issuer", "github.example.com/_services/token"],
])("where %s is named", (_, issuer) => {
  const github = { ...TRUST_SETUPS["branch main, with ids"], issuer: `https://${issuer}` };
  const roles = identitiesOf(synthesize(demo({ github })), AT).filter(({ name }) => name === HOSTED);
  const letIn = (change: Partial<TokenClaims>, from = issuer) => {
    const token = {
      audience: "sts.amazonaws.com",
      subject: "repo:acme/images:ref:refs/heads/main",
      ...change,
    };
    return roles.map(({ trustPolicy }) =>
      letsIn(trustPolicy, callerWithToken({ issuer: from, ...token }, ACCOUNT_ID)),
    );
  };

  it("its tokens of that branch are let in, with and without ids", () => {
    expect(letIn({})).toEqual([true]);
    expect(letIn({ subject: "repo:acme@1001/images@2002:ref:refs/heads/main" })).toEqual([true]);
  });

  it("nobody else's token is, with the same subject", () => {
    for (const other of [
      GITHUB,
      `${GITHUB}/acme-evil`,
      "github.example.com",
      "evil.example/_services/token",
    ]) {
      expect([other, ...letIn({}, other)]).toEqual([other, false]);
    }
  });

  it("another branch's or audience's is not", () => {
    expect(letIn({ subject: "repo:acme/images:ref:refs/heads/next" })).toEqual([false]);
    expect(letIn({ audience: "sigstore" })).toEqual([false]);
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
  const roles = new Map(rolesOf("branch main, with ids").map((role) => [role.name, role.trustPolicy]));

  it("is tried against every role", () => {
    expect([...roles.keys()].sort()).toEqual(ROLES.map((role) => `buildx-demo-${role}`).sort());
  });

  it.each(SERVICE_TRUST_CASES)("$words: opens $admittedBy", ({ caller, admittedBy }) => {
    expect(ROLES.filter((role) => letsIn(roles.get(`buildx-demo-${role}`) ?? "", caller))).toEqual(
      admittedBy,
    );
  });
});

describe("the rules of trust policies", () => {
  const policy = (condition: object, effect = "Allow") => ({
    Effect: effect,
    Principal: { Federated: `arn:aws:iam::${ACCOUNT_ID}:oidc-provider/${GITHUB}` },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: condition,
  });
  const lets = (subject: string, ...statements: object[]) =>
    letsIn(
      JSON.stringify({ Version: "2012-10-17", Statement: statements }),
      callerWithToken({ issuer: GITHUB, audience: "sts.amazonaws.com", subject }, ACCOUNT_ID),
    );

  it.each<[string, string, object[], boolean]>([
    ["a wildcard", "repo:acme-evil/x", [policy({ StringLike: { [`${GITHUB}:sub`]: "repo:acme*" } })], true],
    ["equality", "repo:acme/x", [policy({ StringEquals: { [`${GITHUB}:sub`]: "repo:acme/*" } })], false],
    ["no condition", "repo:evil/x", [policy({})], true],
    ["a denial", "repo:acme/x", [policy({}), policy({}, "Deny")], false],
  ])("know %s", (_, subject, statements, expected) => {
    expect(lets(subject, ...statements)).toBe(expected);
  });

  it("are refused where they are not known", () => {
    expect(() => lets("x", policy({ StringMatches: { x: "y" } }))).toThrow("StringMatches is not known here");
  });
});
