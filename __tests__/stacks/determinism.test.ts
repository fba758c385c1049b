import { describe, expect, it } from "vitest";
import { environments } from "../helpers/example-environments";
import { demo } from "../helpers/input";
import { synthesize, synthesizeAnew } from "../helpers/synth";

const SECRETS: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["a PEM block", /-----BEGIN [A-Z ]+-----\s*\\?n?[A-Za-z0-9+/=]{16}/],
  ["an AWS access key", /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/],
  ["an AWS secret key", /aws_secret_access_key["'\s:=]+[A-Za-z0-9/+]{40}/i],
  ["a GitHub token", /\b(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{20,})/],
  ["a JSON web token", /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/],
  ["a token of the Kubernetes API", /\bk8s-aws-v1\.[\w-]{8,}/],
  [
    "a literal value under a secret's name",
    /"(?:token|password|secret|private_key|github_token|github_app_private_key)":\s*"(?!\$\{)[^"]+"/,
  ],
];
const found = (text: string) => SECRETS.filter(([, pattern]) => pattern.test(text)).map(([what]) => what);

describe("synthesis", () => {
  const third = {
    accountId: "111122223333",
    runners: { minReplicas: 0 },
    builders: { mode: "warm", volumeGib: 50 },
  } as const;
  const inputs = [...environments, demo(third)];
  const first = synthesizeAnew(inputs);
  const second = synthesizeAnew(inputs);

  it("writes the same files in another folder", () => {
    expect(first.files.size).toBeGreaterThan(13);
    expect([...second.files.keys()]).toEqual([...first.files.keys()]);
  });

  it("writes every file byte by byte alike", () => {
    for (const [path, text] of first.files) expect(second.files.get(path), path).toBe(text);
  });

  it("does not depend on the order in which environments are listed, but for the account", () => {
    const [c5n, c5] = environments;
    if (!c5n || !c5) throw new Error("two environments are expected");
    const forwards = synthesize(c5n, c5);
    const backwards = synthesize(c5, c5n);
    for (const [name, { text }] of forwards.stacks) expect(backwards.stack(name).text, name).toBe(text);
  });

  it("of one environment does not depend on another being there", () => {
    const [c5n] = environments;
    if (!c5n) throw new Error("an environment is expected");
    for (const [name, { text }] of synthesize(c5n).stacks) {
      if (name !== "account") expect(synthesize(...environments).stack(name).text, name).toBe(text);
    }
  });

  it("writes nothing that looks like a secret", () => {
    const suspicious = [...first.files].flatMap(([path, text]) =>
      found(text).map((what) => `${path}: ${what}`),
    );
    expect(suspicious).toEqual([]);
  });
});

describe("the detector of secrets", () => {
  const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJ";
  it.each([
    ["a PEM block", `"key": "-----BEGIN RSA PRIVATE KEY-----\\nMIIEowIBAAKCAQEAx${letters}"`],
    ["an AWS access key", `"key": "AKIA${"A1".repeat(8)}"`],
    ["an AWS secret key", `aws_secret_access_key = ${"aB3/".repeat(10)}`],
    ["a GitHub token", `"x": "ghp_${letters}"`],
    ["a JSON web token", '"x": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN"'],
    ["a token of the Kubernetes API", '"x": "k8s-aws-v1.aHR0cHM6Ly9zdHM"'],
    ["a literal value under a secret's name", '"github_app_private_key": "something"'],
  ])("finds %s in %s", (what, text) => {
    expect(found(text)).toContain(what);
  });
});
