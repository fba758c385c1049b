import { afterEach, expect, test, vi } from "vitest";
import { GithubApi } from "../../../measure/experiment/github/api";
import { matches, RUN, status } from "./fault-cases";
import { experiment, fakeGithub, resultsDirectory } from "./harness";

afterEach(() => void vi.restoreAllMocks());

test("keeps no answers of a run that is over, whatever became of it", async (context) => {
  const forgotten = vi.spyOn(GithubApi.prototype, "forget");
  const fake = await fakeGithub(context, {
    script: (dispatch) => (dispatch === 0 ? { conclusion: "failure" } : {}),
    faults: [{ when: matches("GET", RUN), skip: 4, act: status(404, "Not Found") }],
  });
  const words = ["run", "c5n", "--rounds", "2", "--configurations", "hosted-default"];
  const { code } = await experiment(fake, [...words, "--results-dir", resultsDirectory(context)]);
  expect(code).toBe(0);
  expect(forgotten.mock.calls.flat()).toEqual(fake.runs.map(({ id }) => id));
  expect(fake.dispatches).toBeGreaterThan(2);
});
