import { describe, expect, it } from "vitest";
import { environments } from "../helpers/example-environments";
import { isObject, type Json } from "../helpers/json";
import { type SynthesizedStack, synthesize } from "../helpers/synth";

const STACKS = ["registry", "cluster", "platform", "runners"];

/** Takes out of a rendered file what follows from the environment's name and network. */
const normalise = ({ text }: SynthesizedStack, name: string, network: string) =>
  JSON.parse(
    text
      .replaceAll(new RegExp(`\\b${name}\\b(?!\\.2xlarge)`, "g"), "NAME")
      .replaceAll(new RegExp(`\\b${network.replaceAll(".", "\\.")}\\.`, "g"), "NETWORK."),
  ) as Json;

/** Paths at which two values differ, with both values. */
function differences(a: Json | undefined, b: Json | undefined, path = ""): string[] {
  if (isObject(a) && isObject(b)) {
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
      differences(a[key], b[key], path ? `${path}.${key}` : key),
    );
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return Array.from({ length: Math.max(a.length, b.length) }).flatMap((_, i) =>
      differences(a[i] as Json | undefined, b[i] as Json | undefined, `${path}[${i}]`),
    );
  }
  return a === b ? [] : [`${path}: ${JSON.stringify(a)} / ${JSON.stringify(b)}`];
}

const between = (stack: string): string[] => {
  const synthesized = synthesize(...environments);
  return differences(
    normalise(synthesized.stack(`c5n-${stack}`), "c5n", "10.20"),
    normalise(synthesized.stack(`c5-${stack}`), "c5", "10.21"),
  );
};

describe("c5n and c5", () => {
  it.each(STACKS.filter((stack) => stack !== "cluster"))("have the same %s", (stack) => {
    expect(between(stack)).toEqual([]);
  });

  it("differ in the builders' instance type, and in how many nodes its size makes necessary at first", () => {
    expect(between("cluster")).toEqual([
      expect.stringMatching(
        /^resource\.aws_eks_node_group\.builders_nodes_\w+\.instance_types\[0\]: "c5n\.2xlarge" \/ "c5\.2xlarge"$/,
      ),
      expect.stringMatching(
        /^resource\.aws_eks_node_group\.builders_nodes_\w+\.scaling_config\.desired_size: 2 \/ 4$/,
      ),
    ]);
  });

  it("are written down as the same but for three props", () => {
    const [c5n, c5] = environments;
    expect({ ...c5, name: "c5n", vpcCidr: "10.20.0.0/16", instanceType: "c5n.2xlarge" }).toEqual(c5n);
  });

  it("have the same stacks", () => {
    const names = [...synthesize(...environments).stacks.keys()].sort();
    expect(names).toEqual([
      "account",
      ...["c5", "c5n"].flatMap((e) => [...STACKS].sort().map((s) => `${e}-${s}`)),
    ]);
  });
});

describe("the comparison itself", () => {
  it("sees a value that differs, one that is missing, and one too many", () => {
    expect(differences({ a: 1, b: [1, 2], c: "x" }, { a: 2, b: [1], d: null })).toEqual([
      "a: 1 / 2",
      "b[1]: 2 / undefined",
      'c: "x" / undefined',
      "d: undefined / null",
    ]);
  });
});
