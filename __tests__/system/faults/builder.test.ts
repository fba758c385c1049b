import { expect, test } from "vitest";
import { BenchPlace, SMALL } from "./bench";
import { processesWith, until } from "./processes";
import { row } from "./table";

test(row("bench: builder-killed"), async (context) => {
  const place = new BenchPlace(context, 2);
  const child = place.start([...SMALL, "--rounds", "2"]);
  await child.says("round 1 of 2");
  await until("a timed build runs its step", () => processesWith(place.step)[0]);
  const buildkitd = processesWith(place.folder).find(({ command }) => /^\S*\/buildkitd /.test(command));
  process.kill(buildkitd?.pid ?? Number.NaN, "SIGKILL");
  await child.says("cold, fast: failure");
  expect(processesWith(place.step)).toEqual([]);
  expect(place.cgroups(), "what the killed builder left").not.toEqual([]);
  const { code, stderr } = await child.ended;
  expect(code, stderr).toBe(1);
  const [first, second, ...more] = place.records();
  expect(more).toEqual([]);
  expect(first).toMatchObject({ outcome: "failure", detail: expect.stringMatching(/\S/) });
  expect(second?.outcome, stderr).toBe("success");
  place.expectNothingLeft();
});
