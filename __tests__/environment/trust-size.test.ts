import { describe, expect, it } from "vitest";
import type { EnvironmentInput } from "../../environment/environment";
import { loadEnvironments } from "../../environment/load";
import { identitiesOf } from "../helpers/identities";
import { DEMO, demo } from "../helpers/input";
import { synthesize } from "../helpers/synth";

type Github = EnvironmentInput["github"];

const IDS = { ownerId: 1001, repositoryId: 2002 };
const LIMIT = 2048;

const withBranches = (branches: string[], github: Partial<Github> = {}) =>
  demo({ github: { ...DEMO.github, ...github, branches } });

/** Characters of the trust policy that Terraform would hand to IAM. */
function rendered(input: EnvironmentInput): number {
  const [role] = identitiesOf(synthesize(input), { accountId: DEMO.accountId, region: DEMO.region }).filter(
    ({ name }) => name === "buildx-demo-hosted-jobs",
  );
  return (role?.trustPolicy ?? "").length;
}

/** All of them of a length but for the last. */
const branches = (count: number, lastLength: number) => [
  ...Array.from({ length: count - 1 }, (_, i) => `release/of-a-product-with-a-long-name/2026.${i + 10}`),
  "b".repeat(lastLength),
];

describe("a trust policy of the quota's length", () => {
  const one = rendered(withBranches(branches(20, 1)));
  const longest = LIMIT - one + 1;

  it("is rendered with exactly so many characters", () => {
    expect(rendered(withBranches(branches(20, longest)))).toBe(LIMIT);
  });

  it("is refused with one more", () => {
    expect(() => loadEnvironments([withBranches(branches(20, longest + 1))])).toThrow(
      "demo: github.branches must fit the 2048 characters that IAM takes of a role's trust policy, beside github.deploymentEnvironments; got 20 branches, with which it has 2049. The first 19 fit; let jobs of the others push through one GitHub environment, named in github.deploymentEnvironments.",
    );
  });
});

it("as many branches as the refusal names are rendered below the limit", () => {
  const all = branches(20, 12);
  const refused = () => loadEnvironments([withBranches(all, IDS)]);
  expect(refused).toThrow("got 20 branches, with which it has 3709. The first 9 fit;");
  expect(rendered(withBranches(all.slice(0, 9), IDS))).toBeLessThanOrEqual(LIMIT);
  expect(() => loadEnvironments([withBranches(all.slice(0, 10), IDS)])).toThrow("The first 9 fit;");
});
