import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type EnvironmentInput, environmentShape } from "../../environment/environment";
import { loadEnvironments } from "../../environment/load";
import { show, showName } from "../../util/invalid-input";
import { demo } from "../helpers/input";
import { synthesizeAnew } from "../helpers/synth";
import { environments, several } from "./arbitraries/environments";
import { hostile, hostileText } from "./arbitraries/hostile";
import { type Mutation, reordered, spoilt, withUnknownKey } from "./arbitraries/mutations";
import { refusal, unclear, unclearOf } from "./clear";
import { holds } from "./runs";

/** What is read from a file may be anything. */
const load = (...inputs: readonly unknown[]) => loadEnvironments(inputs as EnvironmentInput[]);
const valid = (...inputs: readonly unknown[]) => refusal(() => load(...inputs)) === undefined;

/** The prop's path that a problem begins with. */
const propOf = (problem: string) => /^.*?: (\S+) /s.exec(problem)?.[1] ?? "";
const KNOWN = Object.keys(environmentShape);

const C6IN = { name: "c6in.4xlarge", vcpu: 16, memoryGib: 32, maxPods: 234, usdPerHour: 0.9072 };

/** Cases that once failed, or never ended. */
const found = (...cases: readonly (readonly [value: unknown, prop: string])[]): [Mutation][] =>
  cases.map(([value, prop]) => [{ value, path: [prop] }]);

describe("random valid environments", () => {
  const files = (...inputs: readonly EnvironmentInput[]) => [...synthesizeAnew(inputs).files];

  holds(
    "environments: load, synthesize within the policy, the same bytes with keys in any order",
    fc.property(environments, (input) => {
      fc.pre(valid(input));
      // A stack that breaks the policy of aspects/ makes the synthesis throw.
      const first = files(input);
      expect(first.length).toBeGreaterThan(2);
      const turned = reordered(input, (keys) => [...keys].reverse()) as EnvironmentInput;
      expect(files(turned)).toEqual(first);
    }),
  );

  holds(
    "environments: several in one app, each as it is alone",
    fc.property(several, fc.nat(2), (inputs, index) => {
      fc.pre(valid(...inputs));
      const together = new Map(files(...inputs));
      const one = inputs[index % inputs.length];
      if (one === undefined) throw new Error("no environment was drawn");
      const own = files(one).filter(([path]) => path.startsWith(`stacks/${one.name}-`));
      expect(own.length).toBeGreaterThan(0);
      for (const [path, text] of own) expect(together.get(path), path).toBe(text);
    }),
  );

  holds(
    "environments: a random one is valid or refused in words",
    fc.property(environments, (input) => {
      expect(unclearOf(refusal(() => load(input)) ?? [])).toEqual([]);
    }),
  );

  test("are nearly all of those that are drawn: others test nothing above", () => {
    const sample = fc.sample(environments, { numRuns: 200, seed: 1 });
    expect(sample.filter((input) => valid(input)).length).toBeGreaterThan(190);
  });
});

/** Whether what was loaded says all that was given: nothing is lost in silence, or taken for something else. */
function says(loaded: unknown, given: unknown): boolean {
  if (Array.isArray(given)) {
    return (
      Array.isArray(loaded) &&
      loaded.length === given.length &&
      given.every((inner: unknown, index) => says(loaded[index], inner))
    );
  }
  if (typeof given !== "object" || given === null) return Object.is(loaded, given);
  if (typeof loaded !== "object" || loaded === null) return false;
  const plain = [null, Object.prototype].includes(Object.getPrototypeOf(given) as null);
  return (
    plain &&
    Object.entries(given).every(
      ([key, inner]) =>
        inner === undefined ||
        (Object.hasOwn(loaded, key) && says((loaded as Record<string, unknown>)[key], inner)),
    )
  );
}

describe("mutations of valid environments", () => {
  const validOnes = environments.filter((input) => valid(input));

  holds(
    "environments: one wrong prop is named, or the environment is valid",
    fc.property(validOnes.chain(spoilt), ({ value, path }) => {
      const problems = refusal(() => expect(says(load(value)[0], value), "what is loaded").toBe(true));
      if (problems === undefined) return;
      expect(unclearOf(problems)).toEqual([]);
      // Only props are named, by their path.
      const props = problems.map(propOf);
      for (const prop of props) expect(KNOWN).toContain(prop.split(/[.[]/)[0]);
      // Other configurations may lack what the first ones had, and another account what was the first one's: that is named.
      if (path[0] !== "configurations" && path[0] !== "accountId") {
        expect(problems.join("\n")).toContain(String(path[0]));
      }
    }),
    found([
      demo({ otherInstanceTypes: [{ ...C6IN, name: `c5${"g".repeat(1_000_000)}` }] }),
      "otherInstanceTypes",
    ]),
  );

  holds(
    "environments: an unknown prop is named",
    fc.property(validOnes.chain(withUnknownKey), ({ value, path }) => {
      // Tags may have any key; what else their keys must be is their own rule.
      fc.pre(path[0] !== "tags");
      const problems = refusal(() => load(value)) ?? [];
      expect(unclearOf(problems)).toEqual([]);
      const written = path.reduce<string>(
        (text, key) =>
          typeof key === "number" ? `${text}[${key}]` : `${text}${text && "."}${showName(key)}`,
        "",
      );
      expect(problems.map((problem) => problem.slice(problem.indexOf(": ") + 2))).toContainEqual(
        expect.stringContaining(written.slice(0, 70)),
      );
    }),
  );

  holds(
    "environments: anything at all is refused in words",
    fc.property(hostile, fc.boolean(), (value, whole) => {
      const input = whole ? value : { ...demo(), runners: value, clusterAdmins: value };
      expect(unclearOf(refusal(() => load(input)) ?? [])).toEqual([]);
    }),
  );

  holds(
    "environments: a price in steps of a hundredth of a cent is taken",
    fc.property(fc.integer({ min: 1, max: 10_000_000 }), (units) => {
      const usdPerHour = Number((units / 10_000).toFixed(4));
      expect(refusal(() => load(demo({ otherInstanceTypes: [{ ...C6IN, usdPerHour }] })))).toBeUndefined();
    }),
  );
});

holds(
  "messages: a value is shown on one line that steers no terminal",
  fc.property(hostile, hostileText, (value, name) => {
    for (const text of [show(value), `name ${showName(name)}`]) {
      expect(text.length).toBeLessThanOrEqual(85);
      expect(unclear(text)).toBeUndefined();
    }
  }),
);
