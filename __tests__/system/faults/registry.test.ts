import { expect, test } from "vitest";
import { BenchPlace, SMALL } from "./bench";
import { FaultyRegistry, type RegistryFault } from "./faulty-registry";
import { type Cleanup, processesWith, until } from "./processes";

/** What the first timed build sends; the untimed one before has a repository of its own. */
const PUSH = { method: "PUT", path: /^\/v2\/bench\/cold-fast-1\/blobs\/uploads\// } as const;

async function benchAgainst(context: Cleanup, faults: readonly RegistryFault[]) {
  const place = new BenchPlace(context, 0);
  const registry = await FaultyRegistry.start(context, faults);
  const { code, stderr } = await place.start([...SMALL, "--rounds", "1", "--registry", registry.host]).ended;
  for (const times of registry.struck) expect(times, "the fault struck").toBeGreaterThan(0);
  place.expectNothingLeft();
  const [record, ...others] = place.records();
  expect(others).toEqual([]);
  return { code, stderr, record };
}

test.for<[string, RegistryFault, RegExp]>([
  ["closes", { ...PUSH, times: 1, act: "close" }, /BuildKit waited and tried again once/],
  ["is down", { ...PUSH, times: 1_000, act: 500 }, /failed to push .*500 Internal Server Error/s],
])("a push whose registry %s gets no time", async ([, fault, detail], context) => {
  const { code, stderr, record } = await benchAgainst(context, [fault]);
  expect(code, stderr).toBe(1);
  expect(record).toMatchObject({ outcome: "failure", detail: expect.stringMatching(detail) });
  expect(record).not.toHaveProperty("seconds");
});

test("a build counts when the registry fails only while its image is read", async (context) => {
  const { code, stderr, record } = await benchAgainst(context, [
    { method: "GET", path: /^\/v2\/bench\/cold-fast-1\/manifests\//, times: 1, act: 500 },
    { method: "GET", path: /^\/v2\/bench\/cold-fast-1\/blobs\//, times: 1, act: "close" },
    { method: "PUT", path: /^\/v2\/bench\/limit-1\//, times: 1, act: 503 },
  ]);
  expect(code, stderr).toBe(0);
  expect(record?.outcome).toBe("success");
});

test("a build whose builder is killed gets no time, and the next one a new builder", async (context) => {
  const place = new BenchPlace(context, 2);
  const child = place.start([...SMALL, "--rounds", "2"]);
  await child.says("round 1 of 2");
  await until("a timed build runs its step", () => processesWith(place.step)[0]);
  const buildkitd = processesWith(place.folder).find(({ command }) => /^\S*\/buildkitd /.test(command));
  process.kill(buildkitd?.pid ?? Number.NaN, "SIGKILL");
  const { code, stderr } = await child.ended;
  expect(code, stderr).toBe(1);
  expect(place.records().map(({ outcome }) => outcome)).toEqual(["failure", "success"]);
  place.expectNothingLeft();
});
