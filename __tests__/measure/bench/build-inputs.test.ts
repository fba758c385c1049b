import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeInputs, hideValues } from "../../../measure/bench/build-inputs";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "build-inputs-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const nothing = { buildArgs: [], target: undefined, secrets: [] };

test("hides the values of arguments and secrets in what a failed step printed", () => {
  const file = join(folder, "npmrc");
  writeFileSync(file, "user=me\r\n_authToken=s3cr3t\n\n");
  const inputs = {
    ...nothing,
    buildArgs: ["PASSWORD=hunter2=x", "FROM_ENV", "SHORT=3"],
    secrets: [`id=npmrc,src=${file}`, "id=token,env=TOKEN", "id=BARE", "id=typed,type=env,src=TYPED"],
  };
  const env = { FROM_ENV: "inherited", TOKEN: "abcd-efgh", BARE: "bare-value", TYPED: "typed-value" };
  const said = "3: hunter2=x inherited _authToken=s3cr3t abcd-efgh bare-value typed-value the end";
  expect(hideValues(said, inputs, env)).toBe("3: *** *** *** *** *** *** the end");
});

test("hides the longer of two values that begin alike as a whole", () => {
  const inputs = { ...nothing, buildArgs: ["A=secret", "B=secret-more"] };
  expect(hideValues("secret-more secret", inputs, {})).toBe("*** ***");
});

test("names what a build is given, without any value", () => {
  expect(describeInputs(nothing)).toBeUndefined();
  expect(
    describeInputs({ buildArgs: ["A=1", "B"], target: "prod", secrets: ["id=npmrc,src=/x", "id=t"] }),
  ).toBe("build arguments A, B; target prod; secrets npmrc, t");
});
