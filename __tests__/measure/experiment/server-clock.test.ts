import { afterEach, expect, test, vi } from "vitest";
import { ServerClock } from "../../../measure/experiment/server-clock";

const HOUR_MS = 3_600_000;
afterEach(() => void vi.useRealTimers());

test.each([3, -3])("goes on from the server's time when the local clock is set by %i hours", (hours) => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const clock = new ServerClock();
  const server = Date.parse("2026-01-02T03:04:05Z");
  clock.note(server);
  vi.setSystemTime(Date.now() + hours * HOUR_MS);
  expect(clock.now() - server).toBeGreaterThanOrEqual(0);
  expect(clock.now() - server).toBeLessThan(60_000);
});
