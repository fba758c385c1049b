import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { Gap, limitWait } from "../../../measure/experiment/github/limits";

const refusal = (status: number, headers: Record<string, string>, message = "Forbidden") =>
  Object.assign(new Error(message), { status, response: { headers } });
const SERVER = Date.parse("2026-01-02T03:04:05Z");

test("reads the end of a primary limit by the server's clock, whatever the local one says", () => {
  const headers = {
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": String(SERVER / 1_000 + 40),
    date: new Date(SERVER).toUTCString(),
  };
  expect(limitWait(refusal(403, headers))).toEqual({ reason: "GitHub's rate limit is used up", seconds: 41 });
});

test.each([
  [
    "a secondary limit",
    refusal(403, { "retry-after": "30" }, "You have exceeded a secondary rate limit"),
    30,
  ],
  ["a secondary limit without a time", refusal(429, {}, "You have exceeded a secondary rate limit"), 60],
  ["a mere Retry-After", refusal(429, { "retry-after": "7" }), 7],
  ["a refusal that is no limit", refusal(403, {}), undefined],
  ["another status", refusal(503, { "retry-after": "7" }), undefined],
  ["another error", new Error("secondary rate limit"), undefined],
])("waits for %s as long as it says", (_, error, seconds) => {
  expect(limitWait(error)?.seconds).toBe(seconds);
});

test("keeps a program running that waits for its turn", () => {
  const script = `
    const { Gap } = require("./measure/experiment/github/limits");
    const gap = new Gap(200);
    gap.turn().then(() => gap.turn()).then(() => console.log("second"));
  `;
  const project = resolve(__dirname, "../../..");
  const said = execFileSync(process.execPath, ["--require", "tsx/cjs", "--eval", script], { cwd: project });
  expect(said.toString()).toBe("second\n");
});

test("lets writes begin in their order, one after the other", async () => {
  const gap = new Gap(1);
  const begun: number[] = [];
  const turns = [1, 2, 3].map(async (number) => {
    await gap.turn();
    begun.push(number);
  });
  await gap.turn();
  expect(begun).toEqual([1, 2, 3]);
  await Promise.all(turns);
});
