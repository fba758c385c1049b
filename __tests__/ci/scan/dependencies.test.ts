import { expect, it } from "vitest";
import { readAudit } from "../../../.ci/scan/dependencies";

/** What `npm audit --json` prints. */
const audit = (...severities: string[]) =>
  JSON.stringify({
    auditReportVersion: 2,
    vulnerabilities: Object.fromEntries(
      severities.map((severity) => [
        severity,
        {
          name: severity,
          severity,
          range: "<2",
          via: [{ title: "Reads", url: "https://x" }],
          fixAvailable: true,
        },
      ]),
    ),
  });

it.each([
  ["passed", ["info", "low"], []],
  ["failed", ["low", "moderate"], ["moderate"]],
  ["failed", ["high", "a-new-severity"], ["high", "a-new-severity"]],
])("npm audit has %s with %j", (status, severities, named) => {
  const result = readAudit(audit(...severities), "");
  expect(result.status).toBe(status);
  expect(result.problems).toEqual(
    named.map((severity) => `${severity}: ${severity} <2\nReads (https://x)\nFixed by: npm audit fix`),
  );
});

it("is not checked where the registry has no audit endpoint", () => {
  expect(readAudit('{"statusCode":405}', "")).toMatchObject({ status: "not checked", problems: [] });
});

it.each([
  ["a registry that refuses", '{"statusCode":403,"message":"no"}', "npm audit did not finish: no"],
  ["no network", '{"error":{"summary":"getaddrinfo ENOTFOUND"}}', "npm audit did not finish: getaddrinfo"],
  ["no lock", "npm error ENOLOCK", "npm audit printed no JSON:\nnpm error ENOLOCK"],
])("is a failure with %s", (_, stdout, message) => {
  expect(() => readAudit(stdout, "")).toThrow(message);
});
