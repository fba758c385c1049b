import { EXIT } from "./exit";

/** The first Ctrl-C (or SIGTERM) stops in order, the second one at once. */
export interface Interrupts {
  /** Whether a signal, and not an error elsewhere, caused the stop. */
  readonly interrupted: boolean;
  dispose(): void;
}

export interface SignalSource {
  on(signal: "SIGINT" | "SIGTERM", listener: () => void): unknown;
  off(signal: "SIGINT" | "SIGTERM", listener: () => void): unknown;
}

/**
 * Exiting in the middle is safe: everything that counts is on the disk before it is acted upon, and the lock
 * falls with the process.
 */
export function onInterrupt(
  source: SignalSource,
  stop: AbortController,
  tell: (message: string) => void,
  exitNow: (code: number) => void,
): Interrupts {
  let signals = 0;
  const listener = () => {
    signals++;
    if (signals > 1) {
      exitNow(EXIT.interrupted);
      return;
    }
    tell("stopping; once more to exit at once");
    stop.abort();
  };
  source.on("SIGINT", listener);
  source.on("SIGTERM", listener);
  return {
    get interrupted() {
      return signals > 0;
    },
    dispose() {
      source.off("SIGINT", listener);
      source.off("SIGTERM", listener);
    },
  };
}
