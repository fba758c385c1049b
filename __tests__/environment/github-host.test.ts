import { expect, it } from "vitest";
import { githubOf, isEnterpriseServer, isGithubCom } from "../../environment/github-host";

it.each([
  ["https://token.actions.githubusercontent.com", "https://github.com", "https://api.github.com"],
  ["https://token.actions.githubusercontent.com/acme", "https://github.com", "https://api.github.com"],
  ["https://token.actions.acme.ghe.com", "https://acme.ghe.com", "https://api.acme.ghe.com"],
  [
    "https://github.example.com/_services/token",
    "https://github.example.com",
    "https://github.example.com/api/v3",
  ],
])("tokens of %s come from %s", (issuer, url, apiUrl) => {
  expect(githubOf(issuer)).toEqual({ url, apiUrl });
  expect(isGithubCom(issuer)).toBe(url === "https://github.com");
  expect(isEnterpriseServer(issuer)).toBe(issuer.endsWith("/_services/token"));
});
