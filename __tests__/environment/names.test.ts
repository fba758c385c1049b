import { describe, expect, it } from "vitest";
import { longestName, namesOf, repositoryName, runnerLabels } from "../../environment/names";
import { environments } from "../helpers/example-environments";
import { isObject, type Json, textsIn } from "../helpers/json";
import { synthesize } from "../helpers/synth";

const LONGEST = "a".repeat(38);

/** Names that are unique within something of the environment itself, or that AWS chose. */
const SCOPED = new Set([
  "aws_iam_role_policy.name",
  "aws_eks_addon.addon_name",
  "aws_launch_template.device_name",
  "aws_vpc_endpoint.service_name",
]);

/** Every attribute called name, or ending so, of every AWS resource of an environment's stacks. */
function namesIn(environment: string): Set<string> {
  const { stacks } = synthesize(...environments);
  const found = new Set<string>();
  const visit = (type: string, value: Json) => {
    if (Array.isArray(value)) for (const inner of value) visit(type, inner);
    if (!isObject(value)) return;
    for (const [key, inner] of Object.entries(value)) {
      const named = /(^|_)name$/i.test(key) && !SCOPED.has(`${type}.${key}`);
      if (named && typeof inner === "string" && !inner.startsWith("<")) found.add(`${type} ${inner}`);
      visit(type, inner);
    }
  };
  for (const [name, { resources }] of stacks) {
    if (!name.startsWith(`${environment}-`)) continue;
    for (const { type, body } of resources) if (type.startsWith("aws_")) visit(type, body);
  }
  return found;
}

describe("names", () => {
  it("of the longest environment name fit", () => {
    expect(longestName(LONGEST, ["image"], "c5.large")).toBeUndefined();
  });

  it("of a name one longer do not, and the worst of them is named", () => {
    const value = `buildx-${LONGEST}a-builders-c5.large`;
    expect(longestName(`${LONGEST}a`, ["image"], "c5.large")).toBe(
      `an EKS node group may have 63 characters, and "${value}" has 64`,
    );
  });

  it("count the environment's part of a repository's name", () => {
    expect(longestName("demo", ["a".repeat(251)], "c5.large")).toBeUndefined();
    expect(longestName("demo", ["a".repeat(252)], "c5.large")).toMatch(
      /^an ECR repository may have 256 characters/,
    );
  });

  it("are cut in a message when they are huge", () => {
    expect(longestName("a".repeat(100_000), ["image"], "c5.large")?.length).toBeLessThan(200);
  });

  it("of one environment are all different for each kind of thing", () => {
    const names = Object.values(namesOf("demo")).map(({ kind, value }) => `${kind}: ${value}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it("of two environments are never the same, in everything that is rendered", () => {
    const [c5n, c5] = [namesIn("c5n"), namesIn("c5")];
    expect(c5n.size).toBeGreaterThan(25);
    expect(c5.size).toBe(c5n.size);
    expect([...c5n].filter((name) => c5.has(name))).toEqual([]);
  });

  it("hold the environment wherever they stand", () => {
    const nameless = [...namesIn("c5n")].filter((name) => !/\bc5n\b/.test(name));
    expect(nameless).toEqual([]);
  });

  it("of another environment stand nowhere in an environment's stacks", () => {
    const { stacks } = synthesize(...environments);
    for (const [name, stack] of stacks) {
      if (!name.startsWith("c5-")) continue;
      expect(textsIn(stack.json).filter((text) => /\bc5n\b/.test(text))).toEqual([]);
    }
  });
});

describe("repositoryName", () => {
  it("puts the environment before the image, as its namespace", () => {
    expect(repositoryName("demo", "team/app")).toBe("demo/team/app");
  });
});

describe("runnerLabels", () => {
  it("end with the environment's own, so that no job lands in another environment", () => {
    expect(runnerLabels("demo", ["custom-runner", "big"])).toEqual(["custom-runner", "big", "buildx-demo"]);
  });
});
