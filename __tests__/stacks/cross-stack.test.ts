import { describe, expect, it } from "vitest";
import { environments } from "../helpers/example-environments";
import { demo, demoWith, SUBSETS } from "../helpers/input";
import { asObject, parseJson } from "../helpers/json";
import { type Synthesized, synthesize } from "../helpers/synth";

interface Reference {
  readonly from: string;
  readonly to: string;
  readonly output: string;
}

/** What a stack reads from others, as the file has it. */
function referencesIn(from: string, text: string): Reference[] {
  const pattern = /data\.terraform_remote_state\.cross-stack-reference-input-([\w-]+?)\.outputs\.([\w-]+)/g;
  return [...text.matchAll(pattern)].map(([, to = "", output = ""]) => ({ from, to, output }));
}

const references = ({ stacks }: Synthesized) =>
  [...stacks].flatMap(([name, { text }]) => referencesIn(name, text));

/** References to an output that is not there. */
const dangling = ({ stacks }: Synthesized, all: readonly Reference[]) =>
  all.filter(({ to, output }) => {
    const stack = stacks.get(to);
    return !stack || !Object.hasOwn(asObject(asObject(parseJson(stack.text)).output), output);
  });

/** Stacks in an order in which each comes after those it depends on; those on a cycle are left out. */
function ordered(dependencies: ReadonlyMap<string, readonly string[]>): string[] {
  const done: string[] = [];
  for (;;) {
    const next = [...dependencies].find(
      ([name, needed]) => !done.includes(name) && needed.every((other) => done.includes(other)),
    );
    if (!next) return done;
    done.push(next[0]);
  }
}

const all: readonly (readonly [string, Synthesized])[] = [
  ["c5n and c5", synthesize(...environments)],
  [
    "volumes and an autoscaler",
    synthesize(demo({ builders: { mode: "warm", volumeGib: 50 }, runners: { minReplicas: 0 } })),
  ],
  ["state in S3", synthesize(demo({ state: { type: "s3", bucket: "state", region: "us-west-2" } }))],
  ...SUBSETS.filter((subset) => subset.length === 1).map(
    (subset) => [subset.join(), synthesize(demoWith(...subset))] as const,
  ),
];

describe.each(all)("references between stacks: %s", (_, synthesized) => {
  it("lead to outputs that are there", () => {
    expect(dangling(synthesized, references(synthesized))).toEqual([]);
  });

  it("lead to states that the stack reads", () => {
    for (const [name, { text, json }] of synthesized.stacks) {
      const read = Object.keys(asObject(asObject(json.data ?? {}).terraform_remote_state ?? {}));
      const used = new Set(referencesIn(name, text).map(({ to }) => `cross-stack-reference-input-${to}`));
      expect(read.sort(), name).toEqual([...used].sort());
    }
  });

  it("are the dependencies of the manifest, with the one that is added: runners stand on the platform", () => {
    for (const [name, { text }] of synthesized.stacks) {
      const implied = new Set(referencesIn(name, text).map(({ to }) => to));
      if (name.endsWith("-runners")) implied.add(name.replace(/-runners$/, "-platform"));
      expect([...(synthesized.dependencies.get(name) ?? [])].sort(), name).toEqual([...implied].sort());
    }
  });

  it("have no cycle", () => {
    expect(ordered(synthesized.dependencies)).toHaveLength(synthesized.stacks.size);
  });

  it("stay within an environment and its account", () => {
    const environment = (stack: string) => stack.replace(/-\w+$/, "");
    const foreign = references(synthesized).filter(
      ({ from, to }) => to !== "account" && environment(from) !== environment(to),
    );
    expect(foreign).toEqual([]);
  });
});

describe("the order of deployment", () => {
  it("follows references", () => {
    expect(references(synthesize(demo())).length).toBeGreaterThan(5);
  });

  it("is account, registry, cluster, platform, runners", () => {
    expect(ordered(synthesize(demo()).dependencies)).toEqual([
      "account",
      "demo-registry",
      "demo-cluster",
      "demo-platform",
      "demo-runners",
    ]);
  });
});
