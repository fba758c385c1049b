import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Link } from "./link";

/**
 * When bytes leave one direction of a link: one after the other at its rate, whichever connection they belong
 * to. Milliseconds; the clock is the caller's.
 */
export class Departures {
  private free = 0;

  constructor(private readonly bytesPerSecond: number) {}

  /** The moment at which the last of `bytes`, handed over at `now`, has left. */
  next(bytes: number, now: number): number {
    this.free = Math.max(this.free, now) + (bytes / this.bytesPerSecond) * 1000;
    return this.free;
  }
}

/** The link's queue in milliseconds; limits the bytes a sender has under way. */
const QUEUE_MS = 40;

export interface Throttle {
  readonly port: number;
  /** Bytes that have passed, from the builder and to it. */
  readonly passed: { readonly up: number; readonly down: number };
  close(): Promise<void>;
}

export interface Clock {
  now(): number;
  /** Calls back after `ms`; the returned function cancels. */
  after(ms: number, call: () => void): () => void;
}

const realClock: Clock = {
  now: () => performance.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * A TCP proxy on loopback that makes the way to `target` as slow as a link: all connections share its rate,
 * each direction for itself, and every byte arrives half a round trip later. It models the bandwidth and the
 * waiting, not lost packets and not how TCP finds its speed: one connection alone may fill the link.
 */
export async function startThrottle(target: number, link: Link, clock = realClock): Promise<Throttle> {
  const passed = { up: 0, down: 0 };
  const up = new Departures(link.bytesPerSecond);
  const down = new Departures(link.bytesPerSecond);
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ host: "127.0.0.1", port: target, allowHalfOpen: true });
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.once("close", () => open.delete(socket));
      // A side that breaks off breaks the other off; both programs see that themselves.
      socket.once("error", () => {
        client.destroy();
        upstream.destroy();
      });
    }
    carry(client, upstream, up, link, clock, (bytes) => {
      passed.up += bytes;
    });
    carry(upstream, client, down, link, clock, (bytes) => {
      passed.down += bytes;
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    passed,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

/** Takes what one side sends to the other, late. The end of the stream travels as the bytes do. */
function carry(
  from: Socket,
  to: Socket,
  departures: Departures,
  link: Link,
  clock: Clock,
  count: (bytes: number) => void,
): void {
  const waiting: { readonly at: number; readonly data: Buffer | undefined }[] = [];
  let cancel: (() => void) | undefined;

  const deliver = () => {
    cancel = undefined;
    const now = clock.now();
    for (let first = waiting[0]; first !== undefined && first.at <= now; first = waiting[0]) {
      waiting.shift();
      if (first.data === undefined) to.end();
      else if (!to.destroyed) {
        count(first.data.length);
        to.write(first.data);
      }
    }
    schedule();
  };
  const schedule = () => {
    const [first] = waiting;
    const last = waiting.at(-1);
    const now = clock.now();
    if (last === undefined || last.at - link.roundTripMs / 2 - now < QUEUE_MS) from.resume();
    else from.pause();
    if (first !== undefined && cancel === undefined)
      cancel = clock.after(Math.max(0, first.at - now), deliver);
  };

  from.on("data", (data: Buffer) => {
    waiting.push({ at: departures.next(data.length, clock.now()) + link.roundTripMs / 2, data });
    schedule();
  });
  from.once("end", () => {
    waiting.push({ at: departures.next(0, clock.now()) + link.roundTripMs / 2, data: undefined });
    schedule();
  });
  from.once("close", () => {
    if (from.errored === null || from.errored === undefined) return;
    cancel?.();
    to.destroy();
  });
}
