import { expect, test } from "vitest";
import { isSuccess } from "../../../measure/record/record";
import { BenchPlace, SMALL } from "./bench";
import { FaultyRegistry, type RegistryFault } from "./faulty-registry";
import type { Cleanup } from "./processes";
import { row } from "./table";

/** What the first timed build sends; the untimed one before has a repository of its own. */
const PUSH = { method: "PUT", path: /^\/v2\/bench\/cold-fast-1\/blobs\/uploads\// } as const;

async function benchAgainst(context: Cleanup, faults: readonly RegistryFault[], rounds = 1) {
  const place = new BenchPlace(context, 0);
  const registry = await FaultyRegistry.start(context, faults);
  const { code, stderr } = await place.start([
    ...SMALL,
    ...["--rounds", String(rounds), "--registry", registry.host],
  ]).ended;
  for (const times of registry.struck) expect(times, "the fault struck").toBeGreaterThan(0);
  place.expectNothingLeft();
  const records = place.records();
  expect(records).toHaveLength(rounds);
  const [first, ...later] = records;
  // What comes after a fault is measured as ever.
  for (const { outcome } of later) expect(outcome, stderr).toBe("success");
  return { code, stderr, first };
}

async function expectNoTime(
  context: Cleanup,
  faults: readonly RegistryFault[],
  detail: RegExp,
  rounds = 1,
): Promise<void> {
  const { code, stderr, first } = await benchAgainst(context, faults, rounds);
  expect(code, stderr).toBe(1);
  expect(first).toMatchObject({ outcome: "failure", detail: expect.stringMatching(detail) });
  expect(first).not.toHaveProperty("seconds");
}

test(row("bench: registry-closes"), (context) =>
  expectNoTime(context, [{ ...PUSH, times: 1, act: "close" }], /BuildKit waited and tried again once/),
);

// A request is repeated five times at once, and four blobs may be under way; only then does BuildKit wait.
const FOR_A_WHILE = 4 * 6;

test(row("bench: registry-500"), (context) =>
  expectNoTime(context, [{ ...PUSH, times: FOR_A_WHILE, act: 500 }], /BuildKit waited and tried again/),
);

test(row("bench: registry-down"), (context) =>
  expectNoTime(
    context,
    [{ ...PUSH, times: 1_000, act: 500 }],
    /failed to push .*500 Internal Server Error/s,
    2,
  ),
);

test(row("bench: registry-429"), async (context) => {
  const { code, stderr, first } = await benchAgainst(context, [{ ...PUSH, times: 1, act: 429 }]);
  expect(code, stderr).toBe(0);
  expect(first?.outcome).toBe("success");
});

test(row("bench: registry-flaky-reads"), async (context) => {
  const { code, stderr, first } = await benchAgainst(context, [
    { method: "GET", path: /^\/v2\/bench\/cold-fast-1\/manifests\//, times: 1, act: 500 },
    { method: "GET", path: /^\/v2\/bench\/cold-fast-1\/blobs\//, times: 1, act: "close" },
    { method: "PUT", path: /^\/v2\/bench\/limit-1\//, times: 1, act: 503 },
  ]);
  expect(code, stderr).toBe(0);
  expect(first !== undefined && isSuccess(first)).toBe(true);
});
