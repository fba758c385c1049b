import fc from "fast-check";
import { expect, test } from "vitest";
import { type EnvironmentInput, environmentShape } from "../../environment/environment";
import { loadEnvironments } from "../../environment/load";
import { show, showName } from "../../util/invalid-input";
import { environments } from "../helpers/example-environments";
import { DEMO, demo } from "../helpers/input";
import { hostile, hostileText } from "./arbitraries/hostile";
import { type Mutation, spoilt, withUnknownKey } from "./arbitraries/mutations";
import { check, refusal, unclear } from "./check";

const load = (input: unknown) => loadEnvironments([input as EnvironmentInput]);
const valid = fc.constantFrom(DEMO, ...environments);
const C6IN = { name: "c6in.4xlarge", vcpu: 16, memoryGib: 32, maxPods: 234, usdPerHour: 0.9072 };

test("one wrong prop is named, or the environment is valid", () =>
  check(
    300,
    fc.property(valid.chain(spoilt), ({ value, path }: Mutation) => {
      const problems = refusal(() => load(value));
      if (problems === undefined) return;
      expect(unclear(problems)).toEqual([]);
      for (const problem of problems) {
        const prop = /^.*?: (\S+) /s.exec(problem)?.[1] ?? "";
        expect(Object.keys(environmentShape)).toContain(prop.split(/[.[]/)[0]);
      }
      // Another account or set of configurations can make other props wrong.
      if (path[0] === "configurations" || path[0] === "accountId") return;
      expect(problems.join("\n")).toContain(String(path[0]));
    }),
    [
      [
        {
          value: demo({ otherInstanceTypes: [{ ...C6IN, name: `c5${"g".repeat(1_000_000)}` }] }),
          path: ["otherInstanceTypes"],
        },
      ],
    ],
  ));

test("an unknown prop is named", () =>
  check(
    100,
    fc.property(valid.chain(withUnknownKey), ({ value, path }) => {
      fc.pre(path[0] !== "tags");
      const problems = refusal(() => load(value)) ?? [];
      expect(unclear(problems)).toEqual([]);
      const written = path.reduce<string>(
        (text, key) =>
          typeof key === "number" ? `${text}[${key}]` : `${text}${text && "."}${showName(key)}`,
        "",
      );
      expect(problems).toContainEqual(expect.stringContaining(written.slice(0, 70)));
    }),
  ));

test("anything at all is loaded or refused in words", () =>
  check(
    150,
    fc.property(hostile, fc.boolean(), (value, whole) => {
      const input = whole ? value : { ...DEMO, runners: value, clusterAdmins: value };
      expect(unclear(refusal(() => load(input)) ?? [])).toEqual([]);
    }),
  ));

test("a message shows any value on one line that steers no terminal", () =>
  check(
    150,
    fc.property(hostile, hostileText, (value, name) => {
      for (const text of [show(value), `name ${showName(name)}`]) {
        expect(text.length).toBeLessThanOrEqual(85);
        expect(unclear([text])).toEqual([]);
      }
    }),
  ));
