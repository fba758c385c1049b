import { describe, expect, it } from "vitest";
import { environments } from "../../environments";
import { synthesize } from "../helpers/synth";

const { stacks } = synthesize(...environments);
const files = [...stacks.values()].map(({ name, text }) => ({ name, text }));

/** A path of this machine, and a date or time of today. */
const ABSOLUTE_PATH =
  /"(?:\/(?:home|root|tmp|usr|var|work|Users|private|opt|builds?)\b|[A-Za-z]:\\\\)|node_modules/;
const DATE = /\b20\d\d-[01]\d-[0-3]\d\b|\d\dT\d\d:\d\d/;
/** The version of IAM's policy language looks like a date, and is one. */
const withoutPolicyVersion = (text: string) => text.replaceAll("2012-10-17", "");

describe("the rendered stacks", () => {
  it("are these", () => {
    expect(files.map(({ name }) => name).sort()).toEqual([
      "account",
      ...["c5", "c5n"].flatMap((name) =>
        ["cluster", "platform", "registry", "runners"].map((s) => `${name}-${s}`),
      ),
    ]);
  });

  it.each(files)("are what was reviewed: $name", async ({ name, text }) => {
    await expect(text).toMatchFileSnapshot(`../__snapshots__/${name}.json`);
  });

  it.each(files)("hold no absolute path: $name", ({ text }) => {
    expect(text).not.toMatch(ABSOLUTE_PATH);
    expect(text).not.toContain(process.cwd());
  });

  it.each(files)("hold no date: $name", ({ text }) => {
    expect(withoutPolicyVersion(text)).not.toMatch(DATE);
  });
});

describe("the checks themselves", () => {
  it.each(['"/home/me/state"', '"/tmp/x"', '"C:\\\\state"', '"x/node_modules/y"'])(
    "find the path %s",
    (text) => {
      expect(text).toMatch(ABSOLUTE_PATH);
    },
  );

  it.each(['"../../../state/x.tfstate"', '"/aws/eks/demo/cluster"', '"/dev/xvda"'])(
    "find no path in %s",
    (text) => {
      expect(text).not.toMatch(ABSOLUTE_PATH);
    },
  );

  it("find a date, and none in the policy language's version", () => {
    expect(withoutPolicyVersion("made 2026-11-21")).toMatch(DATE);
    expect(withoutPolicyVersion('{"Version":"2012-10-17"}')).not.toMatch(DATE);
  });
});
