import type { AddressInfo } from "node:net";
import { connect, createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { type Clock, Departures, startThrottle, type Throttle } from "../../../measure/bench/throttle";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Time that passes only when something waits for it, and then at once: no test depends on the machine's speed. */
class Jumping implements Clock {
  elapsed = 0;
  private readonly waiting = new Set<{ at: number; call: () => void }>();

  now(): number {
    return this.elapsed;
  }

  after(ms: number, call: () => void): () => void {
    const timer = { at: this.elapsed + ms, call };
    this.waiting.add(timer);
    const immediate = setImmediate(() => {
      this.waiting.delete(timer);
      this.elapsed = Math.max(this.elapsed, timer.at);
      timer.call();
    });
    return () => clearImmediate(immediate);
  }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

/** A server that answers with all that it got, once it got all of it. */
function echo(): Promise<number> {
  return listen(
    createServer({ allowHalfOpen: true }, (socket) => {
      const parts: Buffer[] = [];
      socket.on("data", (part) => parts.push(Buffer.from(part)));
      socket.on("end", () => socket.end(Buffer.concat(parts)));
    }),
  );
}

async function throttled(bytesPerSecond: number, roundTripMs: number, clock?: Clock): Promise<Throttle> {
  const throttle = await startThrottle(await echo(), { bytesPerSecond, roundTripMs }, clock);
  closing.push(() => throttle.close());
  return throttle;
}

function exchange(port: number, sent: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    socket.on("data", (part) => parts.push(Buffer.from(part)));
    socket.on("end", () => resolve(Buffer.concat(parts)));
    socket.on("error", reject);
    socket.end(sent);
  });
}

const bytes = (length: number) => Buffer.from(Array.from({ length }, (_, index) => (index * 31) % 251));

test("lets bytes leave one after the other at the link's rate", () => {
  const departures = new Departures(1000);
  expect(departures.next(500, 0)).toBe(500);
  expect(departures.next(250, 0)).toBe(750);
  // Nothing is saved up while the link stands idle.
  expect(departures.next(100, 5000)).toBe(5100);
});

test("delivers every byte in its order, both ways, and the end of each stream", async () => {
  const throttle = await throttled(1e9, 2);
  const sent = bytes(300_000);
  expect((await exchange(throttle.port, sent)).equals(sent)).toBe(true);
  expect(throttle.passed).toEqual({ up: sent.length, down: sent.length });
});

test("takes the link's time for the bytes, and half a round trip each way", async () => {
  const clock = new Jumping();
  const throttle = await throttled(1_000_000, 30, clock);
  await exchange(throttle.port, bytes(200_000));
  // 200 ms there, 200 ms back, 15 ms each way, on the clock of the proxy.
  expect(clock.elapsed).toBeGreaterThanOrEqual(430);
});

test("shares the rate among connections", async () => {
  const clock = new Jumping();
  const throttle = await throttled(1_000_000, 0, clock);
  const sent = bytes(100_000);
  const answers = await Promise.all([1, 2, 3, 4].map(() => exchange(throttle.port, sent)));
  expect(answers.every((answer) => answer.equals(sent))).toBe(true);
  expect(clock.elapsed).toBeGreaterThanOrEqual(400);
  expect(throttle.passed).toEqual({ up: 400_000, down: 400_000 });
});

test("breaks a connection off when the other side cannot be reached", async () => {
  const gone = createServer();
  const port = await listen(gone);
  await new Promise((resolve) => gone.close(resolve));
  closing.length = 0;
  const throttle = await startThrottle(port, { bytesPerSecond: 1e6, roundTripMs: 0 });
  closing.push(() => throttle.close());
  const ended = new Promise((resolve) => {
    const socket = connect(throttle.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.on("close", () => resolve("closed"));
  });
  expect(await ended).toBe("closed");
});
