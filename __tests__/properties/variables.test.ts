import fc from "fast-check";
import { expect } from "vitest";
import type { Environment } from "../../environment/environment";
import { loadEnvironments } from "../../environment/load";
import { setVariables } from "../../pipeline/workflow/variables";
import { demo, loadOne } from "../helpers/input";
import { environments } from "./arbitraries/environments";
import { hostile } from "./arbitraries/hostile";
import { spoilt, spoiltText, withUnknownKey } from "./arbitraries/mutations";
import { refusal, unclearOf } from "./clear";
import { holds } from "./runs";

const valid = environments.filter((input) => refusal(() => loadEnvironments([input])) === undefined);
const loaded: fc.Arbitrary<Environment> = valid.map((input) => loadEnvironments([input])[0] ?? loadOne());

const outputsOf = ({ name, images, accountId, region }: Environment) => ({
  [`${name}-registry`]: {
    hosted_role_arn: `arn:aws:iam::${accountId}:role/buildx-${name}-hosted-jobs`,
    region,
    repository_urls: Object.fromEntries(
      images.repositories.map((image) => [
        image,
        `${accountId}.dkr.ecr.${region}.amazonaws.com/${name}/${image}`,
      ]),
    ),
  },
});
const json = (value: unknown) => {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "";
  }
};

/** One command with one quoted value: nothing else of a shell. */
const COMMAND = /^gh variable set BUILDX_[A-Z0-9_]+ --repo [\w.-]+\/[\w.-]+ --body '[\w.:/+=,@-]+'$/;

holds(
  "variables: outputs give commands for a shell, or are refused",
  fc.property(
    loaded.chain((environment) =>
      fc.record({
        environment: fc.constant(environment),
        outputs: fc.oneof(
          fc.constant(json(outputsOf(environment))),
          spoilt(outputsOf(environment)).map(({ value }) => json(value)),
          withUnknownKey(outputsOf(environment)).map(({ value }) => json(value)),
          spoiltText(json(outputsOf(environment))),
          hostile.map(json),
        ),
      }),
    ),
    ({ environment, outputs }) => {
      const problems = refusal(() => {
        const commands = setVariables(environment, outputs);
        expect(commands.length).toBeGreaterThan(0);
        for (const command of commands) expect(command).toMatch(COMMAND);
      });
      expect(unclearOf(problems ?? [])).toEqual([]);
      if (outputs === json(outputsOf(environment))) expect(problems).toBeUndefined();
    },
  ),
  [
    [
      {
        // Every object has a "constructor", the outputs of another environment too.
        environment: loadEnvironments([demo({ images: { repositories: ["constructor"] } })])[0] ?? loadOne(),
        outputs: '{"demo-registry":{"hosted_role_arn":"arn:aws:iam::1:role/x","repository_urls":{}}}',
      },
    ],
  ],
);
