import { describe, expect, it } from "vitest";
import { loadEnvironments } from "../../environment/load";
import { stopUnreadyDeploy } from "../../stacks/deploy-guard";
import { environments as EXAMPLES } from "../helpers/example-environments";
import { demo, demoWith } from "../helpers/input";

const KEY = { TF_VAR_github_app_private_key: "-----BEGIN RSA PRIVATE KEY-----\n..." };
const SHELL = { command: ["/bin/sh", "-c", "npx tsx main.ts"], environment: {} };

/** What a command line of cdktf is stopped with, "" for nothing. */
function stops(
  command: string,
  inputs = EXAMPLES,
  environment: Readonly<Record<string, string>> | "hidden" = {},
): string {
  try {
    stopUnreadyDeploy(loadEnvironments(inputs), [
      SHELL,
      {
        command: ["node", "/x/node_modules/.bin/cdktf", ...command.split(" ")],
        environment: environment === "hidden" ? undefined : environment,
      },
    ]);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

describe("cdktf", () => {
  it.each(["synth", "diff c5n-registry", "destroy c5n-*", "output c5n-registry", "list"])(
    "%s is never stopped",
    (command) => {
      expect(stops(command)).toBe("");
    },
  );

  it("deploy is stopped with everything that is the example's, and the key, at once", () => {
    expect(stops("deploy account c5n-* --auto-approve")).toBe(
      [
        "Nothing was planned: 6 things to set in environments/ or the shell first.",
        "  - c5n: accountId (111122223333) is still the example's.",
        "  - c5n: github.owner (your-organization) is still the example's.",
        "  - c5n: github.app.id (1) is still the example's.",
        "  - c5n: github.app.installationId (1) is still the example's.",
        "  - c5n: clusterAdmins (111122223333) is still the example's.",
        '  - c5n: the private key of the GitHub App is not set. export TF_VAR_github_app_private_key="$(cat your-app.private-key.pem)"',
      ].join("\n"),
    );
  });

  it.each(["deploy account", "apply account", "watch account", "--log-level debug deploy account"])(
    "%s is stopped by the example's account alone",
    (command) => {
      expect(stops(command)).toBe(
        "Nothing was planned: 1 thing to set in environments/ or the shell first.\n  - c5n: accountId (111122223333) is still the example's.",
      );
    },
  );

  it("deploy of an environment is not stopped by what another one lacks", () => {
    expect(
      stops(
        "deploy account demo-*",
        [demo(), { ...EXAMPLES[0], accountId: demo().accountId, name: "c5n" } as never],
        KEY,
      ),
    ).toBe("");
  });

  it.each([
    ["is handed over", "deploy account demo-*", KEY],
    ["is in a variable file", "deploy account demo-* --var-file=key.tfvars", {}],
    ["is a variable of the command line", "deploy account demo-* --var github_app_private_key=x", {}],
    ["cannot be seen", "deploy account demo-*", "hidden" as const],
  ])("deploy goes on where the key %s", (_, command, environment) => {
    expect(stops(command, [demo()], environment)).toBe("");
  });

  it("deploy needs no key where there are no runners", () => {
    expect(stops("deploy account demo-*", [demoWith("hosted-kubernetes")])).toBe("");
  });

  it("deploy is stopped by the path of a key", () => {
    expect(stops("deploy demo-platform", [demo()], { TF_VAR_github_app_private_key: "key.pem" })).toContain(
      "demo: the private key of the GitHub App is not a key in PEM form.",
    );
  });
});
